"""An auction keeps its store while LIVE_STORES and RETIRING_STORES change, and each store has witnesses of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.auction.values import Accepted, State
from cashticket.engine.interface import StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import live_stores, queries
from cashticket.wiring import current_engine, current_settings, current_shelves, current_witness, shelves_of
from cashticket.work.choosing_stores import NoSuchStore, StoreChoice
from cashticket.work.closing import close_and_settle
from cashticket.work.lost_auctions import lost_auctions
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.redis import running_server
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def servers() -> Iterator[list[RedisServer]]:
    with running_server() as one, running_server() as another:
        yield [one, another]


@pytest.fixture
def second(servers: list[RedisServer]) -> RedisServer:
    return emptied(servers[0])


@pytest.fixture
def third(servers: list[RedisServer]) -> RedisServer:
    return emptied(servers[1])


def emptied(server: RedisServer) -> RedisServer:
    with server.client() as client:
        client.flushall()
    return server


@contextmanager
def installation(settings: config.Settings, *retiring: str, **stores: str) -> Iterator[Flask]:
    """The application of processes that were started with these further stores."""
    app = create_app(replace(settings, live_stores=tuple(stores.items()), retiring_stores=retiring))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def bid(auction_id: int, person: int, amount: int) -> object:
    return current_engine().place_bid(auction_id, person, 1, amount, f"request-{amount}")


def test_an_auction_stays_in_its_store_when_stores_are_added_moved_in_the_list_and_taken_out(
    settings: config.Settings, second: RedisServer, third: RedisServer
) -> None:
    with installation(settings, second=second.url):
        (alice,) = add_people(1)
        here, there = open_auction(people=[alice]), open_auction(people=[alice], store="second")
        assert isinstance(bid(there, alice, 100_000), Accepted)
    with installation(settings, "second", third=third.url, second=second.url):
        assert isinstance(bid(there, alice, 105_000), Accepted)
        stores = current_engine().stores()
        assert [store.auctions() for store in stores.values()] == [[here], [], [there]]
        assert current_engine().read(there).sequence == 2
    with installation(settings, third=third.url):
        assert isinstance(bid(here, alice, 100_000), Accepted)
        with pytest.raises(StoreUnavailable, match="no address is known of the live store second"):
            bid(there, alice, 110_000)
        assert "name it in LIVE_STORES" in lost_auctions(current_engine())[there]
        assert current_engine().stores()["third"].auctions() == [], "nothing was sent to another store"


def test_a_retiring_store_gets_no_new_auction_and_closes_its_running_ones(
    settings: config.Settings, second: RedisServer
) -> None:
    with installation(settings, "second", second=second.url):
        there = open_auction(ends_in_ms=-1_000, store="second")
        row = queries.auction(there)
        assert row is not None
        choice = StoreChoice(current_engine(), current_settings().retiring_stores)
        # Not even beside another auction of its concert.
        assert choice.of_next(db.session(), row.concert_id) is None
        with pytest.raises(NoSuchStore, match="there is first"):
            StoreChoice(current_engine(), current_settings().retiring_stores, "second")
        close_and_settle(current_engine(), there)
        db.session.remove()
        assert queries.states([there]) == {there: State.SETTLED}
        assert live_stores.unfinished_counts()["second"] == 0


def test_nothing_is_published_or_ready_while_two_names_lead_to_one_server(
    settings: config.Settings, second: RedisServer, tmp_path: Path
) -> None:
    link = tmp_path / "other.sock"
    link.symlink_to(second.socket)
    with installation(settings, second=second.url, third=f"unix://{link}") as app:
        with pytest.raises(NoSuchStore, match="second and third are one server"):
            StoreChoice(current_engine(), ())
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503 and "second and third are one server" in answer.text


def test_bids_of_each_store_are_witnessed_for_that_store_alone(settings: config.Settings, second: RedisServer) -> None:
    with installation(settings, second=second.url):
        alice, bob = add_people(2)
        here, there = open_auction(people=[alice]), open_auction(people=[bob], store="second")
        for name, store in current_engine().stores().items():
            current_witness(name).start("web", store)
        assert isinstance(bid(here, alice, 100_000), Accepted)
        assert isinstance(bid(there, bob, 100_000), Accepted)
        wait_until(lambda: witnessed("first") == {here} and witnessed("second") == {there}, "the bids on the shelves")
        for name in current_engine().stores():
            current_witness(name).stop()
        assert shelves_of(there) is current_shelves("second")


def witnessed(name: str) -> set[int]:
    return {auction_id for record in current_shelves(name).records() for auction_id in record.auctions}
