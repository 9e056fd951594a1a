"""The live page of the demonstration."""

import threading

from streamrnn.configuration import Configuration
from streamrnn.demo.view import View
from streamrnn.errors import ConfigurationError
from streamrnn.health import Health
from streamrnn.metrics.server import serve
from streamrnn.page.feed import Feed
from streamrnn.page.routes import routes
from streamrnn.worker import Worker

HOST = "127.0.0.1"
PORT = 9464


def show_page(configuration: Configuration, feed: Feed, worker: Worker) -> str:
    """Serve the page for as long as the program runs; return its address.

    The port is the same each time, so that a page that is open goes on; if another program has it,
    the system chooses one.
    """
    health = Health(worker.processors, lambda: worker.transport.status)
    shown = routes(
        feed,
        {"alive": health.alive, "ready": health.ready},
        application=configuration.app.id,
        target=configuration.task.target,
    )
    try:
        port = serve(HOST, PORT, shown)
    except ConfigurationError:
        port = serve(HOST, 0, shown)
    return f"http://{HOST}:{port}/"


def stay(view: View, address: str) -> None:
    """Keep the page until Ctrl-C, where somebody sits at a terminal and may look at it."""
    if not view.console.is_terminal:
        return
    view.console.print(f"\nThe page stays at {address} until Ctrl-C.", highlight=False)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        view.console.print()
