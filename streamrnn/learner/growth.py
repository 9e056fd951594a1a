"""A network of numbers that takes more inputs or gives more outputs, and forgets nothing.

New inputs come after the old ones, and so do new outputs; what was learned keeps its weights, and
the optimiser its means. The cells' weights of new inputs are drawn as at first, those of the head
begin at zero.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.learner import Learner
from streamrnn.learner.network import Network


def take_over(former: Learner, grown: Learner) -> None:
    """Give a new learner, alike but for more inputs or outputs, all that the former has learned."""
    state = former.state()
    tensors, rows = dict(state.tensors), dict(state.rows)
    old, new = former.network, grown.network
    place = rows if "models" in rows else tensors
    models = place["models"]
    grown_models = np.tile(new.model, (len(models), 1))
    for source, target in zip(models, grown_models, strict=True):
        _copy_model(old, new, source, target)
    place["models"] = grown_models
    place["scalings"] = _wider_scalings(former, grown, place["scalings"])
    rows["numbers"] = _wider_windows(former, grown, rows["numbers"])
    rows["known"] = _wider(
        rows["known"], old.steps, old.architecture.targets, new.architecture.targets
    )
    # What else a stream keeps grows with zeros behind what was there.
    for name, table in grown.state().rows.items():
        kept = rows[name]
        wider = rows[name] = np.zeros((len(kept), *table.shape[1:]), table.dtype)
        wider[tuple(slice(size) for size in kept.shape)] = kept
    grown.restore(replace(state, tensors=tensors, rows=rows))


def _copy_model(old: Network, new: Network, source: NDArray[Any], target: NDArray[Any]) -> None:
    """Copy the parameters and the two running means, which lie one behind the other."""
    before, after = old.architecture.inputs, new.architecture.inputs
    for part in range(3):
        left = source[part * old.size : (part + 1) * old.size]
        right = target[part * new.size : (part + 1) * new.size]
        pairs = zip(
            [*old.weights(left), old.head(left)],
            [*new.weights(right), new.head(right)],
            strict=True,
        )
        for weight, wider in pairs:
            columns = weight.shape[1]
            wider[:before, :columns] = weight[:before]
            wider[after:, :columns] = weight[before:]


def _wider_scalings(
    former: Learner, grown: Learner, scalings: NDArray[np.float64]
) -> NDArray[np.float64]:
    old, new = former.network.architecture, grown.network.architecture
    wider = np.tile(grown.first_scaling, (len(scalings), 1, 1))
    wider[:, :, : old.given] = scalings[:, :, : old.given]
    wider[:, :, new.given : new.given + old.targets] = scalings[:, :, old.given :]
    return wider


def _wider_windows(former: Learner, grown: Learner, numbers: NDArray[Any]) -> NDArray[Any]:
    old, new = former.network.architecture, grown.network.architecture
    steps, start = former.network.steps, 2 * former.network.state_size
    middle = start + steps * old.given
    return np.hstack(
        [
            numbers[:, :start],
            _wider(numbers[:, start:middle], steps, old.given, new.given),
            _wider(numbers[:, middle:], steps, old.targets, new.targets),
        ]
    )


def _wider(rows: NDArray[Any], steps: int, before: int, after: int) -> NDArray[Any]:
    """Return rows of ``steps`` times ``before`` elements with zeros behind each step's own."""
    wider = np.zeros((len(rows), steps, after), rows.dtype)
    wider[:, :, :before] = rows.reshape(len(rows), steps, before)
    return wider.reshape(len(rows), steps * after)
