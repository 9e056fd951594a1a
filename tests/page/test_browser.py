"""The page in a real browser, while a worker learns real readings."""

from functools import partial
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from streamrnn.metrics.server import serve
from streamrnn.page.feed import Feed
from streamrnn.page.routes import routes
from tests.page.answers import answer, dead_letter, tell
from tests.page.chromium import DESKTOP, PHONE, Browser, Office, readings, until

pytestmark = pytest.mark.slow

DRAWN = "document.getElementById('chart').data"
TITLE = "document.getElementById('stream').textContent"
HOSTILE = [
    "<img src=x onerror=\"document.body.id='owned'\">",
    "</script><script>document.body.id='owned'</script>",
    "<a href=\"javascript:document.body.id='owned'\">a</a><br><b>bold</b>",
    "\n\ndata: {}\n\n' onfocus=document.body.id='owned' autofocus '",
]


def show(feed: Feed) -> str:
    well = {"good": True, "problems": [], "partitions": {"0": "running"}}
    asked = {"alive": lambda: well, "ready": lambda: well}
    shown = routes(feed, asked, application="office", target="temperature")
    return f"http://127.0.0.1:{serve('127.0.0.1', 0, shown)}/"


def shows(browser: Browser, title: str) -> bool:
    return bool(browser.ask(TITLE) == title)


def test_it_draws_what_is_learned_and_moves_without_an_error(
    browser: Browser, tmp_path: Path
) -> None:
    with Office(tmp_path) as office:
        browser.open(office.address)
        office.send(readings(0, 60))
        until(lambda: len(browser.trace("value")["y"]) == 60, "60 values are drawn")
        values = [r["value"] for r in readings(0, 60) if r["sensor"] == "Temperature"]
        assert browser.trace("value") == {"x": list(range(60)), "y": values}
        # Each forecast stands one step after the record that made it.
        forecasts = office.forecasts("Temperature")
        assert browser.trace("forecast")["y"] == [None, *forecasts[:-1]]
        assert browser.trace("ahead")["x"] == [59, 60]
        assert browser.trace("ahead")["y"][-1] == forecasts[-1]
        office.send(readings(60, 90))
        until(lambda: len(browser.trace("value")["y"]) == 90, "30 more values are drawn")
        assert len(browser.trace("running error")["y"]) == 90
        assert browser.ask(TITLE) == "Temperature"
        assert browser.ask("document.querySelectorAll('#chart .scatterlayer path').length") > 3
        assert browser.ask("document.title") == "office · streamrnn"
        assert browser.console() == []
        assert browser.outside(office.address) == []


def test_nothing_that_a_key_holds_runs(browser: Browser, tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        browser.open(office.address)
        for n in range(5):
            office.send({"date": key, "sensor": key, "value": n} for key in HOSTILE)
        names = "[...document.querySelectorAll('#streams-list .name')].map(n => n.textContent)"
        until(lambda: sorted(browser.ask(names)) == sorted(HOSTILE), "all keys are listed as text")
        for key in HOSTILE:
            script = "[...document.querySelectorAll('#streams-list button')].find(b => "
            browser.driver.execute_script(f"{script}b.title === arguments[0]).click()", key)
            until(partial(shows, browser, key), "the key is the title")
            until(lambda: len(browser.trace("value")["y"]) == 5, "its values are drawn")
        assert browser.ask("document.body.id") != "owned"
        assert browser.ask("document.querySelectorAll('main :is(img, script, a, b b)').length") == 0
        # Had one been made an element, the policy would have complained here.
        assert browser.console() == []


def test_intervals_and_anomalies_are_drawn_and_dead_letters_counted(browser: Browser) -> None:
    feed = Feed()
    unusual = {7: 0.9995, 9: 0.99}
    tell(feed, *[answer(n, anomaly=unusual.get(n), horizon=3) for n in range(12)])
    tell(feed, dead_letter(12), dead_letter(13, "type"))
    browser.open(show(feed))
    until(lambda: len(browser.trace("value")["y"]) == 12, "values are drawn")
    assert browser.trace("lower") == {"x": list(range(1, 15)), "y": [n - 0.5 for n in range(1, 15)]}
    assert browser.trace("upper")["y"] == [n + 0.5 for n in range(1, 15)]
    assert browser.trace("anomalies") == {"x": [7], "y": [7.0]}
    assert browser.trace("ahead")["y"] == [11.0, 12.0, 13.0, 14.0]
    assert browser.ask("document.getElementById('covered').textContent") == "100 %"
    assert browser.ask("document.getElementById('dead').textContent") == "2"
    assert browser.ask("document.getElementById('reasons').textContent") == "1 malformed, 1 type"
    assert browser.console() == []


def test_a_stream_is_found_and_chosen_by_the_keyboard(browser: Browser) -> None:
    feed = Feed()
    for n in range(30):
        tell(feed, *[answer(n, f"pump {pump}", value=100.0 * pump + n) for pump in range(12)])
    browser.open(show(feed))
    browser.wait("document.querySelectorAll('#streams-list li').length === 12", "streams are there")
    search = browser.driver.switch_to.active_element
    for _ in range(10):
        search.send_keys(Keys.TAB)
        search = browser.driver.switch_to.active_element
        if search.get_attribute("id") == "search":
            break
    search.send_keys("PUMP 11", Keys.ARROW_DOWN)
    assert browser.ask("document.querySelectorAll('#streams-list li:not([hidden])').length") == 1
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait(f"{TITLE} === 'pump 11'", "the stream is chosen")
    until(lambda: browser.trace("value")["y"][-1:] == [1129.0], "its values are drawn")
    chart = browser.driver.find_element("id", "chart")
    chart.send_keys(Keys.ARROW_LEFT)
    read = "document.getElementById('read-value').textContent"
    browser.wait(f"{read} === '1,128'", "the value before the last is read")
    # Its address finds it again.
    browser.driver.refresh()
    browser.wait(f"{TITLE} === 'pump 11'", "the stream is still chosen")


def test_a_paused_chart_stands_still(browser: Browser) -> None:
    feed = Feed()
    tell(feed, *map(answer, range(30)))
    browser.open(show(feed))
    until(lambda: len(browser.trace("value")["y"]) == 30, "values are drawn")
    browser.driver.find_element("id", "pause").click()
    tell(feed, *map(answer, range(30, 40)))
    browser.wait("document.getElementById('step').textContent === '39'", "the numbers go on")
    assert len(browser.trace("value")["y"]) == 30
    browser.driver.find_element("id", "pause").click()
    until(lambda: len(browser.trace("value")["y"]) == 40, "all values are drawn")


def test_it_goes_on_with_the_worker_that_comes_after(browser: Browser, tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        browser.open(office.address)
        office.send(readings(0, 40))
        until(lambda: len(browser.trace("value")["y"]) == 40, "values are drawn")
        office.kill()
    state = "document.getElementById('state').dataset.state"
    browser.wait(f"{state} === 'lost'", "it says that the worker is gone")
    port = office.address.rstrip("/").rpartition(":")[2]
    with Office(tmp_path, "--set", f"metrics.port={port}") as office:
        office.send(readings(40, 55))
        until(lambda: len(browser.trace("value")["y"]) == 15, "what is new is drawn")
        assert browser.ask(state) != "lost"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_the_screen_in_the_light_and_in_the_dark(
    browser: Browser, tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    browser.look_like(size, dark=dark)
    with Office(tmp_path) as office:
        browser.open(office.address)
        office.send(readings(0, 200))
        office.send([{"date": 1, "sensor": "a-very-long-name-without-any-space" * 3, "value": 1}])
        browser.wait("document.querySelectorAll('#streams-list li').length === 4", "streams")
        until(lambda: len(browser.trace("value")["y"]) >= 100, "values are drawn")
        assert browser.ask("document.documentElement.scrollWidth") <= size[0]
        chart = browser.ask("document.getElementById('chart').getBoundingClientRect().toJSON()")
        assert chart["right"] <= size[0]
        assert chart["bottom"] <= size[1]
        ground = browser.ask("getComputedStyle(document.documentElement).backgroundColor")
        lightness = [int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")]
        assert max(lightness) < 64 if dark else min(lightness) > 192
        line = browser.ask(f"{DRAWN}.find(t => t.name === 'value').line.color")
        assert line == ("#e8eef1" if dark else "#16202a")
        assert browser.driver.save_screenshot(str(tmp_path / "page.png"))
        assert browser.console() == []
