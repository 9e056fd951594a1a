"""What tests of images and services share: namespaces, and the image within them."""

from collections.abc import Iterator

import pytest

from tests.deploy.engine import Engine
from tests.deploy.image import Image, build, context_of


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give the namespaces that all tests share."""
    with Engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="session")
def image(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Give the image, made once."""
    return build(engine, context_of(tmp_path_factory.mktemp("context")))
