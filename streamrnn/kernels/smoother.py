"""A seasonal smoother: the airline model of Box and Jenkins (1970), ARIMA(0,1,1)(0,1,1).

With the error e of each step, its forecast of the next is
``z[t+1] = z[t] + z[t+1-s] - z[t-s] - a e[t] - b e[t+1-s] + a b e[t-s]``. With the sums
``S[t] = z[t] - b e[t] - b (1 - a) (e[t-1] + e[t-2] + ...)`` all forecasts of a season have one
form, ``z[t+h] = z[t] - a e[t] + S[t+h-s] - S[t-s]``.

As long as the values of a stream are positive they are seen as logarithms: a season that grows with
its level is then steady. A single one that is not is passed over.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.scaling import update_size

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

LARGEST_ERROR, FIRST_ERRORS = 8.0, 20
"""A value that lies beyond so many times the running size of the errors is passed over as a spike;
if the next one does so too, all begins anew from there. The first errors tell no size yet."""
ERROR_RATE = 0.01

# What is kept of a stream beside its season.
LOGARITHMIC, EXPECTED, ERROR_COUNT, ERROR_SIZE, LENGTH, PAST_ERRORS, SPIKES, BELOW = range(8)
STATE = 8


@kernel
def begin(state: Numbers, season: Numbers, length: int, logarithmic: bool) -> None:
    """Begin anew, with a season of some length."""
    state[:] = 0
    season[:] = math.nan
    state[LOGARITHMIC], state[EXPECTED], state[LENGTH] = logarithmic, math.nan, length


@kernel
def smooth(
    which: int,
    short: float,
    long: float,
    states: Numbers,
    sums: Numbers,
    rows: Counters,
    values: Numbers,
    lengths: Counters,
    places: Counters,
    opinions: Numbers,
) -> None:
    """Work through events in order: take in the value of each, then forecast.

    Args:
        which: The season.
        short: a: how little the level follows an error, from 0 to 1.
        long: b: how little the season does.
        states: As above, ``(rows, STATE)``.
        sums: S at each place of the season, ``(rows, longest)``; NaN where there is none yet.
        rows: The stream of each event, ``(E,)``.
        values: Its value, ``(E,)``; NaN where it is not known: it is then taken as expected.
        lengths: The length of each season, 0 for none, ``(E, S)``.
        places: The event's place in it, ``(E, S)``.
        opinions: Filled with the forecasts, ``(E, H)``; NaN where there are none.
    """
    horizon = opinions.shape[1]
    for e in range(rows.size):
        state, season = states[rows[e]], sums[rows[e]]
        length, place, value = lengths[e, which], places[e, which], values[e]
        for j in range(horizon):
            opinions[e, j] = math.nan
        if length == 0:
            continue
        if state[LENGTH] != length:
            begin(state, season, length, True)
        below = value <= 0 and state[LOGARITHMIC] > 0
        if below and state[BELOW] > 0:
            begin(state, season, length, False)
            below = False
        if below or math.isnan(value):
            state[BELOW] += below
            number = state[EXPECTED]
        else:
            number = math.log(value) if state[LOGARITHMIC] else value
        if math.isnan(number):
            continue
        error = number - state[EXPECTED]
        limit = LARGEST_ERROR * state[ERROR_SIZE]
        if below:
            error = 0.0
        elif math.isnan(error) or abs(error) <= limit or state[ERROR_COUNT] < FIRST_ERRORS:
            state[SPIKES] = 0
        elif state[SPIKES] == 0:
            state[SPIKES] = 1
            number, error = state[EXPECTED], 0.0
        else:
            begin(state, season, length, state[LOGARITHMIC] > 0)
            error = 0.0
        before = season[place]
        if not math.isnan(error):
            update_size(abs(error), abs(error), ERROR_RATE, state[ERROR_COUNT:])
        else:
            error = 0.0
        season[place] = number - long * error - state[PAST_ERRORS]
        state[PAST_ERRORS] += long * (1 - short) * error
        state[EXPECTED] = math.nan
        if math.isnan(before):
            continue
        start = number - short * error - before
        state[EXPECTED] = start + season[(place + 1) % length]
        growth = start + season[place] - number + short * long * error
        for j in range(horizon):
            forecast = start + season[(place + 1 + j) % length] + j // length * growth
            opinions[e, j] = math.exp(forecast) if state[LOGARITHMIC] else forecast
