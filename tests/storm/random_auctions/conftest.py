"""Random auctions write no log: pytest would keep every line of every settlement."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def without_logs() -> Iterator[None]:
    """No line of log is written or kept."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
