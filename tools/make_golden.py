"""Make tests/kernels/golden.json: gradients by PyTorch's autograd, in float64.

Run it in an environment with PyTorch; the tests read only the file.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

STEPS, INPUTS, OUTPUTS = 7, 3, 2
LEVELS = (0.1, 0.9)
TRANSCRIPTS = [[], [2], [1, 3, 2], [1, 1], [2, 2, 2, 1], [3, 1, 3, 1, 2, 3, 1]]
Layer = tuple[str, int, bool]
STACKS: list[list[Layer]] = [
    [("rnn", 5, False)],
    [("lstm", 5, False)],
    [("gru", 5, False)],
    [("lstm", 5, False), ("gru", 4, False)],
    [("lstm", 3, True), ("rnn", 4, False)],
]
MODULES: dict[str, Any] = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def run_cell(
    cell: str, weight: torch.Tensor, inputs: torch.Tensor, state: torch.Tensor, hidden: int
) -> torch.Tensor:
    """Return the hidden states of PyTorch's module with a weight laid out as ours."""
    width = inputs.shape[1]
    module = MODULES[cell](width, hidden, dtype=torch.float64)
    rows = width + hidden
    none = torch.zeros(GATES[cell] * hidden, dtype=torch.float64)
    parameters = {
        "weight_ih_l0": weight[:width].T,
        "weight_hh_l0": weight[width:rows].T,
        "bias_ih_l0": weight[rows],
        "bias_hh_l0": weight[rows + 1] if cell == "gru" else none,
    }
    first: Any = state[None, :hidden]
    if cell == "lstm":
        first = (first, state[None, hidden:])
    states: torch.Tensor = torch.func.functional_call(module, parameters, (inputs, first))[0]
    return states


def loss_of(name: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean loss."""
    functional = torch.nn.functional
    if name == "squared":
        return 0.5 * functional.mse_loss(outputs, targets)
    if name == "huber":
        return functional.huber_loss(outputs, targets, delta=0.7)
    if name == "logistic":
        return functional.binary_cross_entropy_with_logits(outputs, targets)
    if name == "softmax":
        return functional.cross_entropy(outputs, targets[:, 0].long())
    error = targets - outputs
    levels = torch.tensor(LEVELS, dtype=torch.float64)
    return torch.maximum(levels * error, (levels - 1) * error).mean()


def case(layers: list[Layer], loss: str, generator: np.random.Generator) -> dict[str, Any]:
    """Return the numbers of one network, with all gradients."""
    inputs = torch.tensor(generator.normal(size=(STEPS, INPUTS)))
    below, features = torch.zeros((STEPS, 0), dtype=torch.float64), [inputs]
    weights, states = [], []
    for cell, hidden, both in layers:
        entered, parts = torch.hstack([inputs, below]), []
        for reverse in range(1 + both):
            rows = entered.shape[1] + hidden + (2 if cell == "gru" else 1)
            drawn = generator.normal(size=(rows, GATES[cell] * hidden)) * 0.5
            weights.append(torch.tensor(drawn, requires_grad=True))
            size = hidden * (2 if cell == "lstm" else 1)
            state = torch.tensor(generator.normal(size=size) * 0.5)
            if reverse:
                state = torch.zeros(size, dtype=torch.float64)
            else:
                states.append(state)
            seen = entered.flip(0) if reverse else entered
            result = run_cell(cell, weights[-1], seen, state, hidden)
            parts.append(result.flip(0) if reverse else result)
        below = torch.hstack(parts)
        features.append(below)
    joined = torch.hstack(features)
    drawn = generator.normal(size=(joined.shape[1] + 1, OUTPUTS))
    head = torch.tensor(drawn, requires_grad=True)
    outputs = joined @ head[:-1] + head[-1]
    targets = generator.normal(size=(STEPS, OUTPUTS)) * 2
    if loss == "softmax":
        targets = generator.integers(0, OUTPUTS, (STEPS, 1)).astype(np.float64)
    if loss == "logistic":
        targets = generator.integers(0, 2, (STEPS, OUTPUTS)).astype(np.float64)
    value = loss_of(loss, outputs, torch.tensor(targets))
    gradients = torch.autograd.grad(value, [*weights, head])
    return {
        "layers": layers,
        "loss": loss,
        "detail": LEVELS if loss == "pinball" else [0.7],
        "inputs": inputs.tolist(),
        "state": torch.hstack(states).tolist(),
        "weights": [weight.tolist() for weight in weights],
        "head": head.tolist(),
        "targets": targets.tolist(),
        "outputs": outputs.tolist(),
        "value": value.item(),
        "dweights": [gradient.tolist() for gradient in gradients[:-1]],
        "dhead": gradients[-1].tolist(),
    }


def leaf(generator: np.random.Generator, *shape: int) -> torch.Tensor:
    """Draw a tensor whose gradient is wanted."""
    return torch.tensor(generator.normal(size=shape) * 0.5, requires_grad=True)


def sequence_case(seen: int, stride: int, generator: np.random.Generator) -> dict[str, Any]:
    """Return the numbers of a network over a whole sequence, with all gradients.

    It is a convolution, if any frames are seen at once, an LSTM both ways, and a pooling.
    """
    functional, hidden, channels = torch.nn.functional, 3, 4 if seen else 0
    frames, width = STEPS * stride - 1, channels if seen else INPUTS
    given, convolution = (
        leaf(generator, frames, INPUTS),
        leaf(generator, seen * INPUTS + 1, channels),
    )
    inputs = given
    if seen:
        weight = convolution[:-1].reshape(seen, INPUTS, channels).permute(2, 1, 0)
        padded = functional.pad(given.T, ((seen - 1) // 2, seen))
        convolved = functional.conv1d(padded[None], weight, convolution[-1], stride)
        inputs = functional.relu(convolved)[0].T[:STEPS]
    weights = [leaf(generator, width + hidden + 1, 4 * hidden) for _ in range(2)]
    state = torch.zeros(2 * hidden, dtype=torch.float64)
    forwards = run_cell("lstm", weights[0], inputs, state, hidden)
    backwards = run_cell("lstm", weights[1], inputs.flip(0), state, hidden)
    features = torch.hstack([inputs, forwards, backwards.flip(0)])
    pooled = [forwards[-1], backwards[-1], features.mean(0), features.max(0).values]
    head = leaf(generator, 2 * (width + 3 * hidden) + 1, OUTPUTS)
    outputs = torch.hstack(pooled) @ head[:-1] + head[-1]
    label = int(generator.integers(OUTPUTS))
    value = functional.cross_entropy(outputs, torch.tensor(label))
    # Before the convolution nothing is learned.
    gradients = torch.autograd.grad(value, [convolution if seen else given, *weights, head])
    return {
        "seen": seen,
        "stride": stride,
        "channels": channels,
        "given": given.tolist(),
        "convolution": convolution.tolist(),
        "weights": [weight.tolist() for weight in weights],
        "head": head.tolist(),
        "label": label,
        "outputs": outputs.tolist(),
        "value": value.item(),
        "gradients": [gradient.tolist() for gradient in gradients],
    }


def transcript_case(symbols: list[int], generator: np.random.Generator) -> dict[str, Any]:
    """Return the numbers of outputs and a transcript, with the loss of the latter."""
    outputs = leaf(generator, STEPS, 4)
    logs = torch.log_softmax(outputs * 4, 1)[:, None]
    length, steps = torch.tensor([len(symbols)]), torch.tensor([STEPS])
    value = torch.nn.functional.ctc_loss(
        logs, torch.tensor([symbols], dtype=torch.long), steps, length, reduction="sum"
    )
    (gradient,) = torch.autograd.grad(value, [outputs])
    return {
        "outputs": (outputs * 4).tolist(),
        "transcript": symbols,
        "value": value.item(),
        "gradient": (gradient / 4).tolist(),
    }


def attention_case(generator: np.random.Generator) -> dict[str, Any]:
    """Return the numbers of Luong's general attention over a whole target, with all gradients.

    The loss reads both the attentional states and the attention itself.
    """
    source, target, hidden, width = 5, STEPS, 4, 3
    encoder, decoder = leaf(generator, source, 6), leaf(generator, target, hidden)
    general, combination = leaf(generator, hidden, 6), leaf(generator, 6 + hidden, width)
    wanted = generator.normal(size=(target, width))
    weights = generator.normal(size=(target, source))
    attention = torch.softmax(decoder @ general @ encoder.T, 1)
    states = torch.tanh(torch.hstack([attention @ encoder, decoder]) @ combination)
    value = ((states - torch.tensor(wanted)) ** 2).sum() / 2
    value = value + (attention * torch.tensor(weights)).sum()
    gradients = torch.autograd.grad(value, [encoder, decoder, general, combination])
    return {
        "encoder": encoder.tolist(),
        "decoder": decoder.tolist(),
        "general": general.tolist(),
        "combination": combination.tolist(),
        "wanted": wanted.tolist(),
        "weights": weights.tolist(),
        "attention": attention.tolist(),
        "states": states.tolist(),
        "gradients": [gradient.tolist() for gradient in gradients],
    }


def main() -> None:
    """Write the file."""
    generator = np.random.default_rng(7)
    losses = ("squared", "huber", "pinball", "logistic", "softmax")
    cases = [case(stack, "squared", generator) for stack in STACKS]
    cases += [case(STACKS[1], loss, generator) for loss in losses[1:]]
    sequences = [sequence_case(*seen, generator) for seen in ((0, 1), (3, 2))]
    transcripts = [transcript_case(symbols, generator) for symbols in TRANSCRIPTS]
    made = {"steps": cases, "sequences": sequences, "transcripts": transcripts}
    made["attention"] = [attention_case(generator)]
    path = Path(__file__).parent.parent / "tests" / "kernels" / "golden.json"
    path.write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
