"""What the auction page, the chart's line, the review and the reader's own part cost at any size."""

import pytest

from cashticket.blueprints.auction import history, kept_pages
from tests.staging.sizes import Sites, page

OWN_PART = "/auctions/{running}/standing?lang=ko&with=account"


@pytest.fixture(autouse=True)
def fresh_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cached points stay fresh from the uncounted reading to the counted one, however slow the machine is."""
    monkeypatch.setattr(history, "FRESH_MS", 600_000)


@pytest.fixture(autouse=True)
def page_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is rendered each time, as while bids come."""
    monkeypatch.setattr(kept_pages, "QUIET_MS", 10**15)


def test_the_auction_page_costs_the_same_at_every_size(sites: Sites) -> None:
    shown = sites.cost_of(page("/auctions/{running}"))
    # The chart's line has at most 300 points, whatever there was to bid.
    shown.stays(queue_bytes=20).never_exceeds(statements=1, answer_bytes=49_152, queue_bytes=16_384)


def test_the_own_part_of_a_bidder_costs_the_same_at_every_size(sites: Sites) -> None:
    part = sites.cost_of(page(OWN_PART, lambda site: site.bidders[7]))
    part.stays().never_exceeds(statements=5, round_trips=4, answer_bytes=8_192)


def test_the_own_part_of_somebody_without_a_bid_costs_the_same_at_every_size(sites: Sites) -> None:
    part = sites.cost_of(page(OWN_PART, lambda site: site.strangers[0]))
    part.stays().never_exceeds(statements=5, round_trips=4)


def test_the_own_part_of_a_stranger_asks_no_table(sites: Sites) -> None:
    sites.cost_of(page(OWN_PART)).stays().never_exceeds(statements=0, round_trips=1)


def test_the_header_costs_two_statements_at_every_size(sites: Sites) -> None:
    sites.cost_of(page("/me/header", lambda site: site.bidders[7])).stays().never_exceeds(statements=2, round_trips=0)


def test_the_review_costs_the_same_at_every_size(sites: Sites) -> None:
    review = page("/auctions/{running}/confirm?amount=900000000", lambda site: site.bidders[7])
    sites.cost_of(review).stays().never_exceeds(round_trips=4)


def test_the_line_of_the_chart_costs_the_same_at_every_size(sites: Sites) -> None:
    line = sites.cost_of(page("/auctions/{running}/history"))
    line.stays(queue_bytes=20, answer_bytes=20).never_exceeds(queue_bytes=16_384, answer_bytes=16_384)
