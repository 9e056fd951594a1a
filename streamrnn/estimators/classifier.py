"""A classifier for streams whose past matters."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from river import base

from streamrnn.estimators.base import RecurrentEstimator


class RecurrentClassifier(RecurrentEstimator, base.Classifier):
    """Predicts a label from the features of an event and of those before it.

    A label becomes known when it is first learned: the head grows by an output, and what was
    learned before stays.

    The hyperparameters are explained at ``__init__``.

    Examples
    --------
    >>> from river import datasets, evaluate, metrics
    >>> from streamrnn import RecurrentClassifier

    >>> model = RecurrentClassifier(hidden=8, stride=1)
    >>> metric = evaluate.progressive_val_score(
    ...     datasets.Phishing(), model, metrics.Accuracy()
    ... )
    >>> metric.get() > 0.8
    True

    """

    _loss = "softmax"

    @property
    def _multiclass(self) -> bool:
        return True

    def _label(self, label: Hashable) -> float:
        """Return the output of a label, which is made if it is new; NaN for one that is absent."""
        if label is None or label != label:
            return np.nan
        if label not in self._outputs_of:
            self._outputs_of[label] = len(self._outputs_of)
            if len(self._outputs_of) > 1:
                self._grow(self._width, len(self._outputs_of))
        return float(self._outputs_of[label])

    def predict_proba_one(self, x: Mapping[Any, Any], **_: Any) -> dict[Any, float]:
        """Return the probability of each label that was ever learned."""
        if not self._outputs_of:
            return {}
        probabilities = _softmax(self._outputs(x))
        return dict(zip(self._outputs_of, probabilities.tolist(), strict=True))

    def learn_one(self, x: Mapping[Any, Any], y: Hashable) -> None:
        """Advance the stream by an event, and learn from its label; None only advances.

        Raises
        ------
        ValueError
            A feature is not finite, or of the wrong type; nothing has changed.

        """
        hash(y)
        self._learn(*self._event(x), self._label(y))

    def predict_learn_many(
        self, X: ArrayLike, y: Iterable[Hashable], keys: Iterable[str] | None = None
    ) -> NDArray[np.float64]:
        """Predict each event, then learn from it, in order.

        Parameters
        ----------
        X
            Features, ``(events, features)``; their names are 0, 1, 2 and so on.
        y
            Labels, one an event. Those that are new are made known before the first event.
        keys
            The stream of each event, where ``key`` is set; otherwise none.

        Returns
        -------
        Probabilities, ``(events, labels)``, labels in the order in which they became known.

        Raises
        ------
        ValueError
            A number is not finite, or the shapes do not fit; no weight has changed.

        """
        targets = np.array([self._label(label) for label in y], dtype=np.float64)
        return _softmax(self._many(X, targets, keys))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities
