"""Each folder imports only what stands below it."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "streamrnn"

# From the top down; those in one row do not import each other.
LAYERS = [
    ("__main__", "__init__"),
    ("cli",),
    ("demo", "backtest"),
    ("build", "replay", "following"),
    ("page", "music"),
    ("metrics", "logs"),
    ("configuration", "worker", "health"),
    ("processor",),
    ("observer",),
    ("tasks", "sources"),
    ("transports",),
    ("checkpoints", "codecs"),
    ("estimators",),
    ("learner",),
    ("layers",),
    ("cells",),
    ("kernels",),
    ("arrays", "records", "errors", "states", "visible", "scores", "bleu"),
]
OWNERS = {
    "numba": "kernels",
    "llvmlite": "kernels",
    "river": "estimators",
    "prometheus_client": "metrics",
    "kafka": "transports",
    "mido": "music",
}


def imports(file: Path) -> set[str]:
    """Return the dotted names that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_import_goes_down() -> None:
    depth = {name: level for level, row in enumerate(LAYERS) for name in row}
    wrong = []
    for file in PACKAGE.rglob("*.py"):
        own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for name in imports(file):
            parts = name.split(".")
            if parts[0] == "streamrnn" and parts[1] != own and depth[parts[1]] <= depth[own]:
                wrong.append(f"{file.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_each_outside_package_has_one_owner() -> None:
    wrong = []
    for file in PACKAGE.rglob("*.py"):
        own = file.relative_to(PACKAGE).parts[0]
        for name in imports(file):
            if OWNERS.get(name.split(".")[0], own) != own:
                wrong.append(f"{file.relative_to(PACKAGE)} imports {name}")
    assert wrong == []
