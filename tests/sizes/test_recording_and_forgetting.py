"""What recording a bid, and removing the keys of an ended auction, cost at any size of the auction."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission, State
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.models import Auction, Notification
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_settings, queue_redis
from cashticket.work.draining import Drain
from cashticket.work.ending_keys import forget, forget_all
from lab.filling.auctions import MINIMUM, STEP
from tests.staging.sizes import FilledSite, Sites

pytestmark = pytest.mark.sweep


class NoAlarm:
    def wait(self, seconds: float) -> None:
        raise AssertionError("a round waits for nobody")


def bid_of_a_stranger(engine: Engine, auction_id: int, person: int, amount: int = MINIMUM) -> int:
    """The sequence of a bid by somebody who had none."""
    engine.introduce(auction_id, person, Permission.OK, 1, 1)
    answer = engine.place_bid(auction_id, person, 1, amount, "counted")
    assert isinstance(answer, Accepted)
    return answer.sequence


def test_a_drain_records_a_bid_at_the_same_cost_in_every_auction(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine, auction_id, people = site.app.extensions["engine"], site.fill().id, iter(site.strangers)

        def record() -> None:
            bid_of_a_stranger(engine, auction_id, next(people))
            assert Drain(engine, queue_redis(), NoAlarm(), threading.Event()).round() == 1

        return record

    sites.cost_of(prepare).grows_by_at_most(3)


def test_a_drain_records_a_bid_and_who_was_pushed_out_by_it_at_the_same_cost_in_every_auction(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine, strangers = site.app.extensions["engine"], iter(site.strangers)
        # Of one bid each: whoever is pushed out has chances left, and so is told.
        auction_id = site.fill(bids_each=range(1, 2)).id

        def record() -> None:
            number = bid_of_a_stranger(engine, auction_id, next(strangers), engine.read(auction_id).cutoff + STEP)
            assert Drain(engine, queue_redis(), NoAlarm(), threading.Event()).round() == 1
            told = newest_notice(auction_id)
            assert told.occasion == number and "own" in told.facts

        return record

    sites.cost_of(prepare).grows_by_at_most(3)


@pytest.mark.parametrize("sites", ["sqlite"], indirect=True)
def test_the_scripts_that_empty_the_list_cost_the_same_in_every_auction(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine, auction_id, people = site.app.extensions["engine"], site.fill().id, iter(site.strangers)
        store = connect(current_settings().redis_url)

        def empty() -> None:
            assert engine.trim(auction_id, bid_of_a_stranger(engine, auction_id, next(people))) == 1
            store.rpush(redis_keys.bids(auction_id), "poison")
            assert engine.discard(auction_id, "poison")

        return empty

    sites.cost_of(prepare).grows_by_at_most(3)


def newest_notice(auction_id: int) -> Notification:
    """What was told last about an auction."""
    newest = select(Notification).where(Notification.auction_id == auction_id).order_by(Notification.id.desc())
    return db.session.scalars(newest.limit(1)).one()


def ended_auction(site: FilledSite) -> int:
    """An auction that both stores show as settled, of one bid each: what leaves is as many keys as with three."""
    engine, auction_id = site.app.extensions["engine"], site.fill(ends_in_ms=-1_000, bids_each=range(1, 2)).id
    assert engine.close(auction_id).closed
    engine.finish(auction_id, State.SETTLED)
    settled = update(Auction).where(Auction.id == auction_id).values(state=State.SETTLED, settled_at=utcnow())
    in_one_unit(lambda session: session.execute(settled))
    return auction_id


def test_the_keys_of_an_auction_leave_at_the_same_cost_however_many_they_are(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine, auctions = site.app.extensions["engine"], iter([ended_auction(site), ended_auction(site)])

        def leave() -> None:
            assert forget(engine, queue_redis(), next(auctions), utcnow())

        return leave

    sites.cost_of(prepare).stays()


def test_the_job_and_the_command_that_forget_cost_the_same_for_each_auction(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        engine, auctions = site.app.extensions["engine"], iter([ended_auction(site) for _ in range(4)])

        def leave() -> None:
            ids = [next(auctions), next(auctions)]
            forgotten = forget_all(engine, queue_redis(), ids, utcnow(), threading.Event(), 60)
            assert forgotten.ids == ids

        return leave

    sites.cost_of(prepare).stays()
