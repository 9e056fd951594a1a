"""What a processor may be doing, and how it comes from one to the other."""

from enum import Enum


class State(Enum):
    """What a processor is doing."""

    CREATED = "created"
    RESTORING = "restoring"
    RUNNING = "running"
    SUSPENDED = "suspended"
    CLOSED_CLEANLY = "closed cleanly"
    CLOSED_DIRTY = "closed dirty"


class Event(Enum):
    """What happens to a processor."""

    ASSIGNED = "its partition was assigned"
    CAUGHT_UP = "all that was committed is learned"
    ABORTED = "its commit did not take place"
    CLOSED = "a last snapshot holds all that was committed"
    REVOKED = "its partition went away"


TRANSITIONS = {
    (State.CREATED, Event.ASSIGNED): State.RESTORING,
    (State.CREATED, Event.REVOKED): State.CLOSED_DIRTY,
    (State.RESTORING, Event.CAUGHT_UP): State.RUNNING,
    (State.RESTORING, Event.ABORTED): State.SUSPENDED,
    (State.RESTORING, Event.REVOKED): State.CLOSED_DIRTY,
    (State.RUNNING, Event.ABORTED): State.SUSPENDED,
    (State.RUNNING, Event.CLOSED): State.CLOSED_CLEANLY,
    (State.RUNNING, Event.REVOKED): State.CLOSED_DIRTY,
    (State.SUSPENDED, Event.ASSIGNED): State.RESTORING,
    (State.SUSPENDED, Event.REVOKED): State.CLOSED_DIRTY,
}


def after(state: State, event: Event) -> State:
    """Return the state that follows.

    Raises:
        RuntimeError: This event cannot happen in this state.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise RuntimeError(f"a processor that is {state.value} cannot take: {event.value}")
    return following
