"""The image, made step by step as the Dockerfile says, starts with its kernels compiled."""

import sys
from dataclasses import replace

import pytest

from tests.deploy.engine import Container, Engine
from tests.deploy.image import ROOT, Image

CACHED = "find /var/cache/streamrnn -type f -printf '%p %s %T@\\n' | sort"
# An archive of a layer has whole seconds.
AS_A_REGISTRY_KEEPS_IT = """
import os
for folder, _, names in os.walk("/opt/streamrnn"):
    for path in (os.path.join(folder, name) for name in names):
        if not os.path.islink(path):
            os.utime(path, (int(os.stat(path).st_mtime),) * 2)
"""


def confined(image: Image) -> Container:
    """Return a container of the image, as tightly confined as a cluster may ask for."""
    return Container(
        image.root,
        environment=image.environment,
        user=image.user,
        directory=image.directory,
        binds={"/data": (ROOT / "examples" / "sensors", True)},
        temporary={"/tmp": "mode=1777"},
        read_only=True,
    )


@pytest.mark.slow
def test_it_runs_what_was_installed_as_nobody_in_particular(engine: Engine, image: Image) -> None:
    where = "import os, streamrnn; print(streamrnn.__file__, os.getuid(), os.getgid())"
    said = engine.run("where", confined(image), ["python", "-c", where])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = f"/opt/streamrnn/lib/{version}/site-packages/streamrnn"
    assert said.split() == [f"{site}/__init__.py", "10001", "10001"]
    with pytest.raises(RuntimeError, match="Read-only file system"):
        engine.run("write", confined(image), ["touch", "/opt/streamrnn/anything"])


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_it_starts_warm_even_after_a_registry_has_cut_its_time_stamps(
    engine: Engine, image: Image, cell: str
) -> None:
    root = Container(image.root, environment=image.environment)
    engine.run("cut", root, ["python", "-c", AS_A_REGISTRY_KEEPS_IT])
    before = engine.run(f"before-{cell}", root, ["sh", "-c", CACHED])
    assert before.count(".nbc") > 20
    # The folder of compiled kernels can be written: whatever is compiled is seen there.
    learner = replace(confined(image), read_only=False)
    options = ["input.file=/data/occupancy.csv", "output.file=/tmp/out.jsonl", f"model.cell={cell}"]
    command = [*image.command, "/data/sensors.toml"]
    engine.run(f"run-{cell}", learner, command + [f"--set={option}" for option in options])
    assert engine.run(f"after-{cell}", root, ["sh", "-c", CACHED]) == before
