"""Make the dashboards: ``python -m deploy.grafana.make`` writes them to ``dashboards/``."""

import json
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.learning import learning
from deploy.grafana.overview import overview
from deploy.grafana.partition import partition

FOLDER = Path(__file__).with_name("dashboards")


def made() -> Iterator[tuple[Path, str]]:
    """Yield the file of each dashboard, and what is to be in it."""
    for name, builder in (("overview", overview), ("learning", learning), ("partition", partition)):
        board = builder().build()
        for number, panel in enumerate(board.panels or (), start=1):
            panel.id_val = number
        text = json.dumps(board, cls=JSONEncoder, indent=2, ensure_ascii=False, sort_keys=True)
        yield FOLDER / f"{name}.json", text + "\n"


def main() -> None:
    """Write the files."""
    for path, text in made():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
