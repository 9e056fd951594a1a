"""What the tests of the page in a browser share."""

import os
from collections.abc import Iterator

import pytest

from tests.page.chromium import DESKTOP, Browser, lacking


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start a browser; skip without one, or fail where `STREAMRNN_REQUIRE_SERVICES` is set."""
    reason = lacking()
    if reason and os.environ.get("STREAMRNN_REQUIRE_SERVICES"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """Give the test a browser on a desk, in the light."""
    chromium.look_like(DESKTOP)
    return chromium
