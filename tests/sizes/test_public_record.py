"""What the public record of a settled auction costs at any size: its pages, the search for a late bid, and the CSV."""

import tracemalloc
from collections.abc import Callable
from itertools import islice
from math import log2
from typing import Any

from werkzeug.test import TestResponse

from cashticket.ledger import public_record, queries, whole_record
from cashticket.ledger.end_moves import first_bid_past
from cashticket.locale import to_ms
from tests.staging.sizes import SIZES, FilledSite, Sites, page

# A bid that stood at the end is read from the bids and from the final ranks, another from the bids alone.
ROWS_OF_A_BID = 3
# Later bids are higher, and ranks and numbers longer.
LONGER_ROWS = 1.4
STATEMENTS = 6
BYTES_MAX = 40_000


def test_a_page_of_the_record_costs_the_same_wherever_it_stands(sites: Sites) -> None:
    cost = sites.cost_of(page("/auctions/{settled}/record?page=2"))
    cost.stays(answer_bytes=LONGER_ROWS, rows_read=ROWS_OF_A_BID, rows_fetched=ROWS_OF_A_BID).never_exceeds(
        statements=STATEMENTS, answer_bytes=BYTES_MAX
    )

    def last_page(site: FilledSite) -> Callable[[], TestResponse]:
        return page(f"/auctions/{{settled}}/record?page={public_record.page_of(site.settled.bids)}")(site)

    sites.cost_of(last_page).never_exceeds(statements=STATEMENTS, rows_read=400, answer_bytes=BYTES_MAX)


def test_the_first_page_with_the_moves_of_the_end_costs_the_same_at_every_size(sites: Sites) -> None:
    cost = sites.cost_of(page("/auctions/{settled}/record"))
    cost.stays(answer_bytes=LONGER_ROWS, rows_read=ROWS_OF_A_BID, rows_fetched=ROWS_OF_A_BID).never_exceeds(
        statements=STATEMENTS, answer_bytes=BYTES_MAX
    )


def test_an_unchanged_page_costs_three_statements_and_no_bytes(sites: Sites) -> None:
    def again(site: FilledSite) -> Callable[[], TestResponse]:
        browser, path = site.browser(), f"/auctions/{site.settled.id}/record?page=2"
        tag = browser.get(path).headers["ETag"]
        return lambda: browser.get(path, headers={"If-None-Match": tag})

    sites.cost_of(again).stays().never_exceeds(statements=3, round_trips=0, answer_bytes=0)


def test_the_bid_that_moved_an_end_is_found_in_a_logarithm_of_steps(sites: Sites) -> None:
    def search(site: FilledSite) -> Callable[[], Any]:
        auction = queries.auction(site.settled.id)
        assert auction is not None
        before_ms, bids = to_ms(auction.ends_at) - 1, site.settled.bids

        def find() -> None:
            first = first_bid_past(site.settled.id, before_ms, bids)
            assert first is not None and first.sequence == 1

        return find

    # Each step is one statement, which may look at two rows.
    sites.cost_of(search).grows_by_at_most(2 * log2(200))


def test_the_csv_is_read_in_windows_with_bounded_memory(sites: Sites) -> None:
    site, few = sites.make(SIZES[1]), 3
    with site.inside():
        # The auction is filled before anything is counted.
        windows = -(-site.settled.bids // whole_record.WINDOW_NUMBERS)
        assert windows > 5 * few and _read(site) == site.settled.bids
        with site.counters.counted() as cost:
            _read(site)
        assert cost.statements <= windows + 3, cost
        assert _peak(site) < 1.5 * _peak(site, few)


def _read(site: FilledSite, windows: int | None = None) -> int:
    """Read the record of the settled auction, or its first `windows`. Returns the number of rows."""
    record = public_record.record_of(site.settled.id)
    assert record is not None
    return sum(len(rows) for rows in islice(whole_record.all_rows(record), windows))


def _peak(site: FilledSite, windows: int | None = None) -> int:
    """The most bytes that reading it held at once."""
    tracemalloc.start()
    try:
        _read(site, windows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
