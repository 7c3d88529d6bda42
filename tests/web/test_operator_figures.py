"""`/metrics` tells operators of everything that is worth an alarm, from every process."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import OperationalError

from cashticket import jobs, redis_keys
from cashticket.blueprints.auction import bids
from cashticket.blueprints.operator.metrics import PARTS
from cashticket.blueprints.operator.primary_figures import PRIMARIES
from cashticket.blueprints.request.counters import count_update
from cashticket.engine.pauses import DISK_FULL, RESTARTED
from cashticket.extensions import db
from cashticket.ledger.check_marks import Verdict, answer
from cashticket.models import Award, Quarantined, copy_beats
from cashticket.models.columns import utcnow
from cashticket.models.reading_copy import ReadingCopy
from cashticket.models.units import in_one_unit
from cashticket.wiring import hasty_queue_redis, queue
from cashticket.work import heartbeats, queueing
from cashticket.work.heartbeats import Heartbeat
from cashticket.work.watch.report import Reporter
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage
from tests.staging.metrics import scraped
from tests.web.bidding import send

NOWHERE = redis.Redis(unix_socket_path="/nowhere.sock", retry=Retry(NoBackoff(), 0))
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def grow_silent(store: redis.Redis, kind: str, seconds: float) -> None:
    """Let the last sign of life of a kind have been so long ago."""
    [member] = store.zrange(redis_keys.heartbeats(kind), 0, -1)
    store.zincrby(redis_keys.heartbeats(kind), -seconds * 1000, member)


@on_one_database
class TestSignsOfLife:
    def test_each_kind_of_process_is_counted_while_it_sends_heartbeats(self, app: Flask, client: Browser) -> None:
        for kind in ("bids", "bids", "watch"):
            Heartbeat(hasty_queue_redis(), kind).send()
        figures = scraped(client)
        alive = {kind: figures[f'processes_alive{{kind="{kind}"}}'] for kind in heartbeats.KINDS}
        assert alive == dict.fromkeys(heartbeats.KINDS, 0) | {"bids": 2, "watch": 1}
        assert figures['heartbeat_age_seconds{kind="watch"}'] < heartbeats.ALIVE_SECONDS

    def test_a_watch_that_hangs_falls_silent_and_readiness_names_it(
        self, app: Flask, client: Browser, queue_redis: redis.Redis
    ) -> None:
        for kind in heartbeats.KINDS:
            Heartbeat(hasty_queue_redis(), kind).send()
        grow_silent(queue_redis, "watch", 60)
        figures = scraped(client)
        assert figures['processes_alive{kind="watch"}'] == 0 and figures['processes_alive{kind="mail"}'] == 1
        assert 59 < figures['heartbeat_age_seconds{kind="watch"}'] < 120
        ready = client.get("/readyz")
        part = json.loads(ready.data)["parts"]["processes"]
        assert ready.status_code == 200 and part["alive"]["watch"] == 0
        assert part["warnings"] == ["watch is silent: is `flask auction close-due --watch` running?"]

    def test_nobody_learns_from_the_store_where_a_process_runs(self, app: Flask, queue_redis: redis.Redis) -> None:
        Heartbeat(hasty_queue_redis(), "mail").send()
        [member] = queue_redis.zrange(redis_keys.heartbeats("mail"), 0, -1)
        assert len(bytes.fromhex(member.decode())) == 8
        assert 0 < queue_redis.ttl(redis_keys.heartbeats("mail")) <= 86_400

    def test_a_heartbeat_is_sent_every_other_second_and_never_fails(self, app: Flask) -> None:
        moment = [0.0]
        heartbeat = Heartbeat(NOWHERE, "watch", lambda: moment[0])
        sent = []
        for moment[0] in (0.0, 1.0, 1.9, 2.0, 3.0, 4.5):
            sent.append(heartbeat.send())
        assert sent == [True, False, False, True, False, True]


@on_one_database
def test_what_the_watch_sees_is_told_by_every_process(app: Flask, client: Browser, tmp_path: Path) -> None:
    reporter = Reporter(hasty_queue_redis(), [tmp_path, tmp_path / "nowhere"], 4_096)
    reporter.tell(0.25, 1)
    figures = scraped(client)
    assert (figures["watch_round_seconds"], figures["database_durable"]) == (0.25, 0)
    assert figures['processes_alive{kind="watch"}'] == 1
    assert figures[f'disk_needed_bytes{{path="{tmp_path}"}}'] == 4_096
    assert figures[f'disk_free_bytes{{path="{tmp_path}"}}'] > 4_096
    assert not [name for name in figures if "nowhere" in name]


@on_one_database
def test_the_longest_round_since_the_last_report_is_told(app: Flask, client: Browser) -> None:
    moment = [0.0]
    reporter = Reporter(hasty_queue_redis(), [], 0, lambda: moment[0])
    for moment[0], seconds in ((0.0, 0.1), (1.0, 7.0), (2.0, 0.2)):
        reporter.tell(seconds, 0)
    assert scraped(client)["watch_round_seconds"] == 7.0


@on_one_database
def test_queues_tell_what_waits_for_how_long_and_what_failed(
    app: Flask, client: Browser, queue_redis: redis.Redis
) -> None:
    queueing.settle(1)
    queueing.settle(2)
    job = queue("settlement").jobs[0]
    job.enqueued_at = utcnow() - timedelta(seconds=90)
    job.save()
    now = utcnow().timestamp()
    queue_redis.zadd(queue("mail").failed_job_registry.key, {"old": now - 1, "new": now + 500})
    figures = scraped(client)
    assert figures['queue_waiting{queue="settlement"}'] == 2 and figures['queue_waiting{queue="mail"}'] == 0
    assert 89 < figures['queue_waited_seconds{queue="settlement"}'] < 150
    assert figures['queue_waited_seconds{queue="mail"}'] == 0
    assert figures['queue_failed{queue="mail"}'] == 1


@on_one_database
def test_what_somebody_spoilt_in_the_queue_store_is_left_out(
    app: Flask, client: Browser, queue_redis: redis.Redis
) -> None:
    queue_redis.set(redis_keys.WATCH_REPORT, '{"disks": 7}')
    queue_redis.rpush(queue("mail").key, b"\xff", "job")
    queue_redis.hset("rq:job:\ufffd", "enqueued_at", "yesterday")
    figures = scraped(client)
    assert (figures['queue_waiting{queue="mail"}'], figures['queue_waited_seconds{queue="mail"}']) == (2, 0)
    assert "watch_round_seconds" not in figures and figures["queue_store_up"] == 1
    queue_redis.set(redis_keys.heartbeats("watch"), "no set")
    assert scraped(client)["queue_store_up"] == 0


@on_one_database
def test_pauses_are_counted_by_reason_and_the_lag_in_seconds(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    others = [stage.open_auction() for _ in range(3)]
    stage.bid("alice", 100_000, now_ms=stage.engine.clock() - 45_000)
    for auction_id, reason in zip(others, (DISK_FULL, DISK_FULL, RESTARTED), strict=True):
        stage.engine.pause(auction_id, reason)
    figures = scraped(client)
    assert figures['bidding_paused{reason="disk"}'] == 2 and figures['bidding_paused{reason="restarted"}'] == 1
    assert figures["auctions_live"] == 4 and figures["auctions_lost"] == 0
    assert 45 <= figures["recording_lag_seconds"] < 90
    assert (figures[f'ledger_backlog{{auction="{stage.id}"}}'], figures["backlog_max"]) == (1, 200_000)


def test_what_waits_for_an_operator_in_the_ledger_is_told(app: Flask, client: Browser) -> None:
    stage = Stage(app, ends_in_ms=-200_000)
    aside = Quarantined(auction_id=stage.id, sequence=1, raw="{", reason="unreadable")
    decided = Quarantined(auction_id=stage.id, sequence=2, raw="{", reason="unreadable", resolved_at=utcnow())
    in_one_unit(lambda session: session.add_all([aside, decided]))
    answer(stage.id, Verdict("", 0, "2 faults: I6 the orders differ; I1 bid 3 is missing", None))
    figures = scraped(client)
    assert (figures["entries_set_aside"], figures["unsettled_auctions"]) == (1, 1)
    assert 199 < figures["unsettled_oldest_seconds"] < 260
    assert {name: value for name, value in figures.items() if name.startswith("check_faults")} == {
        'check_faults{invariant="I1"}': 1,
        'check_faults{invariant="I6"}': 1,
    }


def test_a_settlement_is_counted_and_an_offer_that_does_not_lapse_is_told(app: Flask, client: Browser) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("alice", 110_000)
    jobs.settle(stage.id)
    figures = scraped(client)
    assert figures['settlement_outcomes{outcome="settled"}'] == 1 and figures["settlement_seconds"] > 0
    assert (figures["awards_offered"], figures["lapse_late_seconds"], figures["unsettled_auctions"]) == (1, 0, 0)
    db.session.execute(db.update(Award).values(expires_at=utcnow() - timedelta(minutes=5)))
    db.session.commit()
    assert 299 < scraped(client)["lapse_late_seconds"] < 360


@on_one_database
@pytest.mark.parametrize(
    ("error", "outcome"), [(OperationalError("SELECT", {}, Exception()), "database_away"), (KeyError(), "failed")]
)
def test_a_bid_that_fails_is_counted_whatever_was_away(
    auction: int, alice: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(bids, "_decide", fail)
    alice.application.testing = False
    before = scraped(alice).get(f'bids_total{{outcome="{outcome}"}}', 0)
    assert send(alice, auction, 100_000).status_code >= 500
    assert scraped(alice)[f'bids_total{{outcome="{outcome}"}}'] == before + 1


@on_one_database
def test_the_time_of_decisions_and_of_updates_is_counted(auction: int, alice: Browser) -> None:
    before = scraped(alice)
    assert send(alice, auction, 100_000).status_code == 201
    count_update(0.3)
    after = scraped(alice)
    assert after["decision_seconds_count"] >= before.get("decision_seconds_count", 0) + 1
    assert after['update_seconds_bucket{le="0.5"}'] == before.get('update_seconds_bucket{le="0.5"}', 0) + 1


@on_one_database
@pytest.mark.parametrize("away", [0, 1, 2])
def test_of_a_part_that_is_away_no_old_figure_is_told(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, away: int
) -> None:
    # The live stores are told of one by one.
    ups = ['live_store_up{store="first"}', *(part.up.name for part in PARTS[1:3] if part.up)]
    Stage(app)
    assert scraped(client)[ups[away]] == 1
    if away == 0:
        monkeypatch.setattr(app.extensions["engine"], "_client", NOWHERE)
    elif away == 1:
        monkeypatch.setattr(db.session, "execute", lambda *_: (_ for _ in ()).throw(OperationalError("", {}, None)))
    else:
        monkeypatch.setitem(app.extensions, "hasty_queue_redis", NOWHERE)
    figures = scraped(client)
    assert [figures[name] for name in ups] == [float(number != away) for number in range(3)]
    own = {each.name for each in PARTS[away].figures}
    assert not [name for name in figures if name.partition("{")[0] in own and name != ups[away]]


@on_one_database
def test_every_figure_has_samples_once_there_is_something_to_tell(
    app: Flask, client: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReadingCopy, "start", ReadingCopy.look)
    copy = app.extensions["reading_copy"] = ReadingCopy(app.config["SQLALCHEMY_DATABASE_URI"])
    copy_beats.beat()
    stage = Stage(app)
    stage.engine.pause(stage.id, DISK_FULL)
    answer(stage.id, Verdict("", 0, "1 faults: I6 the orders differ", None))
    Reporter(hasty_queue_redis(), [tmp_path], 0).tell(0.1, 0)
    present = {name.partition("{")[0] for name in scraped(client)}
    copy.engine.dispose()
    # There is no cluster here.
    told = [part for part in PARTS if part is not PRIMARIES]
    assert {each.name for part in told for each in part.all_figures} <= present
