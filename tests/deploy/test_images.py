"""The image, made step by step as the Dockerfile says, starts with its kernels compiled."""

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


def within(image: Image, **changes: object) -> Container:
    """Return a container of the image, as tightly confined as a cluster may ask for."""
    settings: dict[str, object] = {
        "environment": image.environment | {"HOME": "/tmp"},
        "user": image.user,
        "directory": image.directory,
        "temporary": {"/tmp": "mode=1777"},
        "read_only": True,
    }
    return Container(image.root, **settings | changes)  # type: ignore[arg-type]


@pytest.mark.slow
def test_it_runs_what_was_installed_as_nobody_in_particular(engine: Engine, image: Image) -> None:
    where = "import os, streamrnn; print(streamrnn.__file__, os.getuid(), os.getgid())"
    said = engine.run("where", within(image), ["python", "-c", where])
    site = "/opt/streamrnn/lib/python3.11/site-packages/streamrnn"
    assert said.split() == [f"{site}/__init__.py", "10001", "10001"]
    with pytest.raises(RuntimeError, match="Read-only file system"):
        engine.run("write", within(image), ["touch", "/opt/streamrnn/anything"])


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_it_starts_warm_even_after_a_registry_has_cut_its_time_stamps(
    engine: Engine, image: Image, cell: str
) -> None:
    root = Container(image.root, environment=image.environment)
    engine.run("cut", root, ["python", "-c", AS_A_REGISTRY_KEEPS_IT])
    before = engine.run(f"before-{cell}", root, ["sh", "-c", CACHED])
    assert before.count(".nbc") > 20
    learner = within(
        image,
        binds={"/data": (ROOT / "examples" / "sensors", True)},
        temporary={"/tmp": "mode=1777"},
        # Not that of the image, which has to be as it was made; and yet it can be written.
        read_only=False,
    )
    options = ["input.file=/data/occupancy.csv", "output.file=/tmp/out.jsonl", f"model.cell={cell}"]
    command = [*image.command, "/data/sensors.toml"]
    engine.run(f"run-{cell}", learner, command + [f"--set={option}" for option in options])
    assert engine.run(f"after-{cell}", root, ["sh", "-c", CACHED]) == before
