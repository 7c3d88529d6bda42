"""Work on the auctions of all live stores: a store that is away, or has no address, holds up its own alone."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from cashticket import config, create_app, jobs
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, queue_redis
from cashticket.work import ending_keys, rank_outs
from cashticket.work.closing import close_and_settle
from cashticket.work.lost_auctions import NoAddress, lost_auctions, require_address
from cashticket.work.rebuilding import rebuild
from cashticket.work.watch.due import queue_due
from lab.servers.redis_server import RedisServer
from tests.fixtures.redis import running_server
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def further() -> Iterator[RedisServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def second(further: RedisServer) -> RedisServer:
    with further.client() as client:
        client.flushall()
    return further


@pytest.fixture
def both(settings: config.Settings, second: RedisServer) -> Iterator[Flask]:
    """Processes that know both stores."""
    with started(settings, second=second.url) as app:
        yield app


@contextmanager
def started(settings: config.Settings, **stores: str) -> Iterator[Flask]:
    app = create_app(replace(settings, live_stores=tuple(stores.items())))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def taken_out(settings: config.Settings) -> AbstractContextManager[Flask]:
    """Processes whose settings do not name the second store any more, but a third one, which does not run."""
    return started(settings, third="unix:///nowhere/third.sock")


def test_the_keys_of_other_auctions_leave_while_one_store_has_no_address(
    settings: config.Settings, both: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    there, here = open_auction(ends_in_ms=-1_000, store="second"), open_auction(ends_in_ms=-1_000)
    for auction_id in (there, here):
        close_and_settle(current_engine(), auction_id)
    with taken_out(settings):
        later, stop = utcnow() + DAY, threading.Event()
        assert ending_keys.foresee(current_engine(), [there, here]).ids == [here]
        done = ending_keys.forget_all(current_engine(), queue_redis(), [there, here], later, stop, 10)
        assert done.ids == [here] and done.refused == {}
        assert done.away == {there: "Its live store does not answer, or LIVE_STORES does not name it."}
        db.session.execute(update(Auction).values(settled_at=utcnow() - 2 * DAY))
        db.session.commit()
        jobs.forget_ended()
        assert "keys of 1 ended auctions stay: their live store does not answer" in caplog.messages


def test_who_is_blocked_leaves_the_auctions_of_one_store_while_another_has_no_address(
    settings: config.Settings, both: Flask
) -> None:
    (mallory,) = add_people(1)
    there, here = (open_auction(people=[mallory], store=store) for store in ("second", None))
    for auction_id in (there, here):
        current_engine().place_bid(auction_id, mallory, 1, 100_000, "request")
    with taken_out(settings) as app:
        words = ("user", "block", str(mallory), "--withdraw", "--why", "a stolen card", "--operator", "olga")
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 1 and "a live store is away: run this again" in done.stderr
        assert current_engine().place(here, mallory).sequence == 0
    assert current_engine().stores()["second"].place(there, mallory).sequence == 1


def test_what_is_due_in_one_store_is_queued_while_all_that_ended_lately_is_in_another(
    settings: config.Settings, both: Flask
) -> None:
    ended = open_auction(ends_in_ms=-1_000, store="second")
    close_and_settle(current_engine(), ended)
    there, here = open_auction(ends_in_ms=-1_000, store="second"), open_auction(ends_in_ms=-1_000)
    with taken_out(settings):
        assert queue_due(current_engine()).settle == [here], f"{there} would fail again and again"


def test_who_was_pushed_out_is_mailed_while_the_store_of_another_auction_has_no_address(
    settings: config.Settings, both: Flask
) -> None:
    alice, bob = add_people(2)
    there, here = (open_auction(people=[alice, bob], seats=1, store=store) for store in ("second", None))
    for auction_id in (there, here):
        for person, amount in ((alice, 100_000), (bob, 105_000)):
            current_engine().place_bid(auction_id, person, 1, amount, f"request-{amount}")
        record_waiting(current_engine(), auction_id)
    # As if it had been a moment ago.
    db.session.execute(update(Notification).values(created_at=utcnow() - timedelta(seconds=6)))
    db.session.commit()
    notices = {each.auction_id: each.id for each in db.session.scalars(select(Notification))}
    waits, mailed = notices[there], notices[here]
    with taken_out(settings):
        now = utcnow()
        assert rank_outs.decide(current_engine(), queue_redis(), now) == 1
        assert [message.reference for message in db.session.scalars(db.select(OutboxMessage))] == [mailed]
        verdicts = rank_outs.verdicts_now(current_engine(), queue_redis(), [waits, mailed], now)
        assert verdicts == {waits: rank_outs.Verdict.WAIT, mailed: rank_outs.Verdict.MAIL}


def test_the_store_of_an_auction_is_looked_up_without_a_second_connection(
    settings: config.Settings, both: Flask, second: RedisServer
) -> None:
    """A request that waits for a second one while all others do, too, waits in vain."""
    there = open_auction(store="second")
    with started(settings, second=second.url):
        assert queries.auction(there) is not None
        taken: list[int] = []
        event.listen(db.engine, "checkout", lambda *given: taken.append(1))
        assert current_engine().read(there).terms.auction_id == there
        assert not taken


def test_an_auction_whose_names_were_exchanged_is_told_and_not_given_to_the_wrong_store(
    settings: config.Settings, both: Flask, second: RedisServer
) -> None:
    (alice,) = add_people(1)
    there = open_auction(people=[alice], store="second")
    current_engine().place_bid(there, alice, 1, 100_000, "a-request")
    exchanged = replace(settings, redis_url=second.url)
    with started(exchanged, second=settings.redis_url):
        sentence = f"auction {there} is in the live store first and not in second: give the names"
        assert lost_auctions(current_engine())[there].startswith(sentence)
        row = queries.auction(there)
        assert row is not None
        with pytest.raises(NoAddress, match=sentence):
            require_address(current_engine(), row)
        with pytest.raises(NoAddress, match=sentence):
            rebuild(current_engine(), there, replace=True, backlog_max=10, account_for=lambda facts: None)
        assert current_engine().stores()["second"].statuses([there]) == {}
    assert current_engine().read(there).sequence == 1 and queries.states([there]) == {there: State.OPEN}


def test_a_list_of_auctions_has_those_of_a_store_that_has_no_address_from_the_ledger(
    settings: config.Settings, both: Flask
) -> None:
    there, here = open_auction(store="second"), open_auction()
    with taken_out(settings) as app:
        done = app.test_cli_runner().invoke(args=["auction", "list", "--json"])
        assert done.exit_code == 0, done.output
        assert {row["id"] for row in json.loads(done.stdout)} == {there, here}
        assert f"Figures of auction {there} are from the ledger: its live store does not answer." in done.stderr
