"""A Dockerfile's instructions, as far as tests carry them out."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Instruction(NamedTuple):
    """One instruction.

    Attributes:
        word: Such as ``RUN``.
        options: Those before its arguments, such as ``from=build``.
        text: Its arguments.
    """

    word: str
    options: tuple[str, ...]
    text: str


@dataclass
class Stage:
    """What follows a ``FROM``."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def text_of(self, word: str) -> list[str]:
        """Return the arguments of all instructions of a word."""
        return [one.text for one in self.instructions if one.word == word]


def stages_of(path: Path) -> list[Stage]:
    """Read a Dockerfile."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.lstrip().startswith("#"))
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
            continue
        options = []
        while found := re.match(r"--(\S+)\s+", rest):
            options.append(found[1])
            rest = rest[found.end() :]
        stages[-1].instructions.append(Instruction(word, tuple(options), rest))
    return stages


def variables_of(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return what an ``ENV`` sets, with ``$NAME`` filled in from what is known before."""
    pairs = (word.partition("=") for word in shlex.split(text))
    return {
        name: re.sub(r"\$(\w+)", lambda found: known[found[1]], value) for name, _, value in pairs
    }
