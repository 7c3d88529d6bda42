"""What the end of an auction costs: settling and voiding go through it in windows; telling a batch, handing seats over
and one person's outcome cost the same at every size."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cashticket import jobs
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Award, FinalRank
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import telling
from cashticket.settlement.outcomes import outcome_of
from cashticket.work.cancelling import cancel_and_announce
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import void_and_announce
from tests.staging.sizes import FilledSite, Sites, Size

pytestmark = pytest.mark.sweep

# Sites of their own: these acts leave much behind. Those that need nothing else share the settled auction.
SIZES = (Size(1_100, 24), Size(4_000, 24))
BIDDERS = [size.bidders for size in SIZES]
FREED = 3


def ended(site: FilledSite) -> int:
    """An auction whose end has come, with every bid recorded."""
    auction = site.fill(ends_in_ms=-1_000)
    while record_waiting(site.app.extensions["engine"], auction.id):
        pass
    return auction.id


def test_settling_goes_through_the_auction_in_windows(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        auction_id = ended(site)
        return lambda: jobs.settle(auction_id)

    # Nine statements write a window of ranks; the check afterwards reads windows too.
    sites.cost_of(prepare, warm=False, sizes=SIZES).stays_in_windows(BIDDERS, 1_000, each=60, base=200)


def test_voiding_and_telling_everybody_goes_in_windows(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], object]:
        engine, auction_id = site.app.extensions["engine"], ended(site)
        close_and_settle(engine, auction_id)
        return lambda: void_and_announce(engine, auction_id, "counted", "olga", utcnow())

    sites.cost_of(prepare, warm=False, sizes=SIZES).stays_in_windows(BIDDERS, telling.BATCH, each=40, base=100)


def test_cancelling_a_concert_and_telling_everybody_goes_in_windows(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], object]:
        engine, auction_id = site.app.extensions["engine"], ended(site)
        close_and_settle(engine, auction_id)
        concert_id = db.session.get_one(Auction, auction_id).concert_id
        db.session.rollback()
        return lambda: cancel_and_announce(engine, concert_id, "counted", "olga", utcnow(), lambda *_: None)

    sites.cost_of(prepare, warm=False, sizes=SIZES).stays_in_windows(BIDDERS, telling.BATCH, each=40, base=120)


def test_telling_a_batch_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], int]:
        auction_id = site.settled.id
        return lambda: telling.tell_batch(auction_id, utcnow())

    sites.cost_of(prepare, sizes=SIZES).never_exceeds(statements=25).stays(rows_read=1.5)


def test_finding_whom_to_tell_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], object]:
        assert site.settled
        return telling.auctions_to_tell

    sites.cost_of(prepare, sizes=SIZES).never_exceeds(statements=1).stays(rows_fetched=9, rows_read=9)


def test_handing_seats_over_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        auction_id, past = site.settled.id, utcnow() - timedelta(seconds=1)
        won = select(Award.id).where(Award.auction_id == auction_id).order_by(Award.id).limit(FREED)
        award_ids = list(db.session.scalars(won))
        lapsing = update(Award).where(Award.id.in_(award_ids)).values(expires_at=past)
        in_one_unit(lambda session: session.execute(lapsing))
        return lambda: jobs.lapse_and_offer(auction_id)

    sites.cost_of(prepare, warm=False, sizes=SIZES).stays(rows_read=1.5)


def test_an_outcome_is_one_statement_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], object]:
        auction_id = site.settled.id
        last = select(FinalRank.person_id).where(FinalRank.auction_id == auction_id).order_by(FinalRank.rank.desc())
        person = db.session.scalar(last.limit(1)) or 0
        auction = db.session.get_one(Auction, auction_id)
        db.session.expunge(auction)
        return lambda: outcome_of(auction, person, utcnow())

    sites.cost_of(prepare, sizes=SIZES).never_exceeds(statements=1).stays()
