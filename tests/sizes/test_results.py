"""What the results of a settled auction cost at any size: pages, search, one's own outcome, and the export."""

import tracemalloc
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from werkzeug.test import TestResponse

from cashticket.ledger import queries
from cashticket.work import exporting
from tests.staging.final_ranks import alias_of
from tests.staging.sizes import SIZES, FilledSite, Sites, page

# A winner's row is read from the ranks, the awards and the seats; whoever is below the seats has a rank alone.
ROWS_OF_A_WINNER = 3
# A row with a seat is longer than one without, and all fifty of a page may have one.
SEATS_IN_ROWS = 1.4
# The first page tells how the cut-off rose, in 300 points at most.
HISTORY_POINTS = 20
BYTES_MAX = 24_000
READERS: dict[str, Callable[[FilledSite], int]] = {
    "winner": FilledSite.winner,
    "loser": FilledSite.loser,
    "stranger": lambda site: site.strangers[4],
}


@pytest.mark.parametrize("query", ["", "?page=2", "?lang=en"])
def test_a_page_of_results_costs_the_same_at_every_size(sites: Sites, query: str) -> None:
    cost = sites.cost_of(page(f"/auctions/{{settled}}/results{query}"))
    cost.stays(answer_bytes=SEATS_IN_ROWS, rows_read=ROWS_OF_A_WINNER, queue_bytes=HISTORY_POINTS).never_exceeds(
        statements=2, answer_bytes=BYTES_MAX
    )


def test_the_last_page_costs_what_the_first_one_does(sites: Sites) -> None:
    def last_page(site: FilledSite) -> Callable[[], TestResponse]:
        return page(f"/auctions/{{settled}}/results?page={site.size.bidders // 50}")(site)

    sites.cost_of(last_page).stays().never_exceeds(statements=2, answer_bytes=BYTES_MAX)


def test_a_search_by_alias_costs_the_same_at_every_size(sites: Sites) -> None:
    def search(site: FilledSite) -> Callable[[], TestResponse]:
        alias = alias_of(site.settled.id, site.size.bidders - 7)
        return page(f"/auctions/{{settled}}/results?alias={alias}")(site)

    sites.cost_of(search).stays().never_exceeds(statements=3, answer_bytes=BYTES_MAX)


def test_an_unchanged_page_costs_one_statement_and_no_bytes(sites: Sites) -> None:
    def again(site: FilledSite) -> Callable[[], TestResponse]:
        browser, path = site.browser(), f"/auctions/{site.settled.id}/results?page=2"
        tag = browser.get(path).headers["ETag"]
        return lambda: browser.get(path, headers={"If-None-Match": tag})

    sites.cost_of(again).stays().never_exceeds(statements=1, round_trips=0, answer_bytes=0)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_ones_own_outcome_costs_two_statements(sites: Sites, reader: Callable[[FilledSite], int]) -> None:
    cost = sites.cost_of(page("/auctions/{settled}/outcome?lang=ko", reader, **{"HX-Request": "true"}))
    cost.stays().never_exceeds(statements=2, round_trips=0, answer_bytes=2_000)


def test_the_outcome_with_the_account_costs_three_statements(sites: Sites) -> None:
    """What the results load: the session, the outcome, and the number of unread notices."""
    path = "/auctions/{settled}/outcome?lang=ko&with=account"
    cost = sites.cost_of(page(path, FilledSite.winner, **{"HX-Request": "true"}))
    cost.stays().never_exceeds(statements=3, round_trips=0, answer_bytes=4_000)


def test_an_anonymous_readers_outcome_costs_one_statement(sites: Sites) -> None:
    cost = sites.cost_of(page("/auctions/{settled}/outcome?lang=ko", **{"HX-Request": "true"}))
    cost.stays().never_exceeds(statements=1, round_trips=0)


def test_the_standing_after_the_end_costs_four_statements_at_most(sites: Sites) -> None:
    """What each page fetches once the auction is settled."""
    cost = sites.cost_of(page("/auctions/{settled}/standing", FilledSite.loser))
    cost.never_exceeds(statements=4, rows_read=60, round_trips=3, answer_bytes=2_000)


@pytest.mark.parametrize("which", ["running", "settled"])
def test_an_export_holds_no_more_than_its_first_windows_do(sites: Sites, which: str) -> None:
    site = sites.make(SIZES[1])
    few, all_of_them = 3, site.size.bidders // exporting.WINDOW
    assert all_of_them > 5 * few
    # One window is read while the one before is still held, so the first ones show the highest use of memory.
    assert _peak_of_export(site, which) < 1.5 * _peak_of_export(site, which, windows=few)


def test_an_export_reads_a_fixed_number_of_times_for_each_window(sites: Sites) -> None:
    for size in SIZES[:2]:
        site = sites.make(size)
        windows = -(-size.bidders // exporting.WINDOW)
        with site.inside():
            # The auctions are filled before anything is counted.
            assert _export(site, "settled") == _export(site, "running") == size.bidders
        with site.inside(), site.counters.counted() as cost:
            _export(site, "settled")
        assert cost.statements <= windows + 6, cost
        with site.inside(), site.counters.counted() as cost:
            _export(site, "running")
        assert cost.round_trips <= windows + 3, cost


def _export(site: FilledSite, which: str, windows: int | None = None) -> int:
    """Read the export, or its first `windows`. Returns the number of rows."""
    engine: Any = site.app.extensions["engine"]
    auction = queries.auction(getattr(site, which).id)
    assert auction is not None
    return sum(len(window) for window in islice(exporting.export_of(engine, auction).windows, windows))


def _peak_of_export(site: FilledSite, which: str, windows: int | None = None) -> int:
    """The most bytes that an export, or its first `windows`, held at once."""
    with site.inside():
        assert _export(site, which) == site.size.bidders
        tracemalloc.start()
        try:
            _export(site, which, windows)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
