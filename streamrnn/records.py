"""What flows: a record comes in, and one answer to it goes out."""

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]


class Record(Struct, frozen=True, gc=False):
    """The bytes at one place of a partition.

    Attributes:
        partition: The partition's number; a file is partition 0.
        offset: The record's place in its partition, from 0.
        key: The record's own key, where the transport has one.
        value: The bytes, without a line's end; None where a topic's record has none.
        headers: The record's own, where the transport has them.
        timestamp: When it was made, in seconds since 1970, where the transport knows it.
    """

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp: float | None = None


class Prediction(Struct, frozen=True, gc=False):
    """A prediction as it is sent.

    Attributes:
        key: The name of the stream, or the record's own key.
        value: A JSON object.
    """

    key: bytes | None
    value: bytes


class DeadLetter(Struct, frozen=True, gc=False):
    """A record that could not be answered by a prediction, with the reason.

    Attributes:
        record: The record as it came.
        reason: The short word of `RecordError.reason`.
        message: What was wrong, what was expected, what came.
    """

    record: Record
    reason: str
    message: str
