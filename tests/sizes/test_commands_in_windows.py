"""What commands of operators cost that go through a whole auction or through all accounts: a few steps a window."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.ledger import award_queries, bid_windows
from cashticket.models import Person, Quarantined
from cashticket.models.units import in_one_unit
from lab.filling.auctions import FilledAuction
from tests.sizes.test_commands import WHY, command
from tests.staging.sizes import FilledSite, Sites

pytestmark = pytest.mark.sweep


def test_all_accounts_are_listed_in_windows(sites: Sites) -> None:
    counts: list[int] = []

    def listing(site: FilledSite) -> Callable[[], Any]:
        assert site.people
        counts.append(db.session.scalar(select(func.count()).select_from(Person)) or 0)
        return command("user list")(site)

    growth = sites.cost_of(listing)
    growth.stays_in_windows(counts, window=1_000)


def test_all_awards_are_listed_in_windows_of_seats(sites: Sites) -> None:
    seats: list[int] = []

    def listing(site: FilledSite) -> Callable[[], Any]:
        seats.append(site.size.seats)
        return command("award list", "{settled}")(site)

    sites.cost_of(listing).stays_in_windows(seats, window=award_queries.SEATS_A_WINDOW)


def test_entries_that_were_set_aside_are_listed_in_windows(sites: Sites) -> None:
    entries: list[int] = []

    def listing(site: FilledSite) -> Callable[[], Any]:
        auction, count = site.fill(bids_each=range(1, 2)).id, site.size.bidders
        rows = [{"auction_id": auction, "raw": "not a bid", "reason": "unreadable"} for _ in range(count)]
        in_one_unit(lambda session: session.execute(insert(Quarantined), rows))
        entries.append(count)
        return command("auction quarantine", str(auction))(site)

    sites.cost_of(listing).stays_in_windows(entries, window=1_000)


@pytest.mark.parametrize("given", [(), ("--yes",)], ids=["lost", "replaced"])
def test_an_auction_is_rebuilt_and_checked_in_windows(sites: Sites, given: tuple[str, ...]) -> None:
    auctions: list[FilledAuction] = []

    def rebuilding(site: FilledSite) -> Callable[[], Any]:
        auction = site.fill()
        auctions.append(auction)
        if not given:
            engine = site.app.extensions["engine"]
            engine.finish(auction.id, State.VOIDED)
            assert engine.forget(auction.id)
        return command("auction rebuild", str(auction.id), *given, *WHY)(site)

    growth = sites.cost_of(rebuilding, warm=False)
    growth.stays_in_windows([auction.bids for auction in auctions], window=500, each=6, base=60)


def test_a_rebuilding_reads_one_window_of_bids_at_a_time(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    site = list(sites)[-1]
    with site.inside():
        auction = site.fill()
        windows: list[int] = []
        between = bid_windows.bids_between

        def counted(*arguments: Any) -> Any:
            for window in between(*arguments):
                windows.append(len(window))
                yield window

        monkeypatch.setattr(bid_windows, "bids_between", counted)
        command("auction rebuild", str(auction.id), "--yes", *WHY)(site)()
    assert max(windows) <= bid_windows.BIDS_MAX and sum(windows) >= auction.bids > bid_windows.BIDS_MAX
