"""Alerts fire when they should, and each says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.make import made
from tests.deploy.expressions import exposed, named_in, without_thresholds
from tests.deploy.prometheus import promtool

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yml"
TESTS = sorted(FOLDER.glob("*_test.yml"))
HEADINGS = [
    "## What it means",
    "## Look",
    "## Do",
    "## What is lost",
    "## When to worry",
]


def read(path: Path) -> Any:
    """Return what a file of YAML holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in read(RULES)["groups"] for rule in group["rules"]
}
of_each_alert = pytest.mark.parametrize("name", ALERTS)


def test_rules_are_right() -> None:
    result = promtool("check", "rules", RULES)
    assert result.returncode == 0, result.stdout


def test_alerts_fire_when_they_should_and_not_otherwise() -> None:
    result = promtool("test", "rules", *TESTS)
    assert result.returncode == 0, result.stdout


@of_each_alert
def test_firing_and_not_firing_are_both_tried(name: str) -> None:
    tried = [
        bool(case.get("exp_alerts"))
        for path in TESTS
        for test in read(path)["tests"]
        for case in test.get("alert_rule_test", ())
        if case["alertname"] == name
    ]
    assert set(tried) == {True, False}


@of_each_alert
def test_each_says_how_bad_what_how_much_and_where_to_look(name: str) -> None:
    rule = ALERTS[name]
    notes = rule["annotations"]
    assert name.startswith("Streamrnn")
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert "$labels" in notes["summary"]
    assert "$value" in notes["description"]
    addresses = re.findall(r'"uid": "(streamrnn-\w+)"', "".join(text for _, text in made()))
    assert re.fullmatch(rf"/d/({'|'.join(addresses)})(\?.*)?", notes["dashboard"])


@of_each_alert
def test_each_has_a_page_that_says_what_to_do(name: str) -> None:
    page = (ROOT / ALERTS[name]["annotations"]["runbook_url"]).read_text(encoding="utf-8")
    assert name in page
    assert re.findall(r"^## .*", page, re.MULTILINE) == HEADINGS


def test_each_page_belongs_to_an_alert() -> None:
    pages = {f"docs/runbooks/{path.name}" for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert pages == {rule["annotations"]["runbook_url"] for rule in ALERTS.values()}


@of_each_alert
def test_each_series_that_is_asked_for_exists(name: str) -> None:
    assert named_in(ALERTS[name]["expr"]) - exposed().keys() == set()


def test_an_expression_is_taken_apart_into_what_it_compares() -> None:
    expression = (
        "count by (a) (f(x[1h]) unless g(y) > 0) or x / (y > 0) < on (a) group_left () (z - 1)"
    )
    parts = ["f(x[1h])", "g(y)", "x / (y )", "(z - 1)"]
    assert without_thresholds(expression) == parts
