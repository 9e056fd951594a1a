"""What a stream's present looks like from its past: traits, profiles to come, a baseline.

See `streamrnn.kernels.history` for what is kept, and in which views and units all is told.
"""

import math

from streamrnn.kernels.baseline import SIZE, known_step, share
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.history import (
    FIRST_SEASON,
    HIGH,
    LAGS,
    LARGEST,
    LEVEL_RATES,
    LOW,
    PLACE,
    RAW,
    SEASON_TRAITS,
    STEPS,
    VIEWS,
    WAVES,
    Counters,
    Memory,
    Numbers,
    cut,
    deviations,
    longest_season,
    look_at_baseline,
    look_for_seasons,
    mean_change,
    take_value,
)
from streamrnn.kernels.scaling import divisor


@kernel
def describe(
    row: int, which: int, memory: Memory, deviation: Numbers, ahead: Counters, traits: Numbers
) -> None:
    """Fill the traits ``(F,)`` of a stream's present in a view, in units; 0 for what is not known.

    They are a one, the changes since each of the LAGS values before, how far the levels lie above
    the value, and for each season the deviation from its profile, the profile's steps to those
    ``ahead (STEPS,)``, and sine and cosine of WAVES harmonics.
    """
    recent, unit = memory.recent[row, which], mean_change(memory.units[row, which])
    number = recent[LAGS]
    traits[0] = 1
    for k in range(LAGS):
        traits[1 + k] = cut((number - recent[LAGS - 1 - k]) / unit, LARGEST)
    for k in range(len(LEVEL_RATES)):
        level = memory.levels[row, which, k]
        traits[1 + LAGS + k] = cut((level - number) / unit, LARGEST)
    at = FIRST_SEASON
    for s in range(memory.seasons.shape[1]):
        length, place = memory.seasons[row, s], memory.places[row, s, PLACE]
        profile = memory.profiles[row, which, s]
        for k in range(SEASON_TRAITS):
            traits[at + k] = 0
        if length > 0:
            if not math.isnan(deviation[which, s]):
                traits[at] = cut(deviation[which, s] / unit, LARGEST)
            for k in range(STEPS):
                step = profile[(place + ahead[k]) % length] - profile[place]
                if not math.isnan(step):
                    traits[at + 1 + k] = cut(step / unit, LARGEST)
            for k in range(WAVES):
                angle = 2 * math.pi * (k + 1) * place / length
                traits[at + 1 + STEPS + 2 * k] = math.sin(angle)
                traits[at + 2 + STEPS + 2 * k] = math.cos(angle)
        at += SEASON_TRAITS


@kernel
def look_back(
    known: Counters,
    recent: Numbers,
    levels: Numbers,
    units: Numbers,
    ends: Numbers,
    seasons: Counters,
    places: Counters,
    profiles: Numbers,
    newest_values: Numbers,
    steps: Counters,
    baselines: Numbers,
    proposed: Counters,
    next_look: Counters,
    ahead: Counters,
    deviation: Numbers,
    room: Numbers,
    correlations: Numbers,
    natural: Counters,
    rows: Counters,
    values: Numbers,
    intervals: Numbers,
    last: Numbers,
    unit: Numbers,
    bounds: Numbers,
    traits: Numbers,
    departure: Numbers,
    outlook: Numbers,
    seasonal: Numbers,
    lengths: Counters,
    positions: Counters,
    surprise: Numbers,
    baseline: Numbers,
    scale: Numbers,
    changed: Numbers,
    change: Numbers,
) -> None:
    """Work through events in order: take in the value of each, and tell what its past says.

    Args:
        known: As in `Memory`, and so are those up to ``next_look``.
        recent: The same.
        levels: The same.
        units: The same.
        ends: The same: ``range``.
        seasons: The same.
        places: The same.
        profiles: The same.
        newest_values: The same: ``values``.
        steps: The same.
        baselines: The same.
        proposed: The same.
        next_look: The same.
        ahead: The steps whose place in the profiles is told, ``(STEPS,)``.
        deviation: Room, ``(V, S)``.
        room: The same, ``(2, N)``; empty where seasons are not looked for.
        correlations: The same, for two more than the longest season that is looked for.
        natural: The same, ``(4,)``.
        rows: The stream of each event, ``(E,)``.
        values: Its value, ``(E,)``; NaN where it is not known.
        intervals: How long a step takes, in seconds, ``(E,)``; the same.
        last: Filled with the last known value in each view, ``(E, V)``; NaN before there is any.
        unit: Filled with the mean size of a change, ``(E, V)``.
        bounds: Filled with the range beyond which no forecast is to go, ``(E, 2)``.
        traits: Filled, see `describe`, ``(E, V, F)``.
        departure: Filled with the value less what the profile of the longest season foretold, in
            each view, ``(E, V)``; NaN where there is no profile.
        outlook: Filled with that profile at the next steps, ``(E, V, H)``; the same.
        seasonal: Filled with the values a season before the next steps, ``(E, S, H)``; the same.
        lengths: Filled with the length of each season, ``(E, S)``.
        positions: Filled with the event's place in it, ``(E, S)``.
        surprise: Filled with how far the value lay from what the baseline expected of it 1 to H
            steps before, ``(E, H)``; NaN where it expected nothing.
        baseline: Filled with what it expects of the next steps, ``(E, H)``.
        scale: Filled with the mean size of its errors, ``(E, H)``.
        changed: Filled with how far the value lies from the last known one, ``(E,)``; NaN where one
            of the two is not known.
        change: Filled with the mean size of such changes before, the same.
    """
    memory = Memory(
        known,
        recent,
        levels,
        units,
        ends,
        seasons,
        places,
        profiles,
        newest_values,
        steps,
        baselines,
        proposed,
        next_look,
    )
    horizon, most = outlook.shape[2], newest_values.shape[1]
    for e in range(rows.size):
        row, value = rows[e], values[e]
        changed[e] = change[e] = math.nan
        lengths[e] = 0
        if known[row] > 0 and not math.isnan(value):
            changed[e] = abs(value - recent[row, RAW, LAGS])
            change[e] = mean_change(units[row, RAW])
        if known[row] == 0 and math.isnan(value):
            last[e] = math.nan
            bounds[e] = math.nan
            departure[e] = math.nan
            seasonal[e] = math.nan
            surprise[e] = math.nan
            baseline[e] = math.nan
            continue
        look_at_baseline(value, row, memory, surprise[e])
        take_value(value, row, memory)
        deviations(value, row, memory, deviation)
        reach = 0.5 * (ends[row, HIGH] - ends[row, LOW]) + LARGEST * mean_change(units[row, RAW])
        here = recent[row, RAW, LAGS]
        bounds[e, LOW] = min(ends[row, LOW], here) - reach
        bounds[e, HIGH] = max(ends[row, HIGH], here) + reach
        longest = longest_season(seasons[row])
        for s in range(seasons.shape[1]):
            lengths[e, s], positions[e, s] = seasons[row, s], places[row, s, PLACE]
            for j in range(horizon):
                seasonal[e, s, j] = math.nan
                if seasons[row, s] > 0:
                    back = -(j + 1) % seasons[row, s]
                    if back < min(steps[row], most):
                        seasonal[e, s, j] = newest_values[row, (steps[row] - 1 - back) % most]
        for which in range(VIEWS):
            last[e, which] = recent[row, which, LAGS]
            unit[e, which] = mean_change(units[row, which])
            describe(row, which, memory, deviation, ahead, traits[e, which])
            departure[e, which] = deviation[which, longest] if longest >= 0 else math.nan
            for j in range(horizon):
                outlook[e, which, j] = math.nan
                if longest >= 0:
                    place = (places[row, longest, PLACE] + j + 1) % seasons[row, longest]
                    outlook[e, which, j] = profiles[row, which, longest, place]
        for j in range(horizon):
            step = 0.0
            if longest >= 0:
                start = places[row, longest, PLACE]
                stop = (start + j + 1) % seasons[row, longest]
                step = known_step(profiles[row, RAW, longest], start, stop)
            state = baselines[row, j]
            baseline[e, j], scale[e, j] = last[e, RAW] + share(state) * step, divisor(state[SIZE])
        if room.size > 0:
            look_for_seasons(row, memory, room, correlations, intervals[e], natural)
