"""Both stores for the state machine."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.storm.stateful.stores import Stores
from tests.storm.stateful.strategies import BACKLOG_MAX


@pytest.fixture
def stores(app: Flask) -> Iterator[Stores]:
    """Both stores, with logging off."""
    logging.disable()
    try:
        yield Stores(app, BACKLOG_MAX)
    finally:
        logging.disable(logging.NOTSET)
