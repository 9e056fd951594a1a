"""What the documents say is so."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from streamrnn.cli import COMMANDS
from streamrnn.configuration import Configuration, parse
from streamrnn.configuration.tasks import TASKS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", blocks("toml"))
def test_each_configuration_is_right(block: str) -> None:
    parse(tomllib.loads(block), "README.md")


@pytest.mark.parametrize("block", blocks("python"))
def test_each_program_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_each_key_of_a_configuration_is_explained_and_there_is_no_other() -> None:
    section = README.split("## Configuration")[1].split("\n## ")[0]
    explained = set(re.findall(r"`(\w+\.\w+)`", section))
    tables = [(t.name, t.type) for t in msgspec.structs.fields(Configuration) if t.name != "task"]
    tables += [("task", kind) for kind in TASKS.values()]
    known = {f"{name}.{key.name}" for name, kind in tables for key in msgspec.structs.fields(kind)}
    assert explained == known | {"task.kind"}


def test_each_command_is_explained_and_there_is_no_other() -> None:
    commands = {module.__name__.removeprefix("streamrnn.cli.") for module in COMMANDS}
    assert set(re.findall(r"streamrnn (?!import)(\w+) ", README)) == commands


def test_each_target_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert set(re.findall(r"make (\w+)", text)) <= set(re.findall(r"^(\w+):", makefile, re.M))


def test_each_folder_is_explained() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in (ROOT / "streamrnn").glob("*/__init__.py")}
    assert folders <= set(re.findall(r"`(\w+)`", text))
