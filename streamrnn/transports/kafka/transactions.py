"""Transactions: what kafka-python's producer commits whole, or not at all."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from streamrnn.errors import StreamrnnError
from streamrnn.records import Headers
from streamrnn.transports.base import AbortedError
from streamrnn.transports.kafka.calls import LARGEST_BYTES, Calls

BATCH_BYTES = 128 * 1024
CLOSE_SECONDS = 5.0
BLOCK_SECONDS = 30.0


class Transactions:
    """The transactions of one worker, one after the other.

    Args:
        calls: Makes the calls.
        name: The transactional id; no other worker may have the same.
        timeout: Seconds until the brokers abort what is left open.
    """

    def __init__(self, calls: Calls, name: str, timeout: float) -> None:
        self._calls, self._name, self._timeout = calls, name, timeout
        self._producer: Any = None
        self._sent: list[tuple[str, Any]] = []

    def begin(self) -> None:
        """Begin one."""
        self._producer = self._producer or self._new_producer()
        self._sent.clear()
        self._calls.make("begin", AbortedError, self._producer.begin_transaction)

    def _new_producer(self) -> Any:
        """Return a producer of this worker's name; what a former one has left open is aborted."""
        producer = self._calls.connect(
            AbortedError,
            KafkaProducer,
            transactional_id=self._name,
            transaction_timeout_ms=int(1000 * self._timeout),
            max_request_size=LARGEST_BYTES,
            batch_size=BATCH_BYTES,
            max_block_ms=int(1000 * BLOCK_SECONDS),
        )
        try:
            self._calls.make("init transactions", AbortedError, producer.init_transactions)
        except AbortedError:
            _give_up(producer)
            raise
        return producer

    def send(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
    ) -> None:
        """Send a record."""
        try:
            sent = self._producer.send(topic, value, key, list(headers), partition)
        except MessageSizeTooLargeError as error:
            raise StreamrnnError(f"kafka: topic {topic}: {error}") from error
        except (ValueError, TypeError) as error:
            raise StreamrnnError(f"kafka: topic {topic}: cannot send: {error}") from error
        except (KafkaError, RuntimeError) as error:
            raise AbortedError(f"send: {type(error).__name__}: {error}") from error
        self._sent.append((topic, sent))

    def send_offsets(self, offsets: Mapping[Any, Any], membership: Any) -> None:
        """Make offsets part of it, in the name of a group's member."""
        if membership.generation_id < 0:
            # The group took this member for dead. A broker lets offsets pass that name no member.
            raise AbortedError("send offsets: the group has lost this member")
        try:
            self._calls.make(
                "send offsets",
                AbortedError,
                lambda: self._producer.send_offsets_to_transaction(offsets, membership),
            )
        except AbortedError:
            self._check_sizes()
            raise

    def _check_sizes(self) -> None:
        """Say which topic does not take its records, where that is why a transaction failed."""
        for topic, sent in self._sent:
            if sent.is_done and isinstance(sent.exception, MessageSizeTooLargeError):
                raise StreamrnnError(
                    f"kafka: topic {topic!r} does not take a record of this size; raise its "
                    "max.message.bytes"
                )

    def commit(self) -> None:
        """Commit it."""
        # kafka-python may give up a record, or abort by beginning a new epoch, and still say that
        # it committed: all must be accepted before.
        self._calls.make("flush", AbortedError, lambda: self._producer.flush(self._timeout))
        if not all(sent.succeeded() for _, sent in self._sent):
            self._check_sizes()
            raise AbortedError("commit: not all records were accepted")
        self._calls.make("commit", AbortedError, self._producer.commit_transaction)
        requests = self._producer._transaction_manager
        if requests._pending_requests or requests.has_in_flight_transactional_request():
            # After a lost connection kafka-python may hold the same request twice, and would end
            # the next transaction with it.
            self._drop_producer()

    def abort(self) -> None:
        """Abort by a new producer of the same name.

        It ends the open transaction, and fences all that the former has still under way: records
        that reach the broker late, and offsets that kafka-python would commit with its next
        transaction.
        """
        self._drop_producer()
        with suppress(AbortedError):
            self._producer = self._new_producer()

    def _drop_producer(self) -> None:
        if self._producer is not None:
            _give_up(self._producer)
        self._producer = None

    def close(self) -> None:
        """Let go of the producer."""
        if self._producer is not None:
            with suppress(KafkaError):
                self._producer.close(timeout=CLOSE_SECONDS)


def _give_up(producer: Any) -> None:
    """Let go of a producer, and of what it has under way."""
    # Closing waits for what is under way; there is no public way to give it up.
    producer._sender.force_close()
    with suppress(KafkaError):
        producer.close(timeout=0)
