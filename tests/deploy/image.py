"""The image, made by the steps of the Dockerfile as they stand there, without an engine.

What stands for the base image is this machine: its Python, and the pip of the one that runs this.
"""

import json
import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Instruction, stages_of, variables_of
from tests.deploy.engine import Container, Engine

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
FOREIGN = ("PYTHON", "NUMBA", "STREAMRNN", "KAFKA", "VIRTUAL_ENV")
"""Beginnings of variables that a base image would not have."""


@dataclass
class Image:
    """What a container starts from.

    Attributes:
        root: Its files.
        environment: What ``ENV`` sets.
        user: Who runs.
        directory: Where.
        command: What.
        health: What says whether it is well.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "0:0"
    directory: str = "/"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def context_of(folder: Path) -> Path:
    """Copy what `.dockerignore` lets an engine see."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert rules[0] == "*"
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder


def build(engine: Engine, context: Path) -> Image:
    """Carry out all stages; return the image of the last one."""
    images: dict[str, Image] = {}
    for number, stage in enumerate(stages_of(DOCKERFILE)):
        name = stage.name or f"stage-{number}"
        images[name] = _base(engine, name)
        for step, instruction in enumerate(stage.instructions):
            _do(engine, images, name, f"{name}-{step}", instruction, context)
    return images[name]


def _base(engine: Engine, name: str) -> Image:
    """Return what stands for `python:3.11-slim`: commands `python` and `pip`, and no more files."""
    image = Image(engine.root(name))
    base, pip = Path(sys.executable).resolve(), f"exec {sys.executable} -m pip"
    # Beside the interpreter, which finds its library from there; all users may run it.
    commands = f"{image.root}{base.parent}"
    folders = " ".join(f"{image.root}{folder}" for folder in base.parents)
    engine.shell(
        f"chmod a+x {folders}\n"
        f"rm -rf {image.root}/opt/* {image.root}/var/cache/streamrnn\n"
        f"[ -e {commands}/python ] || ln -s {base} {commands}/python\n"
        f"printf '#!/bin/sh\\n{pip} \"$@\"\\n' > {commands}/pip\n"
        f"chmod +x {commands}/pip"
    )
    image.environment["PATH"] = f"{base.parent}:{PATH}"
    return image


def _do(
    engine: Engine,
    images: dict[str, Image],
    name: str,
    log: str,
    instruction: Instruction,
    context: Path,
) -> None:
    image, text = images[name], instruction.text
    match instruction.word:
        case "RUN":
            engine.run(log, _builder(image, instruction.options), ["sh", "-c", text])
        case "COPY":
            given = dict(option.split("=", 1) for option in instruction.options)
            source = images[given["from"]].root if given else context
            _copy(engine, image, source, shlex.split(text))
        case "ENV":
            image.environment |= variables_of(text, image.environment)
        case "WORKDIR":
            image.directory = text
            engine.shell(f"mkdir -p {image.root}{text}")
        case "USER":
            image.user = text
        case "CMD":
            image.command = json.loads(text)
        case "HEALTHCHECK":
            image.health = json.loads(text.partition("CMD ")[2])
        case "EXPOSE":
            pass
        case word:
            raise AssertionError(f"not known here: {word}")


def _builder(image: Image, options: tuple[str, ...]) -> Container:
    """Return what a step runs in: on the network, and with the caches that it asks for."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    binds = {}
    for option in options:
        mount = dict(part.split("=", 1) for part in option.removeprefix("mount=").split(","))
        assert mount["type"] == "cache"
        Path(mount["target"]).mkdir(parents=True, exist_ok=True)
        binds[mount["target"]] = (Path(mount["target"]), False)
    return Container(
        image.root,
        environment=own | image.environment,
        user=image.user,
        directory=image.directory,
        binds=binds,
        private=False,
    )


def _copy(engine: Engine, image: Image, source: Path, names: list[str]) -> None:
    """Copy files into a folder, or folders' contents, as `COPY` does."""
    *sources, target = names
    place = Path(f"{image.root}{Path(image.directory) / target}")
    copies = "\n".join(
        f"[ -d {given} ] && cp -a {given}/. {place} || cp -a {given} {place}"
        for given in (f"{source}/{name.lstrip('/')}" for name in sources)
    )
    engine.shell(f"mkdir -p {place}\n{copies}\nchown -R 0:0 {place}")
