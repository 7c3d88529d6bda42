"""An installation with two live stores, of which one is killed: the auctions of the other one go on."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event

from cashticket import config, create_app
from cashticket.accounts import sessions
from cashticket.auction.values import Accepted, State
from cashticket.blueprints.concert.listed import listed
from cashticket.engine.interface import StaleSession, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.wiring import current_engine, queue_redis
from cashticket.work import orders_taken
from cashticket.work.choosing_stores import NoSuchStore, StoreChoice
from cashticket.work.closing import close_and_settle
from cashticket.work.draining import Drain
from cashticket.work.introducing import introduce_again
from cashticket.work.lost_auctions import NoAddress, lost_auctions, require_address
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.store_clock import StoreClock, wall_clock_ms
from cashticket.work.watch.unsettled import unsettled_auctions
from lab.servers.redis_server import RedisServer
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people


class NoNews:
    def wait(self, seconds: float) -> None:
        pass


@pytest.fixture
def app(settings: config.Settings, own_store: RedisServer) -> Iterator[Flask]:
    """The application with a second live store, which a test may kill."""
    application = create_app(replace(settings, live_stores=(("second", own_store.url),)))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def bid(auction_id: int, person: int, amount: int = 100_000) -> object:
    return current_engine().place_bid(auction_id, person, 1, amount, f"request-{amount}")


def guard(name: str, clock: StoreClock | None = None) -> Guard:
    engine = current_engine()
    return Guard(engine.stores()[name], queue_redis(), (), 0, store_clock=clock, store=name, everywhere=engine)


def test_each_store_has_its_own_auctions_and_a_bid_asks_no_table(app: Flask) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    stores = current_engine().stores()
    assert (stores["first"].auctions(), stores["second"].auctions()) == ([here], [there])
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert isinstance(bid(there, alice), Accepted)
    assert not statements


def test_while_one_store_is_away_the_auctions_of_the_other_go_on(app: Flask, own_store: RedisServer) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    guard("first").round()
    own_store.kill()
    assert isinstance(bid(here, alice), Accepted)
    with pytest.raises(StoreUnavailable):
        bid(there, alice)
    Drain(current_engine(), queue_redis(), NoNews(), threading.Event()).round()
    assert queries.recorded_sequence(here) == 1
    guard("first").round()
    with pytest.raises(StoreUnavailable):
        guard("second").round()
    assert lost_auctions(current_engine()) == {}, "of a store that is away nothing is known"
    client = app.test_client()
    assert client.get(f"/auctions/{here}").status_code == 200
    assert client.get(f"/auctions/{there}").status_code == 503
    ready = client.get("/readyz")
    assert ready.status_code == 200 and "live store second takes no bids" in ready.text


def test_an_auction_is_settled_while_the_store_of_another_one_is_away(app: Flask, own_store: RedisServer) -> None:
    there = open_auction(ends_in_ms=-500, store="second")
    here = open_auction(ends_in_ms=-1_000)
    own_store.kill()
    close_and_settle(current_engine(), here)
    db.session.remove()
    assert queries.states([here]) == {here: State.SETTLED}
    assert [(each.id, each.reason) for each in unsettled_auctions(current_engine())] == [(there, "store_away")]


def test_a_session_that_ends_is_over_in_the_store_that_answers_and_later_in_the_other(
    app: Flask, own_store: RedisServer
) -> None:
    (alice,) = add_people(1)
    here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
    current_engine().of(there)
    stores = current_engine().stores()
    own_store.kill()
    assert not introduce_again(current_engine(), sessions.end_all(alice))
    assert bid(here, alice) == StaleSession()
    guard("first").round()
    own_store.start()
    # It came back empty: what counts here is that somebody still tells it.
    guard("second").round()
    assert stores["second"].people_known_at() is not None


def test_new_auctions_go_where_the_fewest_are_and_stay_with_their_concert(app: Flask) -> None:
    engine = current_engine()
    concert = queries.auction(open_auction()).concert_id  # type: ignore[union-attr]
    assert StoreChoice(engine, ()).of_next(db.session(), concert) is None
    assert StoreChoice(engine, ()).of_next(db.session(), concert + 1) == "second"
    assert StoreChoice(engine, ("first",)).of_next(db.session(), concert) == "second"
    assert StoreChoice(engine, (), "second").of_next(db.session(), concert) == "second"
    with pytest.raises(NoSuchStore):
        StoreChoice(engine, ("second",), "second")


def test_nothing_is_sent_to_another_store_when_the_right_one_has_no_address(app: Flask) -> None:
    gone = open_auction(store="third", in_engine=False)
    assert "third" in lost_auctions(current_engine())[gone]
    row = queries.auction(gone)
    assert row is not None
    with pytest.raises(NoAddress):
        require_address(current_engine(), row)


def test_the_clock_of_one_store_is_not_compared_with_that_of_another(app: Flask) -> None:
    here, there = open_auction(), open_auction(store="second")
    engine = current_engine()
    # The first store's machine is an hour ahead, and that of the watch an hour behind: it believes the stores.
    orders_taken.note(queue_redis(), {here: engine.clock() + 3_600_000, there: engine.clock()})
    guard("second", StoreClock(wall_clock=lambda: wall_clock_ms() - 3_600_000)).round()
    assert engine.read(there).paused == ""
    guard("first", StoreClock(wall_clock=lambda: wall_clock_ms() - 3_600_000)).round()
    assert engine.read(here).paused == "clock", "its own moments still count"


def test_a_list_shows_the_figures_of_the_store_that_answers(
    app: Flask, own_store: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alice,) = add_people(1)
    opened = [open_auction(people=[alice], store=store) for store in ("second", None, "second")]
    assert isinstance(bid(opened[1], alice, 135_000), Accepted)
    own_store.kill()
    asked: list[int] = []
    second = current_engine().stores()["second"]
    read = second.read

    def counted(auction_id: int, now_ms: int | None = None) -> object:
        asked.append(auction_id)
        return read(auction_id, now_ms)

    monkeypatch.setattr(second, "read", counted)
    with app.test_request_context():
        # What a list knows of an auction has its id as well.
        shown = [listed(queries.auction(auction_id)).snapshot for auction_id in opened]  # type: ignore[arg-type]
    assert [snapshot and snapshot.best for snapshot in shown] == [None, 135_000, None]
    assert asked == opened[:1], "the one that is away is asked once"
