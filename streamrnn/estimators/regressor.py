"""A regressor for streams whose past matters."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from river import base

from streamrnn.estimators.base import RecurrentEstimator
from streamrnn.estimators.columns import LARGEST, finite


class RecurrentRegressor(RecurrentEstimator, base.Regressor):
    """Predicts a number from the features of an event and of those before it.

    Features and target are scaled by running statistics that forget slowly. ``predict_one`` reads
    the state that was carried to this event and changes nothing; ``learn_one`` advances the stream
    by the event, and learns from its target.

    The hyperparameters are explained at ``__init__``.

    Examples
    --------
    >>> from river import datasets, evaluate, metrics
    >>> from streamrnn import RecurrentRegressor

    >>> model = RecurrentRegressor(hidden=8, stride=1)
    >>> metric = evaluate.progressive_val_score(
    ...     datasets.TrumpApproval(), model, metrics.MAE()
    ... )
    >>> metric.get() < 1.0
    True

    """

    def predict_one(self, x: Mapping[Any, Any]) -> float:
        """Return the target expected of an event; 0 before any was learned."""
        return float(self._outputs(x)[0])

    def learn_one(self, x: Mapping[Any, Any], y: float | None) -> None:
        """Advance the stream by an event, and learn from its target; None only advances.

        Raises
        ------
        ValueError
            A feature or the target is not finite, or of the wrong type; nothing has changed.

        """
        target = np.nan if y is None else finite("target", y)
        self._learn(*self._event(x), target)

    def predict_learn_many(
        self, X: ArrayLike, y: ArrayLike, keys: Iterable[str] | None = None
    ) -> NDArray[np.float64]:
        """Predict each event, then learn from it, in order: the same bits as one at a time.

        Parameters
        ----------
        X
            Features, ``(events, features)``; their names are 0, 1, 2 and so on.
        y
            Targets, ``(events,)``.
        keys
            The stream of each event, where ``key`` is set; otherwise none.

        Returns
        -------
        Predictions, ``(events,)``.

        Raises
        ------
        ValueError
            A number is not finite, or the shapes do not fit; nothing has changed.

        """
        targets = np.asarray(y, dtype=np.float64)
        wrong = np.flatnonzero(~(np.abs(targets.ravel()) <= LARGEST))
        if len(wrong):
            raise ValueError(
                f"target of event {wrong[0]}: expected a finite number within ±{LARGEST:g}, "
                f"got {targets.ravel()[wrong[0]]}"
            )
        outputs = self._many(X, targets, keys)
        return np.ascontiguousarray(outputs[:, 0])
