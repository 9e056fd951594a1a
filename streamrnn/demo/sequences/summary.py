"""What an example's answers have come to, beside the simplest that could have been said."""

from collections.abc import Sequence

from rich.table import Table

from streamrnn.scores import Runs, Span, TargetScores, runs_of, spans_of
from streamrnn.tasks.answering import Answer

PLUS, MINUS = "012", "abc"
OVERLAP = 0.5
FOUND = "found"


class Summary:
    """Scores of an example, of all of it and of its last half.

    Args:
        name: Of the example.
        sequences: How many there will be.
    """

    def __init__(self, name: str, sequences: int) -> None:
        self._name, self._half = name, sequences // 2
        self.count = self.steps = 0
        found = Runs(genes_of, OVERLAP) if name == "dna" else Runs(spans_of)
        self._scores = [TargetScores({FOUND: found}) for _ in range(2)]
        self.labels = [each.labels for each in self._scores]
        self.spans = [each.spans[FOUND] for each in self._scores]
        self.bits = [0.0, 0.0]
        self.bit_steps = [0, 0]

    def add(self, answer: Answer) -> None:
        """Count the answer to a sequence."""
        self.count += 1
        for place in range(2 if self.count > self._half else 1):
            self.bits[place] += answer.bits
            self.bit_steps[place] += answer.steps
            if answer.target is not None and self._name != "music":
                self._scores[place].add(answer.prediction.prediction, answer.target)

    def headline(self) -> str:
        """Return where it stands, in a line."""
        if self._name == "music":
            bits = self.bits[0] / max(self.bit_steps[0], 1)
            return f"{self.count:>5} chorales  {bits:.3f} bits a chord"
        label = self.labels[0]
        line = f"{self.count:>5} sequences  {label.accuracy:.3f} of the labels right"
        return line + (f"  F1 {self.spans[0].f1:.3f}" if self.spans[0].came else "")

    def table(self) -> Table:
        """Return all scores."""
        table = Table()
        table.add_column("")
        table.add_column("all", justify="right")
        table.add_column("last half", justify="right")
        if self._name == "music":
            rates = [b / max(s, 1) for b, s in zip(self.bits, self.bit_steps, strict=True)]
            table.add_row("bits a chord", *(f"{rate:.3f}" for rate in rates))
            return table
        rows = {
            "labels right": [f"{each.accuracy:.3f}" for each in self.labels],
            "mean F1 of the labels": [f"{each.macro_f1:.3f}" for each in self.labels],
            "the most frequent label": [f"{each.most_frequent:.3f}" for each in self.labels],
        }
        if self.spans[0].came:
            what = "genes found, F1" if self._name == "dna" else "names found, F1"
            rows[what] = [f"{each.f1:.3f}" for each in self.spans]
        for name, cells in rows.items():
            table.add_row(name, *cells)
        return table


def genes_of(labels: list[object]) -> list[Span]:
    """Return the runs of bases that code in one direction and frame."""
    frames = []
    for place, label in enumerate(map(str, labels)):
        if label in PLUS:
            frames.append(f"+{(place - PLUS.index(label)) % 3}")
        elif label in MINUS:
            frames.append(f"-{(place + MINUS.index(label)) % 3}")
        else:
            frames.append("")
    return [run for run in runs_of(frames) if run[2]]


def share(counts: Sequence[int], wholes: Sequence[int]) -> float:
    """Return the sum of counts beside that of what was counted."""
    return sum(counts) / max(1, sum(wholes))
