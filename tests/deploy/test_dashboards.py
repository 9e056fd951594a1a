"""The dashboards are what the program makes, and show what there is."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.make import FOLDER, made
from tests.deploy.expressions import exposed, named_in

FILES = sorted(FOLDER.glob("*.json"))
PROVISIONING = FOLDER.parent / "provisioning"


def dashboard(path: Path) -> dict[str, Any]:
    """Return a dashboard as it is committed."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def panels(path: Path) -> list[dict[str, Any]]:
    """Return the panels of a dashboard, without the titles of its rows."""
    return [panel for panel in dashboard(path)["panels"] if panel["type"] != "row"]


def expressions(path: Path) -> list[str]:
    """Return all that a dashboard asks."""
    return [target["expr"] for panel in panels(path) for target in panel["targets"]]


def of_each_file(name: str = "path") -> pytest.MarkDecorator:
    """Return a mark: the test runs for each dashboard."""
    return pytest.mark.parametrize(name, FILES, ids=lambda path: path.stem)


def test_what_is_committed_is_what_the_program_makes() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FILES}
    assert committed == {path.name: text for path, text in made()}, (
        "make them anew: python -m deploy.grafana.make"
    )


@of_each_file()
def test_each_panel_says_what_it_shows_and_in_which_unit(path: Path) -> None:
    lacking = [
        (panel["id"], what)
        for panel in panels(path)
        for what, text in {
            "title": panel.get("title"),
            "description": panel.get("description"),
            "unit": panel["fieldConfig"]["defaults"].get("unit"),
            "expression": panel["targets"],
        }.items()
        if not text
    ]
    assert lacking == []


@of_each_file()
def test_each_series_that_is_asked_for_exists(path: Path) -> None:
    asked = set().union(*map(named_in, [*expressions(path), *queries_of_variables(path)]))
    assert asked - exposed().keys() == set()


def test_each_metric_is_shown() -> None:
    asked = set().union(*(named_in(text) for path in FILES for text in expressions(path)))
    metrics = exposed()
    assert set(metrics.values()) - {metrics[name] for name in asked} == set()


def queries_of_variables(path: Path) -> list[str]:
    """Return what is asked for the values of a dashboard's variables."""
    variables = dashboard(path)["templating"]["list"]
    return [variable["query"] for variable in variables if variable["type"] == "query"]


@of_each_file()
def test_a_reader_chooses_source_app_topic_and_partition(path: Path) -> None:
    variables = {v["name"]: v for v in dashboard(path)["templating"]["list"]}
    assert list(variables)[:4] == ["datasource", "app", "topic", "partition"]
    del variables["datasource"]
    assert all(v["multi"] and v["includeAll"] for v in variables.values())
    used = set(re.findall(r"\$(\w+)", " ".join(expressions(path))))
    assert used - {"__rate_interval", "__range"} == variables.keys()


@of_each_file()
def test_each_dashboard_leads_to_the_others(path: Path) -> None:
    board = dashboard(path)
    (link,) = board["links"]
    assert board["tags"] == link["tags"]
    assert link["includeVars"]
    assert link["keepTime"]


def test_addresses_are_apart() -> None:
    assert len({dashboard(path)["uid"] for path in FILES}) == len(FILES) == 3


@of_each_file()
def test_panels_fill_rows_and_do_not_overlap(path: Path) -> None:
    places = [panel["gridPos"] for panel in dashboard(path)["panels"]]
    for one, other in combinations(places, 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y, (one, other)
    height = max(place["y"] + place["h"] for place in places)
    assert sum(place["w"] * place["h"] for place in places) == 24 * height


def test_provisioned_source_is_the_one_that_dashboards_ask() -> None:
    (source,) = provisioned("datasources/prometheus.yml")["datasources"]
    kinds = {panel["datasource"]["type"] for path in FILES for panel in panels(path)}
    assert kinds == {source["type"]}
    assert source["isDefault"]


def test_provisioned_dashboards_stay_as_they_are_committed() -> None:
    (provider,) = provisioned("dashboards/streamrnn.yml")["providers"]
    assert not provider["allowUiUpdates"]
    assert Path(provider["options"]["path"]).is_absolute()


def provisioned(name: str) -> dict[str, Any]:
    """Return a file of Grafana's provisioning."""
    found: dict[str, Any] = yaml.safe_load((PROVISIONING / name).read_text(encoding="utf-8"))
    return found
