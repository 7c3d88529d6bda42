"""The stage of the browser's tests."""

import pytest

from lab.servers.installation import House
from tests.story.stage import add_concert, open_auction


@pytest.fixture(scope="module")
def concert(house: House) -> int:
    """A concert for auctions that nobody wins."""
    return add_concert(house)


@pytest.fixture
def auction(house: House, concert: int) -> int:
    """An auction of one seat, 100,000 won in steps of 10,000, that runs for an hour."""
    return open_auction(house, concert, seats=1)
