"""Make tests/kernels/golden.json: gradients by PyTorch's autograd, in float64.

Run it in an environment with PyTorch; the tests read only the file.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

STEPS, INPUTS, HIDDEN, OUTPUTS = 7, 3, 5, 2


def case(cell: str, loss: str, generator: np.random.Generator) -> dict[str, Any]:
    """Return the numbers of one network of a cell and a linear head, with all gradients."""
    gates = {"rnn": 1, "lstm": 4}[cell]
    drawn = {
        "weight": generator.normal(size=(INPUTS + HIDDEN + 1, gates * HIDDEN)) * 0.5,
        "head": generator.normal(size=(HIDDEN + 1, OUTPUTS)),
        "inputs": generator.normal(size=(STEPS, INPUTS)),
        "hidden": generator.normal(size=HIDDEN) * 0.5,
        "cell": generator.normal(size=HIDDEN) * 0.5,
        "targets": generator.normal(size=(STEPS, OUTPUTS)) * 2,
    }
    labels = generator.integers(0, OUTPUTS, STEPS)
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in drawn.items()}
    weight, head = tensors["weight"], tensors["head"]
    module = (torch.nn.RNN if cell == "rnn" else torch.nn.LSTM)(INPUTS, HIDDEN, dtype=torch.float64)
    parameters = {
        "weight_ih_l0": weight[:INPUTS].T,
        "weight_hh_l0": weight[INPUTS:-1].T,
        "bias_ih_l0": weight[-1],
        "bias_hh_l0": torch.zeros(gates * HIDDEN, dtype=torch.float64),
    }
    hidden, memory = tensors["hidden"][None], tensors["cell"][None]
    states, _ = torch.func.functional_call(
        module, parameters, (tensors["inputs"], hidden if cell == "rnn" else (hidden, memory))
    )
    outputs = states @ head[:-1] + head[-1]
    targets = tensors["targets"].detach()
    value = {
        "squared": lambda: 0.5 * torch.nn.functional.mse_loss(outputs, targets),
        "huber": lambda: torch.nn.functional.huber_loss(outputs, targets),
        "softmax_cross_entropy": lambda: torch.nn.functional.cross_entropy(
            outputs, torch.tensor(labels)
        ),
    }[loss]()
    value.backward()
    gradients = {
        name: tensor.grad.tolist() for name, tensor in tensors.items() if tensor.grad is not None
    }
    return {
        "case": {"cell": cell, "loss": loss},
        **{name: values.tolist() for name, values in drawn.items()},
        "labels": labels.tolist(),
        "outputs": outputs.tolist(),
        "value": value.item(),
        "gradients": gradients,
    }


def main() -> None:
    """Write the file."""
    generator = np.random.default_rng(7)
    losses = ("squared", "huber", "softmax_cross_entropy")
    cases = [case(cell, loss, generator) for cell in ("rnn", "lstm") for loss in losses]
    path = Path(__file__).parent.parent / "tests" / "kernels" / "golden.json"
    path.write_text(json.dumps(cases) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
