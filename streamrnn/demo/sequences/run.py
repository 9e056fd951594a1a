"""A demonstration on whole sequences: records are written to a file, then learned one by one."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamrnn.build import build, composer_of
from streamrnn.configuration import Configuration, load
from streamrnn.demo.files import remove_former
from streamrnn.demo.sequences.examples import EXAMPLES, folder
from streamrnn.demo.sequences.hearing import HearingSummary
from streamrnn.demo.sequences.hearing_view import HearingView
from streamrnn.demo.sequences.summary import Summary
from streamrnn.demo.sequences.translating import TranslatingSummary
from streamrnn.demo.sequences.translation_view import TranslationView
from streamrnn.demo.sequences.view import SequencesView
from streamrnn.music.midi import write_midi
from streamrnn.music.roll import draw_roll, roll_of

STEPS, TEMPERATURE, SEED, TEMPO = 64, 0.7, 1, 90.0
"""Of the tune that is written at the end."""


def run(name: str, directory: Path, started: float) -> int:
    """Learn an example; return the exit code.

    Args:
        name: In `EXAMPLES`.
        directory: Where files are made, anew.
        started: When the program began, on the monotonic clock.
    """
    example = EXAMPLES[name]
    directory.mkdir(parents=True, exist_ok=True)
    source = directory / f"{name}.jsonl"
    records = list(example.records())
    source.write_bytes(b"".join(record + b"\n" for record in records))
    configuration = _configuration(name, source, directory)
    remove_former(configuration)
    view = _view(name, records, started, lambda: next(iter(worker.processors.values())).learner)
    summary = view.summary
    say = view.console.print
    say(example.title, highlight=False)
    worker = build(configuration, [view])
    try:
        received = worker.run()
    finally:
        view.close()
    if summary.count:
        say(summary.table())
    if name == "music" and summary.count:
        _write_tune(configuration, directory, view)
    say(
        f"records      {source}\n"
        f"predictions  {configuration.output.file}\n"
        f"snapshots    {configuration.snapshots_directory}\n"
        f"first prediction after {view.first_prediction or 0:.2f} s\n\n"
        f"Next: examples/{name}/README.md says how to run it yourself.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return 130 if received == signal.SIGINT else 0


def _view(
    name: str, records: list[bytes], started: float, learner: Callable[[], Any]
) -> SequencesView:
    seconds, count = EXAMPLES[name].seconds, len(records)
    if name == "speech":
        return HearingView(name, HearingSummary(name, count), started, seconds, records, learner)
    if name == "translation":
        translating = TranslatingSummary(name, count)
        return TranslationView(name, translating, started, seconds, records, learner)
    return SequencesView(name, Summary(name, count), started, seconds, records, learner)


def _configuration(name: str, source: Path, directory: Path) -> Configuration:
    options = [
        f"input.file='{source}'",
        "input.format='jsonl'",
        f"output.file='{directory / f'{name}-answers.jsonl'}'",
    ]
    return load(folder() / name / f"{name}.toml", options)


def _write_tune(configuration: Configuration, directory: Path, view: SequencesView) -> None:
    """Write a tune as what was learned would have it."""
    chords = list(composer_of(configuration, 0).write([], STEPS, TEMPERATURE, SEED))
    view.console.print("\nWhat it composes itself by now, from nothing:")
    for line in roll_of(chords, STEPS):
        view.console.print(line, style="magenta", highlight=False, markup=False, soft_wrap=True)
    tune = directory / "tune.mid"
    write_midi(chords, tune, TEMPO)
    view.console.print(f"\ntune         {tune}", highlight=False)
    picture = directory / "tune.png"
    draw_roll(chords, picture)
    view.console.print(f"picture      {picture}", highlight=False)
