"""What the answers of a run come to, by plain loops over what was written."""

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from sklearn.metrics import f1_score

from streamrnn.scores import runs_of, spans_of

Found = dict[tuple[str, str | None], float]
"""By what is measured, and what is said in place of the predictions."""


@dataclass(frozen=True)
class Case:
    """An answer and the target of its sequence; the targets that came before it was answered."""

    answer: dict[str, Any]
    target: Any
    before: list[Any]
    sequence: Any

    @property
    def said(self) -> Any:
        return self.answer.get("prediction")


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cases_of(folder: Path) -> list[Case]:
    """Return what a run answered; targets may come in the sequence's record or by its id."""
    lines = (folder / "in.jsonl").read_bytes().splitlines()
    cases, targets, waiting = list[Case](), list[Any](), dict[str, Case]()
    for answer in read(folder / "out.jsonl"):
        record = json.loads(lines[answer["offset"]])
        if "label_of" in answer:
            case = waiting[answer["label_of"]]
            cases.append(Case(case.answer, record["target"], case.before, case.sequence))
            targets.append(record["target"])
            continue
        case = Case(answer, record.get("target"), [*targets], record["sequence"])
        waiting[record.get("id", "")] = case
        if case.target is not None:
            cases.append(case)
            targets.append(case.target)
    return cases


def labels(cases: list[Case]) -> Found:
    found = _of_labels([(case.said, case.target) for case in cases])
    came = [case.target for case in cases]
    again = sum(one == other for one, other in zip(came[1:], came[:-1], strict=True)) / len(came)
    found["accuracy", "the last label again"] = again
    found["kappa", None] = (found["accuracy", None] - again) / (1 - again)
    said = [str(case.said) for case in cases]
    texts = [str(each) for each in came]
    known = sorted(set(texts))
    found["macro-F1", None] = f1_score(texts, said, labels=known, average="macro", zero_division=0)
    return found


def _of_labels(pairs: list[tuple[Any, Any]]) -> Found:
    most = Counter(target for _, target in pairs).most_common(1)[0][1]
    return {
        ("accuracy", None): fmean(said == target for said, target in pairs),
        ("accuracy", "always the most frequent label"): most / len(pairs),
    }


def tags(cases: list[Case]) -> Found:
    said = [case.said or [None] * len(case.target) for case in cases]
    steps = [
        pair
        for one, case in zip(said, cases, strict=True)
        for pair in zip(one, case.target, strict=True)
    ]
    found = _of_labels(steps)
    spans = all(label == "O" or label[:2] in ("B-", "I-") for _, label in steps)
    name, split = ("F1 of spans", spans_of) if spans else ("F1 of runs", runs_of)
    true = [(n, *span) for n, case in enumerate(cases) for span in split(case.target)]
    made = [(n, *span) for n, one in enumerate(said) for span in split(one)]
    found[name, None] = 2 * len({*true} & {*made}) / (len(true) + len(made))
    return found


def numbers(cases: list[Case]) -> Found:
    known = [case for case in cases if case.before]
    held = [case for case in cases if case.answer["lower"] is not None]
    error, share, width = "mean absolute error", "share within the interval", "mean width"
    within = [case.answer["lower"] <= case.target <= case.answer["upper"] for case in held]
    return {
        (error, None): fmean(abs(case.said - case.target) for case in known),
        (error, "the mean so far"): fmean(abs(fmean(case.before) - case.target) for case in known),
        (error, "the last number again"): fmean(
            abs(case.before[-1] - case.target) for case in known
        ),
        (share, None): fmean(within),
        (f"{width} of the interval", None): fmean(
            case.answer["upper"] - case.answer["lower"] for case in held
        ),
    }


def transcripts(cases: list[Case]) -> Found:
    found = {}
    for by, said in (
        (None, [case.said for case in cases]),
        ("the last transcript again", [(case.before or [None])[-1] for case in cases]),
    ):
        pairs = [(one, case.target) for one, case in zip(said, cases, strict=True)]
        characters = sum(len(text) for _, text in pairs)
        errors = sum(edits(one or "", text) for one, text in pairs)
        found["character error rate", by] = errors / characters
        found["whole transcripts right", by] = fmean(one == text for one, text in pairs)
    return found


def edits(text: str, other: str) -> int:
    """Return the edit distance, by its definition."""
    if not text or not other:
        return len(text) + len(other)
    return min(
        edits(text[1:], other) + 1,
        edits(text, other[1:]) + 1,
        edits(text[1:], other[1:]) + (text[0] != other[0]),
    )


def bits(cases: list[Case], before: list[Case]) -> Found:
    """Return the bits of sequences, of which others came before."""
    counts, plain, steps = Counter({"end": 1}), 0.0, 0
    for n, case in enumerate([*before, *cases]):
        written = case.sequence.split() if " " in case.sequence else case.sequence
        for symbol in [*written, "end"]:
            known = symbol in counts
            share = (counts[symbol] if known else len(counts)) / (counts.total() + len(counts))
            if n >= len(before):
                plain -= math.log2(share) - (0 if known else 16)
                steps += 1
            counts[symbol] += 1
    return {
        ("bits a step", None): sum(case.answer["bits"] for case in cases) / steps,
        ("bits a step", "how often each symbol came before"): plain / steps,
    }
