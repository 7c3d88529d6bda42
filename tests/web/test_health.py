"""Liveness, readiness and metrics."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import text

from cashticket import config, create_app
from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission
from cashticket.blueprints.request.counters import count_bid
from cashticket.extensions import db
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MAIL_PRIORITIES, Priority
from cashticket.notify.refusals import ServerRefused
from cashticket.wiring import current_engine
from cashticket.work import mail_server
from cashticket.work.check.verdicts import check_all
from cashticket.work.lateness import CHECK_LATE_SECONDS
from tests.fixtures.people import Browser, make_person
from tests.staging.auctions import open_auction
from tests.staging.outbox import add_rows


def readiness(client: Browser) -> tuple[int, dict]:  # type: ignore[type-arg]
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.data)


def test_a_process_is_alive_whatever_is_away(settings: config.Settings) -> None:
    app = create_app(replace(settings, redis_url="unix:///nowhere.sock", queue_redis_url="unix:///nowhere.sock"))
    app.test_client_class = Browser
    assert app.test_client().get("/healthz").status_code == 200


def test_an_installation_with_every_part_is_ready(client: Browser) -> None:
    status, document = readiness(client)
    assert (status, document["status"], document["missing"]) == (200, "ok", [])
    assert set(document["parts"]) == {
        "live_store",
        "auctions",
        "queue_redis",
        "database",
        "ledger",
        "checks",
        "mail",
        "witness",
        "processes",
    }


@pytest.mark.parametrize(
    ("broken", "missing"),
    [
        ({"redis_url": "unix:///nowhere.sock"}, ["live_store", "ledger"]),
        ({"queue_redis_url": "unix:///nowhere.sock"}, ["queue_redis", "mail", "processes"]),
        ({"database_url": "sqlite:////nowhere/cashticket.db"}, ["auctions", "database", "checks", "mail"]),
        ({"database_url": "mysql+pymysql://nobody@127.0.0.1:1/none"}, ["auctions", "database", "checks", "mail"]),
    ],
)
def test_readiness_names_the_missing_part(
    settings: config.Settings, broken: dict[str, str], missing: list[str]
) -> None:
    app = create_app(replace(settings, **broken))  # type: ignore[arg-type]
    app.test_client_class = Browser
    status, document = readiness(app.test_client())
    assert (status, document["missing"]) == (503, missing)
    assert "nowhere" not in json.dumps(document)


@contextmanager
def schema_of(revision: str) -> Iterator[None]:
    """The database says meanwhile that it has this revision."""
    with db.engine.begin() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    try:
        yield
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


def test_an_older_schema_is_not_ready(app: Flask, client: Browser) -> None:
    with schema_of("0001"):
        status, document = readiness(client)
    assert (status, document["missing"]) == (503, ["database"])
    assert "flask db upgrade" in document["parts"]["database"]["detail"]


def test_the_release_before_goes_on_with_the_schema_of_a_later_one(app: Flask, client: Browser) -> None:
    with schema_of("9999"):
        status, document = readiness(client)
    assert (status, document["missing"]) == (200, [])
    # The database of tests has warnings of its own.
    assert "the schema is 9999, of a later version than this one" in document["parts"]["database"]["warnings"]


def test_readiness_names_the_version_of_its_process(settings: config.Settings) -> None:
    app = create_app(replace(settings, version="1.4.0"))
    app.test_client_class = Browser
    assert readiness(app.test_client())[1]["version"] == "1.4.0"


def place_a_bid(age_ms: int) -> None:
    """Accept a bid that has waited `age_ms` for the ledger."""
    alice, engine, now = make_person("alice"), current_engine(), int(time.time() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 600_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, alice.id, Permission.OK, 1, 1)
    engine.place_bid(1, alice.id, 1, 5000, "r1", now_ms=now - age_ms)


def test_a_bid_that_waits_briefly_is_no_reason_to_be_unready(app: Flask, client: Browser) -> None:
    place_a_bid(age_ms=0)
    status, document = readiness(client)
    assert status == 200
    assert document["parts"]["ledger"]["waiting"] == 1


def test_bids_that_nobody_records_are_not_ready(app: Flask, client: Browser) -> None:
    place_a_bid(age_ms=120_000)
    status, document = readiness(client)
    assert (status, document["missing"]) == (503, ["ledger"])
    assert "worker.py bids" in document["parts"]["ledger"]["detail"]


def test_what_was_counted_can_be_scraped(app: Flask, client: Browser) -> None:
    place_a_bid(age_ms=0)
    count_bid("refused", "below_minimum", 0.002)
    page = client.get("/metrics").get_data(as_text=True)
    assert 'cashticket_ledger_backlog{auction="1"} 1.0' in page
    assert 'cashticket_live_store_up{store="first"} 1.0' in page
    assert 'reason="below_minimum"' in page


def test_a_scrape_is_answered_while_the_live_store_is_away(settings: config.Settings) -> None:
    app = create_app(replace(settings, redis_url="unix:///nowhere.sock"))
    app.test_client_class = Browser
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert b'cashticket_live_store_up{store="first"} 0.0' in answer.data


def test_the_queue_is_counted(app: Flask, client: Browser, queue_redis: redis.Redis) -> None:
    queue_redis.rpush("rq:queue:mail", "job")
    _, document = readiness(client)
    assert document["parts"]["queue_redis"]["waiting"]["mail"] == 1


def test_mail_that_waits_is_counted_by_priority(app: Flask, client: Browser) -> None:
    add_rows(2, priority=Priority.URGENT, due_at=utcnow() - timedelta(seconds=30))
    add_rows(3, priority=Priority.CONFIRMATION, due_at=utcnow() + timedelta(hours=1))
    status, document = readiness(client)
    mail = document["parts"]["mail"]
    assert (status, mail["warnings"]) == (200, [])
    assert mail["waiting"] == {each.name.lower(): 0 for each in MAIL_PRIORITIES} | {"urgent": 2, "confirmation": 3}
    assert 29 < mail["oldest_due_seconds"] < 90
    page = client.get("/metrics").get_data(as_text=True)
    assert 'cashticket_outbox_waiting{priority="urgent"} 2.0' in page
    assert 'cashticket_outbox_waiting{priority="confirmation"} 3.0' in page
    assert "cashticket_mail_server_up 1.0" in page


def test_mail_that_nobody_sends_is_a_warning_and_bids_go_on(app: Flask, client: Browser) -> None:
    add_rows(1, due_at=utcnow() - timedelta(minutes=5))
    mail_server.pause(ServerRefused("535 5.7.8"))
    status, document = readiness(client)
    assert status == 200
    trouble, late = document["parts"]["mail"]["warnings"]
    assert "535 5.7.8" in trouble and "worker.py mail" in late
    assert "cashticket_mail_server_up 0.0" in client.get("/metrics").get_data(as_text=True)


def test_what_became_of_mails_is_counted(app: Flask, client: Browser) -> None:
    mail_server.count("sent")
    mail_server.count("sent")
    mail_server.count("failed")
    page = client.get("/metrics").get_data(as_text=True)
    assert 'cashticket_outbox_outcomes{outcome="sent"} 2.0' in page
    assert 'cashticket_outbox_outcomes{outcome="failed"} 1.0' in page


def test_an_auction_that_nobody_checks_is_a_warning(app: Flask, client: Browser) -> None:
    auction_id = open_auction()
    try:
        status, document = readiness(client)
        checks = document["parts"]["checks"]
        assert status == 200 and checks["oldest_seconds"] > CHECK_LATE_SECONDS
        assert "was not checked" in checks["warnings"][0]
        check_all(current_engine(), auction_id)
        checks = readiness(client)[1]["parts"]["checks"]
        assert checks["oldest_seconds"] < CHECK_LATE_SECONDS and checks["warnings"] == []
    finally:
        current_engine().close(auction_id)


def test_an_auction_that_the_live_store_lost_is_no_readiness_and_says_what_to_do(
    app: Flask, client: Browser, redis_client: redis.Redis
) -> None:
    lost, unopened = open_auction(), open_auction(in_engine=False)
    check_all(current_engine(), lost)
    redis_client.flushall()
    status, document = readiness(client)
    assert (status, document["missing"]) == (503, ["auctions"])
    assert document["parts"]["auctions"]["detail"] == (
        f"auction {lost} is lost: `flask auction rebuild {lost}`; "
        f"auction {unopened} was never opened in the live store: `flask auction publish {unopened}`"
    )
