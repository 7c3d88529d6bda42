"""The stage of the browser's tests."""

import pytest

from tests.servers.house import House
from tests.story.stage import open_auction


@pytest.fixture
def auction(house: House) -> int:
    """An auction of one seat, 100,000 won in steps of 10,000, that runs for an hour."""
    return open_auction(house, seats=1)
