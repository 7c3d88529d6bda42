"""What each script of the live store costs at any size: one atomic step, during which nobody's bid is decided."""

from collections.abc import Callable
from math import log2
from typing import Any

import pytest

from cashticket.auction.outages import Silence
from cashticket.auction.values import Entry, Permission, State
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction
from lab.filling.auctions import MINIMUM, STEP
from tests.staging.sizes import FilledSite, Sites

# Scripts know nothing of the database.
pytestmark = pytest.mark.parametrize("sites", ["sqlite"], indirect=True)

OPENS = 4_102_444_800_000

Act = Callable[[Engine, int, FilledSite], Any]


def paused_and_resumed(engine: Engine, auction_id: int, site: FilledSite) -> None:
    assert engine.pause(auction_id, "counting") and engine.resume(auction_id, "counting")


def extended(engine: Engine, auction_id: int, site: FilledSite) -> None:
    engine.extend(auction_id, to_ms(db.session.get_one(Auction, auction_id).closes_at))


def opened_again(engine: Engine, auction_id: int, site: FilledSite) -> None:
    assert not engine.open(terms_of(db.session.get_one(Auction, auction_id)))


ON_A_RUNNING_AUCTION: dict[str, Act] = {
    "read": lambda engine, auction_id, site: engine.read(auction_id),
    "status": lambda engine, auction_id, site: engine.statuses([auction_id]),
    "place of one": lambda engine, auction_id, site: engine.place(auction_id, site.bidders[-1]),
    "places of many": lambda engine, auction_id, site: engine.places(auction_id, site.bidders[:100]),
    "rows at the top": lambda engine, auction_id, site: engine.rows(auction_id, 1, 50),
    "rows at the end": lambda engine, auction_id, site: engine.rows(auction_id, site.size.bidders - 49, 50),
    "would rank last": lambda engine, auction_id, site: engine.would_rank(auction_id, site.bidders[0], MINIMUM),
    "would rank first": lambda engine, auction_id, site: engine.would_rank(
        auction_id, site.strangers[0], MINIMUM + 1_999 * STEP
    ),
    "introduce": lambda engine, auction_id, site: engine.introduce(
        auction_id, site.strangers[4], Permission.OK, epoch=1, revision=1
    ),
    "withdraw": lambda engine, auction_id, site: engine.withdraw(auction_id, site.bidders[7]),
    "pause": paused_and_resumed,
    "beat": lambda engine, auction_id, site: engine.beat(),
    "give back nothing": lambda engine, auction_id, site: engine.give_back(auction_id, Silence(1_000, 9_000)),
    "extend": extended,
    "open": opened_again,
    "close before the end": lambda engine, auction_id, site: engine.close(auction_id),
    "trim of nothing": lambda engine, auction_id, site: engine.trim(auction_id, 1),
    "discard of nothing": lambda engine, auction_id, site: engine.discard(auction_id, "nothing"),
    "forget before the end": lambda engine, auction_id, site: engine.forget(auction_id),
}


@pytest.mark.parametrize("act", ON_A_RUNNING_AUCTION.values(), ids=ON_A_RUNNING_AUCTION)
def test_a_script_costs_the_same_on_a_running_auction_of_every_size(sites: Sites, act: Act) -> None:
    def prepare(site: FilledSite) -> Callable[[], Any]:
        engine, auction_id = site.app.extensions["engine"], site.running.id
        return lambda: act(engine, auction_id, site)

    sites.cost_of(prepare).grows_by_at_most(log2(100))


def ended(engine: Engine, auction_id: int) -> None:
    """Everything that happens to an auction in the live store after its end."""
    assert engine.close(auction_id).closed
    engine.finish(auction_id, State.SETTLED)
    assert engine.forget(auction_id)


def test_the_scripts_at_the_end_of_an_auction_cost_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine: Engine = site.app.extensions["engine"]
        # One auction for the uncounted time, one for the counted one.
        auctions = iter([site.fill(ends_in_ms=-1_000).id, site.fill(ends_in_ms=-1_000).id])
        return lambda: ended(engine, next(auctions))

    sites.cost_of(prepare).stays()


def test_a_restored_auction_is_written_in_steps_of_equal_length(sites: Sites) -> None:
    """Commands grow with the bids, by the same number for each; the longest step does not."""
    for site in sites:
        with site.inside():
            before = site.fill()
            with site.counters.counted() as cost:
                auction = site.fill()
            assert auction.bids == before.bids
            steps = -(-auction.bids // 200)
            assert cost.texts["live evalsha"] <= steps + 2, f"{auction.bids} bids: {cost}"
            assert cost.live_commands <= 6 * auction.bids + 100, f"{auction.bids} bids: {cost}"


def test_lost_bids_are_put_back_in_steps_of_equal_length(sites: Sites) -> None:
    """Commands grow with the bids that were lost, by the same number for each, and not with the auction."""
    for site in sites:
        with site.inside():
            engine: Engine = site.app.extensions["engine"]
            auction_id = site.fill().id
            engine.pause(auction_id, "counting")
            given = engine.read(auction_id).sequence
            lost = [
                Entry(given + number, person, 1, MINIMUM, OPENS, f"r{number}", OPENS, 1, MINIMUM, None, alert=False)
                for number, person in enumerate(site.bidders[:100] * 5, start=1)
            ]
            with site.counters.counted() as cost:
                assert engine.put_back(auction_id, lost, given + len(lost))
            engine.trim(auction_id, given + len(lost))
            assert cost.texts["live evalsha"] == 3 and cost.statements == 0
            assert cost.live_commands <= 4 * len(lost) + 30, f"{site.size}: {cost}"
