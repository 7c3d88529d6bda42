"""The stage of a story: auctions made by command, and people signed in on different web processes."""

from collections.abc import Callable

import pytest

from lab.servers.installation import Installation
from tests.staging.installation import add_concert, open_auction
from tests.story.visitor import Visitor


@pytest.fixture(scope="module")
def concert(installation: Installation) -> int:
    """A concert for auctions that nobody wins."""
    return add_concert(installation)


@pytest.fixture
def auction(installation: Installation, concert: int) -> int:
    """An auction of one seat, 100,000 won in steps of 10,000, that runs for an hour."""
    return open_auction(installation, concert, seats=1)


@pytest.fixture(scope="module")
def signed_in(installation: Installation) -> Callable[[str, int], Visitor]:
    """`signed_in(name, n)` is that person, signed in once on the n-th web process and good on both."""
    known: dict[str, Visitor] = {}

    def find(name: str, nth: int) -> Visitor:
        if name not in known:
            known[name] = Visitor(name).sign_in(installation.webs[nth - 1])
        return known[name]

    return find


@pytest.fixture
def alice(signed_in: Callable[[str, int], Visitor]) -> Visitor:
    """Leads. Signed in on the first web process."""
    return signed_in("alice", 1)


@pytest.fixture
def bob(signed_in: Callable[[str, int], Visitor]) -> Visitor:
    """Outbids. Signed in on the second web process."""
    return signed_in("bob", 2)


@pytest.fixture
def mallory(signed_in: Callable[[str, int], Visitor]) -> Visitor:
    """Attacks, with an account of her own."""
    return signed_in("mallory", 2)
