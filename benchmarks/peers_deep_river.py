"""deep-river's rolling LSTM, which learns at every event from a window that starts at zero."""

from importlib import import_module

from benchmarks.data import Events
from benchmarks.measure import Run
from benchmarks.settings import CLIP, LEARNING_RATE, WINDOW


def single(hidden: int, inputs: int) -> Run:
    """Take one event at a time, by the names of its features."""
    import_module("torch").set_num_threads(1)
    model = import_module("deep_river.regression").LSTMRegressor(
        n_features=inputs,
        hidden_size=hidden,
        window_size=WINDOW,
        optimizer_fn="adam",
        lr=LEARNING_RATE,
        gradient_clip_value=CLIP,
    )

    def run(events: Events) -> list[float]:
        predictions: list[float] = []
        for x, y in events.pairs:
            predictions.append(model.predict_one(x))
            model.learn_one(x, y)
        return predictions

    return run
