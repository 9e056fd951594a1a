"""Topics: the commit protocol, exactly once through crashes, aborts and rebalances.

All answers, the offsets of their records and, every so often, what changed in the model are one
transaction. To restore, the committed offset is asked for first, then the changelog is read: what
lies between its snapshot and the committed offset has been answered, and is only learned again.

The offset is committed twice, to the group and to the changelog, and the larger one counts. A
broker that was killed and comes back may tell a group's offset of a minute ago, and some days
after the last worker has left it forgets it; a transaction that was left open hides the end of the
changelog for a while.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from streamrnn.checkpoints.changelog import COMMITTED, Changelog
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.errors import SnapshotError
from streamrnn.records import DeadLetter, Headers
from streamrnn.transports.base import (
    AbortedError,
    Outcome,
    Poll,
    Restored,
    Status,
)
from streamrnn.transports.client import Client, OutOfRangeError

log = logging.getLogger(__name__)


class TopicTransport:
    """Partitions of an input topic; answers and snapshots go to the same partitions of others.

    Args:
        client: Reads and writes the topics.
        input_topic: The name of the input, for dead letters.
        commit_interval: Seconds from one poll to the next while there is no backlog.
        on_lost_input: Whether to ``stop`` or to ``skip`` what is lost, where records are no longer
            in the input that the model has not learned.
        patience: Seconds to wait for a changelog that is not whole.
    """

    incremental = True
    ended = False
    progress = None

    def __init__(
        self,
        client: Client,
        input_topic: str,
        *,
        commit_interval: float = 0.02,
        on_lost_input: Literal["stop", "skip"] = "stop",
        patience: float = 30.0,
    ) -> None:
        self._client, self._input_topic = client, input_topic
        self._commit_interval, self._on_lost_input = commit_interval, on_lost_input
        self._patience = patience
        self._changelogs: dict[int, Changelog] = {}
        self._next_poll = 0.0

    @property
    def status(self) -> Status:
        return self._client.status

    def poll(self, timeout: float, most: int) -> Poll:
        time.sleep(max(0.0, self._next_poll - time.monotonic()))
        started = time.monotonic()
        try:
            poll = self._client.poll(timeout, most)
        except OutOfRangeError as error:
            # Restoring it finds out what is lost, and does what is to be done then.
            log.warning("%s", error)
            return Poll(revoked=[error.partition], assigned=[error.partition])
        backlog = sum(len(batch.records) for batch in poll.batches) >= most
        self._next_poll = started + (0.0 if backlog else self._commit_interval)
        return poll

    def restore(self, partition: int) -> Restored:
        # Only once this is known can the changelog not miss a snapshot that it reflects.
        committed = self._client.committed(partition)
        restored = self._place(partition, *self._read_changelog(partition, committed))
        self._client.read_from(partition, restored.offset)
        return restored

    def _read_changelog(self, partition: int, committed: int | None) -> tuple[Snapshot | None, int]:
        """Return the newest snapshot, and the offset before which all records are answered.

        A transaction of a former owner that is still open hides what was committed after it began,
        perhaps from the middle of a snapshot on: the digests tell, and time helps.
        """
        until = time.monotonic() + self._patience
        while True:
            changelog = self._changelogs[partition] = Changelog()
            records = self._client.read_changelog(partition)
            offsets = [o for o in (committed, changelog.committed(records)) if o is not None]
            try:
                snapshot = changelog.read(records)
            except SnapshotError as error:
                if time.monotonic() > until:
                    raise SnapshotError(
                        f"partition {partition}: the snapshot in the changelog cannot be used: "
                        f"{error}; start over with: streamrnn reset CONFIG"
                    ) from error
                time.sleep(self._patience / 30)
                continue
            if snapshot:
                return snapshot, max(snapshot.offset, *offsets)
            if not offsets:
                return None, 0
            raise SnapshotError(
                f"partition {partition}: records before offset {max(offsets)} are answered, but "
                "the changelog has no snapshot: its topic was removed; start over with: "
                "streamrnn reset CONFIG"
            )

    def _place(self, partition: int, snapshot: Snapshot | None, committed: int) -> Restored:
        """Return where to go on, if the input has all that is to be read.

        Raises:
            SnapshotError: It has not, and the policy is to stop.
        """
        first, end = self._client.range_of(partition)
        if snapshot is None:
            return Restored(None, first, first)
        if committed > end:
            raise SnapshotError(
                f"partition {partition}: the committed offset is {committed}, but the "
                f"input ends at {end}: it was made anew; start over with: streamrnn reset CONFIG"
            )
        if snapshot.offset >= first:
            return Restored(snapshot, snapshot.offset, committed)
        lost = (
            f"partition {partition}: the records from offset {snapshot.offset} to {first - 1} are "
            f"no longer in topic {self._input_topic!r}, and the model has not learned them "
            f"({max(0, first - committed)} of them have no answer)"
        )
        if self._on_lost_input == "stop":
            raise SnapshotError(
                f"{lost}; to go on without them set kafka.on_lost_input = 'skip', to keep them "
                "longer raise the topic's retention or lower snapshots.every"
            )
        log.warning("%s; skipped", lost)
        return Restored(snapshot, first, max(first, committed))

    def commit(self, outcomes: Sequence[Outcome]) -> None:
        try:
            self._client.begin()
            for outcome in outcomes:
                self._send(outcome)
            self._client.send_offsets({outcome.partition: outcome.stop for outcome in outcomes})
            self._client.commit()
        except AbortedError:
            self._client.abort()
            raise

    def _send(self, outcome: Outcome) -> None:
        send, partition = self._client.send, outcome.partition
        for answer in outcome.answers:
            if isinstance(answer, DeadLetter):
                record = answer.record
                # A header without a value can be read, and not be sent.
                headers = tuple((name, value or b"") for name, value in record.headers)
                headers += self._why(answer)
                value = b"" if record.key is record.value is None else record.value
                send("dead_letters", partition, record.key, value, headers)
            else:
                send("output", partition, answer.key, answer.value)
        send("changelog", partition, COMMITTED, b"%d" % outcome.stop)
        if outcome.snapshot:
            for key, value in self._changelogs[partition].write(outcome.snapshot):
                send("changelog", partition, key, value)

    def _why(self, letter: DeadLetter) -> Headers:
        """Return the headers that say where a dead letter comes from and what was wrong."""
        facts: Mapping[str, object] = {
            "topic": self._input_topic,
            "partition": letter.record.partition,
            "offset": letter.record.offset,
            "error": letter.reason,
            "message": letter.message,
        }
        return tuple((f"streamrnn.{name}", str(fact).encode()) for name, fact in facts.items())

    def close(self) -> None:
        self._client.close()
