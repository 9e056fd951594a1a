"""Files and standard streams as one partition, exactly once through any crash."""

import base64
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import msgspec

from streamrnn.checkpoints.directory import SavedFiles, SnapshotDirectory
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.records import DeadLetter
from streamrnn.transports.appended import AppendedFile
from streamrnn.transports.base import Batch, Outcome, Poll, Restored, Status
from streamrnn.transports.lines import LineReader


class FileTransport:
    """Reads lines, appends predictions and dead letters, keeps snapshots in a directory.

    It is one partition, number 0, that is assigned with the first poll.

    A snapshot knows how long the output files were: on a restart they are cut back to that, the
    input goes on from there, and what follows is written anew, the same to the byte. Standard input
    and output cannot be rewound: there each line is answered once while the process lives.

    Args:
        input_file: A path, or ``-`` for standard input.
        output_file: A path, or ``-`` for standard output.
        dead_letters_file: A path.
        snapshots: The directory's path; None keeps none.
        has_header: The input's first line names its columns.
        on_header: Called with that line, before any record is returned.
        every_line: Each line is a record as it stands; else blank ones are none.
    """

    incremental = False
    status = Status()

    def __init__(
        self,
        input_file: str,
        output_file: str,
        dead_letters_file: str,
        snapshots: str | None,
        *,
        has_header: bool,
        on_header: Callable[[bytes], None],
        every_line: bool = False,
    ) -> None:
        self._rewindable, self._assigned = input_file != "-", False
        with ExitStack() as opened:
            self._reader = LineReader(
                input_file, has_header=has_header, on_header=on_header, every_line=every_line
            )
            opened.callback(self._reader.close)
            self._snapshots = SnapshotDirectory(snapshots) if snapshots else None
            if self._snapshots:
                opened.callback(self._snapshots.close)
            self._output = AppendedFile(output_file)
            opened.callback(self._output.close)
            self._dead_letters = AppendedFile(dead_letters_file)
            opened.callback(self._dead_letters.close)
            self._opened = opened.pop_all()

    @property
    def ended(self) -> bool:
        return self._reader.ended

    @property
    def progress(self) -> tuple[int, int] | None:
        size = self._reader.size
        return None if size is None else (self._reader.position, size)

    def poll(self, timeout: float, most: int) -> Poll:
        if not self._assigned:
            self._assigned = True
            return Poll(assigned=[0])
        start = self._reader.offset
        records = self._reader.poll(timeout)
        return Poll(batches=[Batch(0, start, records, self._reader.offset)] if records else [])

    def restore(self, partition: int) -> Restored:
        found = self._snapshots.read() if self._snapshots else None
        if not found:
            return Restored(None, 0, 0)
        snapshot, files = found
        if self._rewindable:
            self._reader.go_to(files.input_position, snapshot.offset)
            self._output.cut_back(files.output_length)
            self._dead_letters.cut_back(files.dead_letters_length)
        else:
            self._reader.offset = snapshot.offset
        return Restored(snapshot, snapshot.offset, snapshot.offset)

    def commit(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            for answer in outcome.answers:
                if isinstance(answer, DeadLetter):
                    self._dead_letters.append_line(_encode(answer))
                else:
                    self._output.append_line(answer.value)
            self._keep(outcome.snapshot)

    def _keep(self, snapshot: Snapshot | None) -> None:
        durable = snapshot is not None and self._snapshots is not None
        self._dead_letters.flush(durable=durable)
        self._output.flush(durable=durable)
        if snapshot and self._snapshots:
            lengths = self._output.length, self._dead_letters.length
            self._snapshots.write(snapshot, SavedFiles(self._reader.position, *lengths))

    def close(self) -> None:
        self._opened.close()


def _encode(letter: DeadLetter) -> bytes:
    record, value = letter.record, letter.record.value or b""
    fields: dict[str, object] = {
        "partition": record.partition,
        "offset": record.offset,
        "reason": letter.reason,
        "message": letter.message,
    }
    try:
        fields["value"] = value.decode("utf-8")
    except UnicodeDecodeError:
        fields["value_base64"] = base64.b64encode(value).decode("ascii")
    return msgspec.json.encode(fields)
