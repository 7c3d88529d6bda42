"""What it costs to account for answered bids after the live store went back: what is missing, not the auction."""

from collections.abc import Callable
from typing import Any

from cashticket.auction.values import Entry
from cashticket.engine.pauses import OPERATOR
from cashticket.witness.testimony import KnownBids, Record, Testimony
from cashticket.work.accounting import account
from tests.staging.sizes import FilledSite, Sites

MISSING = 5


def accounting(missing: int) -> Callable[[FilledSite], Callable[[], Any]]:
    def prepare(site: FilledSite) -> Callable[[], Any]:
        auction, engine = site.fill(), site.app.extensions["engine"]
        engine.pause(auction.id, OPERATOR)
        board = engine.read(auction.id)
        entries = {
            number: _entry(number, person, board.terms.minimum, board.now_ms, board.ends_at_ms)
            for number, person in enumerate(site.strangers[:missing], board.sequence + 1)
        }
        auctions = {auction.id: KnownBids(board.sequence + missing, entries)}
        testimony = Testimony([Record("web", False, 1, "before", frozenset({"before"}), auctions)])
        return lambda: account(engine, testimony, auction.id)

    return prepare


def _entry(number: int, person: int, amount: int, at_ms: int, ends_at_ms: int) -> Entry:
    return Entry(number, person, 1, amount, at_ms, f"request-{number}", ends_at_ms, number, amount, None, False)


def test_five_missing_bids_cost_the_same_in_an_auction_of_any_size(sites: Sites) -> None:
    sites.cost_of(accounting(MISSING)).stays(live_bytes=40).never_exceeds(statements=8, round_trips=5)


def test_an_auction_that_lacks_nothing_costs_a_look(sites: Sites) -> None:
    sites.cost_of(accounting(0)).stays(live_bytes=40).never_exceeds(statements=4, round_trips=3)
