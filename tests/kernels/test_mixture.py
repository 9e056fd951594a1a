"""The mixture against lists that keep everything."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import mixture
from streamrnn.learner.mixture import doubling_places

Array = NDArray[np.float64]


def mix(values: Array, opinions: Array, bounds: Array, *, learning: bool = True) -> list[Array]:
    """Mix the opinions ``(K, E, H)`` on one stream; return the mixture, shares and errors."""
    experts, events, horizon = opinions.shape
    places = np.array(doubling_places(horizon), np.int64)
    mixed, shares = np.empty((events, horizon)), np.empty((events, experts, 2))
    error = np.empty(events)
    mixture.mix(
        places,
        np.zeros((1, len(places))),
        np.zeros((1, len(places), experts, mixture.JUDGED)),
        np.zeros((1, int(places.sum()), experts + 1)),
        np.zeros(1, np.int64),
        np.zeros((1, horizon)),
        np.zeros((len(places) + 2, experts)),
        np.zeros(events, np.int64),
        values,
        bounds,
        opinions,
        mixed,
        shares,
        error,
        learning,
    )
    return [mixed, shares, error]


def weights_of(
    place: int, pairs: list[tuple[float, float, list[float]]], before: list[float]
) -> list[float]:
    """Return the weights of a place, from all that was judged there and the place before it.

    Each pair holds a value, what was mixed for it, and the opinions.
    """
    experts = len(before)
    own, merits = [], []
    for k in range(experts):
        regret = squares = error = others = 0.0
        for value, mixed, opinions in pairs:
            if not math.isnan(opinions[k]):
                one = math.copysign(1, mixed - value) * (mixed - opinions[k])
                one = one if mixed != value else -(mixed - opinions[k])
                regret = mixture.FORGETTING * regret + one
                squares = mixture.FORGETTING * squares + one * one
                error = mixture.FORGETTING * error + abs(value - opinions[k])
                others = mixture.FORGETTING * others + abs(value - mixed)
        own.append(regret / squares if regret > 0 else 0.0)
        ratio = others / error if error else mixture.LARGEST_RATIO if others else 1.0
        merits.append(min(max(ratio, 1 / mixture.LARGEST_RATIO), mixture.LARGEST_RATIO) ** 8)
    total = sum(own)
    share = 1 / place if total else 0.0
    trust = len(pairs) / (len(pairs) + mixture.FIRST_TRUST) if total or place > 1 else 0.0
    weights = [
        share * (own[k] / total if total else 0.0) + (1 - share) * merits[k] / sum(merits)
        for k in range(experts)
    ]
    return [trust * weights[k] + (1 - trust) * before[k] for k in range(experts)]


def blended(opinions: list[float], weights: list[float], low: float, high: float) -> float:
    """Return the weighted mean of what is said."""
    said = [(min(max(o, low), high), w) for o, w in zip(opinions, weights, strict=True) if o == o]
    total = sum(w for _, w in said)
    if not said:
        return math.nan
    if not total:
        return sum(o for o, _ in said) / len(said)
    return sum(o * w for o, w in said) / total


def by_hand(values: Array, opinions: Array, bounds: Array) -> tuple[Array, Array]:
    """Return the mixture and the shares, event after event."""
    experts, events, horizon = opinions.shape
    places, made = doubling_places(horizon), np.full((events, horizon), math.nan)
    shares = np.empty((events, experts, 2))
    judged: list[list[tuple[float, float, list[float]]]] = [[] for _ in places]
    for t in range(events):
        at, before = [], [1 / experts] * experts
        for a, ahead in enumerate(places):
            origin = t - ahead
            if (
                origin >= 0
                and values[t] == values[t]
                and made[origin, ahead - 1] == made[origin, ahead - 1]
            ):
                low, high = bounds[origin]
                said = [
                    o if o != o else min(max(o, low), high)
                    for o in opinions[:, origin, ahead - 1].tolist()
                ]
                judged[a].append((float(values[t]), float(made[origin, ahead - 1]), said))
            before = weights_of(ahead, judged[a], before)
            at.append(before)
        for h in range(1, horizon + 1):
            upper = next(a for a, ahead in enumerate(places) if ahead >= h)
            weights = at[upper]
            if places[upper] > h:
                part = (places[upper] - h) / (places[upper] - places[upper - 1])
                weights = [
                    part * low + (1 - part) * high
                    for low, high in zip(at[upper - 1], weights, strict=True)
                ]
            made[t, h - 1] = blended(opinions[:, t, h - 1].tolist(), weights, *bounds[t])
        shares[t] = np.array([at[0], at[-1]]).T
    return made, shares


@pytest.mark.parametrize("horizon", [1, 2, 5, 6])
def test_weights_and_forecasts_are_those_by_hand(horizon: int) -> None:
    generator, events = np.random.default_rng(horizon), 80
    values = generator.normal(size=events)
    values[generator.random(events) < 0.1] = math.nan
    opinions = generator.normal(size=(4, events, horizon)) * np.array([0.2, 1, 2, 3]).reshape(
        4, 1, 1
    )
    opinions[1, :15] = math.nan
    silent = generator.random((events, horizon)) < 0.02
    # What comes before the first forecast is passed over.
    silent[0] = False
    opinions[:, silent] = math.nan
    bounds = np.tile([-2.5, 3.0], (events, 1))
    mixed, shares, error = mix(values, opinions, bounds)
    expected, expected_shares = by_hand(values, opinions, bounds)
    np.testing.assert_allclose(mixed, expected, rtol=1e-9)
    np.testing.assert_allclose(shares, expected_shares, rtol=1e-9)
    np.testing.assert_allclose(error[1:], np.abs(values[1:] - mixed[:-1, 0]))


def test_the_best_expert_is_followed_at_each_step_by_itself() -> None:
    generator, events = np.random.default_rng(9), 3000
    values = generator.normal(size=events).cumsum()
    ahead = np.stack([np.roll(values, -h) for h in (1, 2, 3, 4)], axis=1)
    noise = generator.normal(size=(2, events, 4))
    # The first expert is right about the first step, the second one about the last.
    noise[0, :, 0] *= 0.1
    noise[1, :, 3] *= 0.1
    bounds = np.tile([-1e9, 1e9], (events, 1))
    _, shares, _ = mix(values, ahead + noise, bounds)
    assert (shares[-500:, 0, 0] > 0.8).all()
    assert (shares[-500:, 1, 1] > 0.8).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_without_learning_all_weigh_the_same() -> None:
    generator = np.random.default_rng(9)
    opinions, bounds = generator.normal(size=(3, 50, 2)), np.tile([-9.0, 9.0], (50, 1))
    mixed, shares, _ = mix(generator.normal(size=50), opinions, bounds, learning=False)
    np.testing.assert_allclose(shares, 1 / 3)
    np.testing.assert_allclose(mixed, opinions.mean(axis=0))


def test_experts_that_err_to_both_sides_alike_leave_numbers() -> None:
    values, bounds = np.zeros(60), np.tile([-1e9, 1e9], (60, 1))
    opinions = np.empty((2, 60, 4))
    opinions[0], opinions[1] = 1e6, -1e6
    opinions[0, 30:] += 1e-40 + 1e-9
    for made in mix(values, opinions, bounds)[:2]:
        assert np.isfinite(made).all()


def test_one_that_never_errs_is_followed_far_ahead() -> None:
    generator = np.random.default_rng(4)
    values, bounds = generator.normal(size=200), np.tile([-9.0, 9.0], (200, 1))
    opinions = generator.normal(size=(3, 200, 8))
    for ahead in range(1, 9):
        opinions[1, :-ahead, ahead - 1] = values[ahead:]
    _, shares, _ = mix(values, opinions, bounds)
    assert shares[-1, 1, 1] > 0.9
