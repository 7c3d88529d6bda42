"""What a person's own pages cost at any size: for a winner, for the last in the order, and for a stranger."""

from collections.abc import Callable

import pytest

from tests.staging.sizes import FilledSite, Sites, page

PAGES = (
    "/me",
    "/me/bids",
    "/me/tickets",
    "/me/notifications",
    "/me/notifications/latest",
    "/me/notifications/unread",
    "/me/profile",
    "/me/profile/security",
)
READERS = {
    "winner": FilledSite.winner,
    "loser": FilledSite.loser,
    "stranger": lambda site: site.strangers[3],
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("path", PAGES)
def test_my_pages_cost_the_same_at_every_size(sites: Sites, path: str, reader: Callable[[FilledSite], int]) -> None:
    sites.cost_of(page(path, reader)).stays()
