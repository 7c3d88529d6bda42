"""The history of the cut-off: its points, its sentence and table on the page, and its cost."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import insert

from cashticket.ledger import queries
from cashticket.ledger.history import POINTS_MAX, cutoff_history
from cashticket.locale import to_ms
from cashticket.models import Auction, RecordedBid
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.staging.rows import add_person, bid_row
from tests.web.bidding import counting


def record(auction_id: int, bids: Sequence[tuple[int, int]]) -> int:
    """Record bids as (ms after the opening, cut-off after it), three to a person; the ms of the opening."""
    auction = queries.auction(auction_id)
    assert auction is not None
    opens_at_ms = to_ms(auction.opens_at)
    rows: list[dict[str, Any]] = []
    bidders = [add_person("bidder") for _ in bids[::3]]
    for number, (after_ms, cutoff) in enumerate(bids):
        given = {"nth": number % 3 + 1, "at_ms": opens_at_ms + after_ms, "cutoff": cutoff}
        rows.append(bid_row(auction, bidders[number // 3], number + 1, **given))

    def work(session: Any) -> None:
        if rows:
            session.execute(insert(RecordedBid), rows)
        session.get_one(Auction, auction_id).recorded_sequence = len(rows)

    in_one_unit(work)
    return opens_at_ms


def test_the_points_are_the_changes_and_the_last_bid(app: Flask, client: Browser) -> None:
    auction = open_auction()
    opened = record(auction, [(1_000, 100_000), (2_000, 105_000), (3_000, 105_000), (4_000, 105_000), (9_000, 120_000)])
    answer = client.get(f"/auctions/{auction}/history")
    assert answer.get_json() == {
        "version": 5,
        "bids": 5,
        "points": [[opened, 100_000], [opened + 2_000, 105_000], [opened + 9_000, 120_000]],
    }


def test_an_auction_without_bids_begins_at_its_minimum(app: Flask, client: Browser) -> None:
    auction = open_auction()
    opened = record(auction, [])
    assert client.get(f"/auctions/{auction}/history").get_json() == {
        "version": 0,
        "bids": 0,
        "points": [[opened, 100_000]],
    }
    page = client.get(f"/auctions/{auction}").get_data(as_text=True)
    assert "최저가 100,000원" in page and re.search(r'<details class="history-table" hidden', page)


def test_many_bids_become_few_points_and_no_change_is_shown_early(app: Flask) -> None:
    auction = open_auction()
    bids = [(number * 137, 100_000 + number * 5_000) for number in range(1, 901)]
    opened = record(auction, bids)
    row = queries.auction(auction)
    assert row is not None
    points = cutoff_history(row).points
    assert len(points) <= POINTS_MAX and len(points) > POINTS_MAX / 2
    assert list(points) == sorted(points) and points[-1] == (opened + bids[-1][0], bids[-1][1])
    truth = {opened + at_ms: cutoff for at_ms, cutoff in bids}
    assert all(truth[at_ms] == cutoff for at_ms, cutoff in points[1:])


def test_many_readers_cost_one_look_at_the_ledger_and_no_session(app: Flask, client: Browser) -> None:
    auction = open_auction()
    record(auction, [(1_000, 100_000)])
    first = client.get(f"/auctions/{auction}/history?lang=en")
    assert first.headers["Cache-Control"] == "public, max-age=2"
    assert "Cookie" not in first.headers.get("Vary", "") and "Set-Cookie" not in first.headers
    with counting() as counted:
        assert client.get(f"/auctions/{auction}/history").data == first.data
    assert counted["sql"] == 0


def test_the_history_of_an_unknown_auction_is_not_found(client: Browser) -> None:
    assert client.get("/auctions/4711/history").status_code == 404


def test_the_page_shows_the_history_as_a_sentence_and_a_table(
    app: Flask, client: Browser, browser: Callable[[], Browser]
) -> None:
    auction = open_auction()
    record(auction, [(number * 1_000, 100_000 + number * 5_000) for number in range(1, 21)])
    page = client.get(f"/auctions/{auction}").get_data(as_text=True)
    assert "커트라인이 100,000원에서 200,000원까지 올랐어요." in page
    table = page.partition('<details class="history-table">')[2].partition("</table>")[0]
    amounts = re.findall(r"<td class=\"amount\">([\d,]+)원", table)
    assert amounts == [f"{amount:,}" for amount in range(200_000, 140_000, -5_000)]
    assert "cut-off rose from ₩100,000 to ₩200,000" in browser().get(f"/auctions/{auction}?lang=en").get_data(True)
