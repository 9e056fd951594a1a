"""What a backtest comes to, in words."""

from collections.abc import Sequence

from streamrnn.backtest.figures import Error, Method, Points

LEVEL = 0.01
"""Errors that differ by a smaller share are called the same."""
FEW = 200


def in_words(steps: int) -> str:
    """Return how far ahead."""
    return "one step ahead" if steps == 1 else f"{steps:,} steps ahead"


def headline_of(methods: Sequence[Method]) -> str:
    """Return in one sentence whether the first method is ahead of all rivals."""
    ahead: list[str] = []
    others: dict[str, list[str]] = {}
    for place, error in enumerate(methods[0].errors):
        best = _best(_rivals(methods), place)
        ratio = _ratio(error, best.errors[place])
        if ratio < 1 - LEVEL:
            ahead.append(in_words(error.step))
        else:
            found = f"{_named(best)} is {'as good' if ratio <= 1 + LEVEL else 'better'}"
            others.setdefault(found, []).append(in_words(error.step))
    if not others:
        return f"Better than all it was compared with, {' and '.join(ahead)}."
    behind = " and ".join(f"{found} {' and '.join(where)}" for found, where in others.items())
    if not ahead:
        return f"Not ahead: {behind}."
    return f"Better than all it was compared with {ahead[0]}, but {behind}."


def verdict_of(methods: Sequence[Method], points: Sequence[Points]) -> str:
    """Return by how much the first method is ahead of its rivals, or behind."""
    kinds = [
        [method for method in methods if method.name == "last value"],
        [method for method in methods if method.kind == "naive" and method.name != "last value"],
        [method for method in methods if method.kind == "peer"],
    ]
    sentences = []
    for place, error in enumerate(methods[0].errors):
        compared = []
        for rivals in filter(None, kinds):
            best = _best(rivals, place)
            ratio = _ratio(error, best.errors[place])
            compared.append(f"{_compared(ratio)} that of {_named(best)}")
        where = in_words(error.step)
        sentences.append(f"{where[0].upper()}{where[1:]} its error is {_listed(compared)}.")
    few = [p for p in points if p.count < FEW]
    if few:
        count = min(p.count for p in few)
        sentences.append(f"With {count:,} forecasts scored, much of this may be chance.")
    return " ".join(sentences)


def _rivals(methods: Sequence[Method]) -> list[Method]:
    return [method for method in methods if method.kind in ("naive", "peer")]


def _best(methods: Sequence[Method], place: int) -> Method:
    return min(methods, key=lambda method: method.errors[place].mae)


def _ratio(error: Error, other: Error) -> float:
    if other.mae:
        return error.mae / other.mae
    return 1.0 if error.mae == 0 else float("inf")


def _compared(ratio: float) -> str:
    if abs(ratio - 1) <= LEVEL:
        return "the same as"
    if ratio > 2:
        return f"{ratio:,.1f} times" if ratio < float("inf") else "infinitely more than"
    return f"{100 * abs(ratio - 1):.0f} % {'below' if ratio < 1 else 'above'}"


def _named(method: Method) -> str:
    return method.name if method.kind == "peer" else f"the {method.name}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
