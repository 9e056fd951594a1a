"""The same network and learning in PyTorch, eager."""

from importlib import import_module
from typing import Any

from benchmarks.data import Events
from benchmarks.measure import Run
from benchmarks.settings import CLIP, LEARNING_RATE, WINDOW


class _Model:
    """An LSTM cell with a linear output, and what learns it."""

    def __init__(self, hidden: int, inputs: int) -> None:
        torch = self.torch = import_module("torch")
        torch.set_num_threads(1)
        torch.manual_seed(1)
        self.lstm = torch.nn.LSTM(inputs, hidden)
        self.cell = torch.nn.LSTMCell(inputs, hidden)
        # One set of weights under both names: a cell for a step, a layer for a window.
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            setattr(self.cell, name, getattr(self.lstm, f"{name}_l0"))
        self.output = torch.nn.Linear(hidden, 1)
        self.parameters = [*self.lstm.parameters(), *self.output.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=LEARNING_RATE, fused=True)
        zeros = torch.zeros(1, hidden)
        self.state: Any = (zeros, zeros)

    def learn(self, loss: Any) -> None:
        """Take one step against a loss's gradient."""
        self.optimizer.zero_grad()
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        self.optimizer.step()

    def learn_chunk(self, x: Any, y: Any) -> Any:
        """Run over a chunk, learn from it, and return its outputs."""
        states, (h, c) = self.lstm(x, self.state)
        outputs = self.output(states)[:, 0]
        errors = outputs - y
        self.learn((errors * errors).mean())
        self.state = (h.detach(), c.detach())
        return outputs

    def tensors(self, events: Events) -> tuple[Any, Any]:
        """Return the events' features and targets, without a copy."""
        return self.torch.from_numpy(events.x), self.torch.from_numpy(events.y)


def chunked(hidden: int, inputs: int) -> Run:
    """Predict event by event, and learn each chunk.

    Predicting without a graph and running over the chunk again is the faster way: a graph of single
    steps costs more than twice as much.
    """
    model = _Model(hidden, inputs)

    def run(events: Events) -> list[float]:
        x, y = model.tensors(events)
        predictions: list[float] = []
        for start in range(0, len(x), WINDOW):
            with model.torch.inference_mode():
                state = model.state
                for step in range(start, start + WINDOW):
                    state = model.cell(x[step : step + 1], state)
                    predictions.append(model.output(state[0]).item())
            model.learn_chunk(x[start : start + WINDOW], y[start : start + WINDOW])
        return predictions

    return run


def chunks(hidden: int, inputs: int) -> Run:
    """Predict and learn a whole chunk at once, which needs all its events beforehand."""
    model = _Model(hidden, inputs)

    def run(events: Events) -> list[float]:
        x, y = model.tensors(events)
        predictions: list[float] = []
        for start in range(0, len(x), WINDOW):
            outputs = model.learn_chunk(x[start : start + WINDOW], y[start : start + WINDOW])
            predictions.extend(outputs.tolist())
        return predictions

    return run


def sliding(hidden: int, inputs: int) -> Run:
    """At every event run over the last window from the state before it, and go back through it."""
    model = _Model(hidden, inputs)
    window: Any = model.torch.zeros(WINDOW, inputs)

    def run(events: Events) -> list[float]:
        nonlocal window
        x, y = model.tensors(events)
        x = model.torch.cat([window, x])
        predictions: list[float] = []
        for step in range(len(y)):
            with model.torch.no_grad():
                # The next window starts from the state after this one's first step.
                following = model.cell(x[step + 1 : step + 2], model.state)
            _, (h, _) = model.lstm(x[step + 1 : step + 1 + WINDOW], model.state)
            output = model.output(h)[0, 0]
            predictions.append(output.item())
            error = output - y[step]
            model.learn(error * error)
            model.state = following
        window = x[-WINDOW:]
        return predictions

    return run
