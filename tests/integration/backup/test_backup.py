"""A backup that was made while everybody bids, restored on other machines: it has every bid answered before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from flask import Flask

from cashticket import create_app
from cashticket.auction.values import Permission
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import gaps, queries
from cashticket.work.backup import making, restoring
from cashticket.work.backup.database_copy import NotCopied
from cashticket.work.backup.parts import NewParts, SavedParts
from cashticket.work.backup.store_log import LOG_FOLDER, NoStoreLog, copy_log
from cashticket.work.check.verdicts import check_all
from cashticket.work.draining import Drain
from cashticket.work.news_alarm import NewsAlarm
from cashticket.work.rebuilding import rebuild
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_settings
from tests.staging.auctions import Stage
from tests.staging.rows import add_person

BIDDERS = 120
BACKLOG_MAX = 50


@contextmanager
def bidding(app: Flask, stage: Stage, people: list[int]) -> Iterator[list[int]]:
    """Everybody bids three times, one after the other, beside a drain. Yields the numbers of the answers."""
    answered: list[int] = []
    stop = threading.Event()

    def bid() -> None:
        for turn in range(3):
            for person in people:
                if stop.is_set():
                    return
                amount = 100_000 + 5_000 * (turn * len(people) + people.index(person))
                answer = stage.engine.place_bid(stage.id, person, 1, amount, f"{person}-{turn}")
                answered.append(answer.sequence)  # type: ignore[union-attr]
                stop.wait(0.005)

    def drain() -> None:
        with app.app_context(), connect(app.extensions["settings"].redis_url) as client:
            alarm = NewsAlarm(client)
            Drain(stage.engine, app.extensions["queue_redis"], alarm, stop).run(60)
            alarm.close()

    threads = [threading.Thread(target=bid), threading.Thread(target=drain)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def people_of(stage: Stage) -> list[int]:
    people = [add_person(f"bidder{number}").id for number in range(BIDDERS)]
    for person in people:
        stage.engine.introduce(stage.id, person, Permission.OK, 1, 1)
    return people


def test_a_backup_under_fire_has_every_bid_that_was_answered_before_it(
    app: Flask,
    live_store: RedisServer,
    other_store: RedisServer,
    other_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, saved = Stage(app), tmp_path / "backup"
    database_url, real_copy = app.extensions["settings"].database_url, making.copy_database

    def copy_late(address: str, parts: NewParts) -> int:
        """Between the two copies bids are answered and recorded."""
        last = answered[-1]
        wait_until(lambda: (queries.recorded_sequence(stage.id) or 0, db.session.remove())[0] > last, "recorded bids")
        return real_copy(address, parts)

    monkeypatch.setattr(making, "copy_database", copy_late)
    with bidding(app, stage, people_of(stage)) as answered:
        wait_until(lambda: len(answered) > 40, "bids")
        live_store.client().bgrewriteaof()
        before = answered[-1]
        making.back_up(saved, {"first": live_store.directory}, database_url)
        wait_until(lambda: answered[-1] > before + 20, "further bids")
    answered_in_all = list(answered)
    live_store.kill()

    with create_app(make_settings(other_database, other_store.url, tmp_path)).app_context():
        engine = RedisEngine(connect(other_store.url))
        restoring.restore(engine, SavedParts(saved), {"first": other_store.directory}, other_database)
        other_store.start()
        rebuilt = rebuild(engine, stage.id, replace=True, backlog_max=BACKLOG_MAX, account_for=lambda facts: None)
        recorded = [bid.sequence for bid in queries.bids(stage.id)]
        assert rebuilt.set_aside == 0 and rebuilt.findings == []
        assert recorded == list(range(1, recorded[-1] + 1)) and before <= recorded[-1] <= max(answered_in_all)
        assert all(gap.first > recorded[-1] for gap in gaps.gaps_of(stage.id))
        assert check_all(engine, stage.id).faults == []
        assert engine.read(stage.id).paused == ""
        db.session.remove()
        db.engine.dispose()


def test_nothing_is_put_over_what_is_there(
    app: Flask, live_store: RedisServer, other_store: RedisServer, other_database: str, tmp_path: Path
) -> None:
    database_url, saved = app.extensions["settings"].database_url, tmp_path / "backup"
    Stage(app)
    making.back_up(saved, {"first": live_store.directory}, database_url)
    engine = app.extensions["engine"]
    with pytest.raises(restoring.NotRestored, match="runs: stop it"):
        restoring.restore(engine, SavedParts(saved), {"first": other_store.directory}, other_database)
    live_store.kill()
    with pytest.raises(NoStoreLog, match="is not empty"):
        restoring.restore(engine, SavedParts(saved), {"first": live_store.directory}, other_database)
    with pytest.raises(NotCopied, match="has tables already"):
        restoring.restore(engine, SavedParts(saved), {"first": other_store.directory}, database_url)
    assert not (other_store.directory / "appendonlydir").exists()
    with pytest.raises(NotCopied, match="is there already"):
        making.back_up(saved, {"first": live_store.directory}, database_url)


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoStoreLog, match="has 0 manifests, not 1"):
        copy_log("first", tmp_path, NewParts(tmp_path / "copy", ()))


def test_a_log_that_is_rewritten_meanwhile_is_copied_again(live_store: RedisServer, tmp_path: Path) -> None:
    client, stop = live_store.client(), threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            client.set("number", str(client.incr("count")))
            try:
                client.bgrewriteaof()
            except redis.ResponseError:
                continue

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        for number in range(10):
            before = int(client.get("count") or 0)
            copy_log("first", live_store.directory, NewParts(tmp_path / str(number), ()))
            with restarted(tmp_path / str(number) / LOG_FOLDER) as copied:
                assert int(copied.get("count") or 0) >= before  # type: ignore[arg-type]
    finally:
        stop.set()
        thread.join()


@contextmanager
def restarted(log: Path) -> Iterator[redis.Redis]:
    """A server that has read this copy."""
    server = RedisServer(appendonly=True)
    try:
        log.rename(server.directory / "appendonlydir")
        yield server.start().client()
    finally:
        server.remove()
