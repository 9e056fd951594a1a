"""The demonstration shows the page wherever it finds a port."""

import socket
import urllib.request
from pathlib import Path

import pytest

from streamrnn.build import build
from streamrnn.demo import page
from streamrnn.page.feed import Feed
from tests.streams import configuration, write_sensors


def test_it_takes_another_port_where_its_own_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sensors(tmp_path / "in.csv", 3)
    shown = configuration(tmp_path)
    worker = build(shown)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(page, "PORT", port)
        address = page.show_page(shown, Feed(), worker)
        assert f":{port}/" not in address
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert b"<title>streamrnn</title>" in answer.read()
    worker.transport.close()
