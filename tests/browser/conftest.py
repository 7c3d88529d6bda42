"""The stage of the browser's tests."""

import pytest

from lab.servers.installation import Installation
from tests.staging.installation import add_concert, open_auction


@pytest.fixture(scope="module")
def concert(installation: Installation) -> int:
    """A concert for auctions that nobody wins."""
    return add_concert(installation)


@pytest.fixture
def auction(installation: Installation, concert: int) -> int:
    """An auction of one seat, 100,000 won in steps of 10,000, that runs for an hour."""
    return open_auction(installation, concert, seats=1)
