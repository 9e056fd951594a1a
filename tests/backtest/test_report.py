"""The page: it stands alone, says what the figures say, and texts from data do no harm."""

import base64
import hashlib
import os
import re
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from streamrnn.backtest.answers import DeadLetters
from streamrnn.backtest.figures import Figures
from streamrnn.backtest.report import report
from streamrnn.backtest.run import Outcome
from streamrnn.backtest.scores import Scores
from streamrnn.backtest.summary import summarize
from streamrnn.records import DeadLetter, Record
from tests.backtest.scored import EXPERTS, hear, setting, told
from tests.page.chromium import DESKTOP, PHONE, Browser, lacking
from tests.streams import configuration

HOSTILE = [
    "</script><script>document.body.id='owned'</script>",
    "<img src=x onerror=\"document.body.id='owned'\">",
    "{{library}} & <b>bold</b> \u2028 '\" ",
]


def made(folder: Path, seed: int = 1) -> tuple[Figures, Scores]:
    """Return figures of three experts on streams that are called badly."""
    heard = told(seed, 900, 3)
    names = {f"s{n}": name for n, name in enumerate(HOSTILE)}
    for n, event in enumerate(heard.events):
        said = {"key": names[event.key or ""], "time": HOSTILE[n % 2]}
        heard.events[n] = msgspec.structs.replace(event, **said)
    scores = Scores(setting(3, (4,)))
    hear(scores, heard, seed)
    letters = DeadLetters()
    letters.add(DeadLetter(Record(0, 7, None, b""), "type", HOSTILE[1]))
    outcome = Outcome(scores, 1030, letters, 2.0, 0.5)
    return summarize(configuration(folder), outcome), scores


class Elements(HTMLParser):
    """Collects elements, and the text of those that hold scripts, styles and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.started.append((tag, dict(attrs)))
        self._open = tag
        self.texts.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._open = None


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Elements, Figures, bytes]:
    figures, scores = made(tmp_path_factory.mktemp("report"))
    content = report(figures, scores)
    elements = Elements()
    elements.feed(content.decode())
    return elements, figures, content


def test_it_loads_nothing_and_runs_only_its_own_two_scripts(
    page: tuple[Elements, Figures, bytes],
) -> None:
    elements, _, _ = page
    for _, attributes in elements.started:
        assert not {"src", "href", "srcset", "action", "data", "poster"} & {*attributes}
        assert not any(name.startswith("on") for name in attributes)
    (style,) = elements.texts["style"]
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = [
        a["content"] or "" for t, a in elements.started if a.get("http-equiv") and t == "meta"
    ]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    _, *scripts = elements.texts["script"]
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert digests == allowed
    assert len(digests) == 2
    assert len(scripts[0]) > 1_000_000


def test_texts_from_data_are_there_as_texts(page: tuple[Elements, Figures, bytes]) -> None:
    elements, _, _ = page
    assert {"img", "b"} & {tag for tag, _ in elements.started} == {"b"}
    assert len(elements.texts["b"]) == 1
    data = msgspec.json.decode(elements.texts["script"][0])
    assert {shown["name"] for shown in data["streams"]} == {*HOSTILE}
    assert any(HOSTILE[1] in text for text in elements.texts["li"])


def test_plots_show_what_the_figures_say(page: tuple[Elements, Figures, bytes]) -> None:
    elements, figures, _ = page
    data = msgspec.json.decode(elements.texts["script"][0])
    assert [step["words"] for step in data["steps"]] == ["one step ahead", "3 steps ahead"]
    for step, over in zip(data["steps"], figures.over, strict=True):
        assert [line["name"] for line in step["shares"]["lines"]] == [*EXPERTS]
        errors = {line["name"]: line["y"] for line in step["errors"]["lines"]}
        last = [method.name for method in figures.methods].index("last value")
        assert errors["mixture"] == [w.means[0] / w.means[last] for w in over.errors]
        assert errors["last value"] == [1.0] * len(over.errors)
        # Texts that are no times: records stand at their numbers.
        assert step["errors"]["x"] == [w.offset for w in over.errors]
        assert step["coverage"]["lines"][0]["y"] == [w.means[0] for w in over.coverage]
    for card, worst in zip(data["worst"], figures.worst, strict=True):
        assert card["shown"]["values"][card["index"]] == worst.value
        assert card["shown"]["forecasts"][0]["forecast"][card["index"]] == worst.forecast
        assert card["shown"]["x"][card["index"]] == worst.offset
    (headline,) = elements.texts["h1"]
    assert headline == figures.headline


def started() -> Browser:
    reason = lacking()
    if reason and os.environ.get("STREAMRNN_REQUIRE_SERVICES"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    return Browser()


@pytest.mark.slow
@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
def test_a_browser_draws_it_without_an_error(
    tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    figures, scores = made(tmp_path)
    path = tmp_path / "report.html"
    path.write_bytes(report(figures, scores))
    with closing(started()) as browser:
        browser.look_like(size, dark=dark)
        browser.open(path.as_uri())
        drawn = "document.querySelectorAll('.plot .main-svg').length > 10"
        browser.wait(drawn, "the plots are drawn")
        browser.ask("document.querySelectorAll('#steps input')[1].click()")
        title = "document.getElementById('stream-title').textContent"
        assert "3 steps ahead" in browser.ask(title)
        assert browser.ask("document.body.id") == ""
        assert browser.ask("document.documentElement.scrollWidth <= innerWidth")
        assert browser.outside(path.as_uri()) == []
        assert browser.console() == []
