"""What a processor may be doing is a table, and nothing else can happen."""

import itertools

import pytest

from streamrnn.states import TRANSITIONS, Event, State, after


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_what_is_not_in_the_table_is_an_error(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert after(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(RuntimeError, match=f"{state.value} cannot take: {event.value}"):
            after(state, event)


def test_what_is_closed_stays_closed_and_all_else_can_be_closed() -> None:
    closed = {State.CLOSED_CLEANLY, State.CLOSED_DIRTY}
    assert not {state for state, _ in TRANSITIONS} & closed
    assert {s for s, event in TRANSITIONS if event is Event.REVOKED} == set(State) - closed
