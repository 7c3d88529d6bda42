"""What a person's own pages cost at any size: for a winner, for the last in the order, and for a stranger."""

from collections.abc import Callable

import pytest

from tests.staging.sizes import FilledSite, Sites, page

PAGES = (
    "/me",
    "/me/bids",
    "/me/running",
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


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_what_needs_somebody_now_costs_four_statements_at_every_size(
    sites: Sites, reader: Callable[[FilledSite], int]
) -> None:
    needs = sites.cost_of(page("/me/needs", reader))
    needs.stays().never_exceeds(statements=4, round_trips=16, answer_bytes=6_000)
