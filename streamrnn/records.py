"""What flows: a record comes in, and one answer to it goes out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes at one place of a partition.

    Attributes:
        partition: The partition's number; a file is partition 0.
        offset: The record's place in its partition, from 0.
        key: The record's own key, where the transport has one.
        value: The bytes, without a line's end.
    """

    partition: int
    offset: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be answered by a prediction, with the reason.

    Attributes:
        record: The record as it came.
        reason: The short word of `RecordError.reason`.
        message: What was wrong, what was expected, what came.
    """

    record: Record
    reason: str
    message: str
