"""What checking an auction costs: a whole check a few steps for each 500 bidders, a check since the last one none."""

from collections.abc import Callable
from math import log2

import pytest

from cashticket.auction.values import Accepted, Permission
from cashticket.engine.interface import Engine
from cashticket.ledger.bid_windows import BIDS_MAX
from cashticket.ledger.recording import record_waiting
from cashticket.work.check.compare import Report
from cashticket.work.check.verdicts import check_all, check_new
from lab.filling.auctions import MINIMUM, STEP
from tests.staging.sizes import FilledSite, Sites

pytestmark = pytest.mark.sweep

BIDDERS_A_STEP = 500


@pytest.mark.parametrize("auction", ["running", "settled"])
def test_a_whole_check_takes_a_few_steps_for_each_five_hundred_bidders(sites: Sites, auction: str) -> None:
    for site in sites:
        with site.inside():
            filled = getattr(site, auction)
            engine: Engine = site.app.extensions["engine"]
            check_all(engine, filled.id)
            with site.counters.counted() as cost:
                assert check_all(engine, filled.id).faults == []
            windows = filled.bids // BIDS_MAX + 1
            # Bids, and notices of displacements, of which there are at most as many.
            assert cost.statements <= 30 + 2 * windows, f"{site.size}: {cost}\n{cost.texts}"
            # A round trip to the live store for each 500 places, and a few for its state.
            assert cost.texts["live evalsha"] <= 8 + site.size.bidders // BIDDERS_A_STEP, f"{site.size}: {cost.texts}"
            assert cost.live_commands <= 100 + 4 * site.size.bidders, f"{site.size}: {cost}"


def new_bids(site: FilledSite, auction_id: int) -> None:
    """Five strangers bid at the end of the order."""
    engine: Engine = site.app.extensions["engine"]
    for person in site.strangers[5:]:
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
        place = engine.place(auction_id, person)
        amount = place.amount + STEP if place.sequence else MINIMUM
        answer = engine.place_bid(auction_id, person, 1, amount, f"check-{amount}")
        assert isinstance(answer, Accepted)


def test_a_check_since_the_last_one_costs_what_the_new_bids_cost_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], Report]:
        engine, auction_id = site.app.extensions["engine"], site.fill().id
        check_all(engine, auction_id)
        new_bids(site, auction_id)
        record_waiting(engine, auction_id)
        new_bids(site, auction_id)

        def check_soundly() -> Report:
            report = check_new(engine, auction_id)
            assert report.faults == [] and report.accepted - report.since == 10
            return report

        return check_soundly

    # Uncounted before, it would leave nothing to count.
    since = sites.cost_of(prepare, warm=False)
    # Snapshots of the live store still carry every winning row.
    since.grows_by_at_most(log2(100), live_bytes=20).never_exceeds(statements=25, round_trips=15)
