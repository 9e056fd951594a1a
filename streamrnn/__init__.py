"""Recurrent networks that learn online, from live streams.

The estimators follow River's interface. They are imported when they are first asked for: River is
not needed by the service.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamrnn.estimators.anomaly import RecurrentAnomalyDetector
    from streamrnn.estimators.classifier import RecurrentClassifier
    from streamrnn.estimators.forecaster import RecurrentForecaster
    from streamrnn.estimators.regressor import RecurrentRegressor

_MODULES = {
    "RecurrentAnomalyDetector": "streamrnn.estimators.anomaly",
    "RecurrentClassifier": "streamrnn.estimators.classifier",
    "RecurrentForecaster": "streamrnn.estimators.forecaster",
    "RecurrentRegressor": "streamrnn.estimators.regressor",
}

__all__ = [
    "RecurrentAnomalyDetector",
    "RecurrentClassifier",
    "RecurrentForecaster",
    "RecurrentRegressor",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
