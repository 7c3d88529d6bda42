"""The engine on a primary with a replica behind three sentinels: what is confirmed, and by whom."""

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from cashticket import redis_keys
from cashticket.auction.outages import Silence
from cashticket.auction.values import Accepted, Permission
from cashticket.engine import replicated_writes
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable
from cashticket.engine.pauses import OPERATOR, RESTARTED
from cashticket.engine.redis_engine import RedisEngine
from cashticket.engine.replicated_writes import ReplicatedWrites
from cashticket.engine.sentinel import client_at
from cashticket.live.subscription import Subscription
from lab.servers.redis_server import redis_binary, valkey_binary
from lab.servers.replicated_store import ReplicatedStore
from lab.waiting import wait_until
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, OPENS, accepted, bid, publish

pytestmark = pytest.mark.sweep

SABOTAGES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "no check": lambda patch: patch.setattr(ReplicatedWrites, "_check", lambda self, confirmation, reply: None),
    "no mark": lambda patch: patch.setattr(replicated_writes, "MARK", ("ECHO", "")),
}
"""Each takes one part of the confirmation away."""

SERVERS = {"redis": redis_binary, "valkey": valkey_binary}


@pytest.fixture(scope="module", params=SERVERS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicatedStore]:
    """The pair that several tests share; each leaves it replicated."""
    binary = SERVERS[request.param]()
    if binary is None:
        pytest.fail("no server") if os.environ.get("CI") == "true" else pytest.skip(f"{request.param} is not installed")
    store = ReplicatedStore(tmp_path_factory.mktemp("pair") / "stores", binary)
    try:
        yield store.start()
    finally:
        store.stop()


@pytest.fixture
def store(pair: ReplicatedStore) -> Iterator[ReplicatedStore]:
    """The pair, empty and with a replica in step, whatever the test before did."""
    pair.heal()
    wait_until(pair.is_replicated, "both stores in step")
    wait_until(lambda: _is_confirmed(pair), "a replica that has its log on disk")
    yield pair
    pair.heal()


@pytest.fixture
def engine(store: ReplicatedStore) -> RedisEngine:
    engine = _engine(store)
    publish(engine)
    return engine


def _engine(store: ReplicatedStore, replicas: int = 1) -> RedisEngine:
    return RedisEngine(connect(store.url), replicas=replicas)


def _is_confirmed(store: ReplicatedStore) -> bool:
    """Empties the store, and says whether an engine is told that the replica has it."""
    with store.direct(_primary(store)) as client:
        client.flushall()
    try:
        publish(_engine(store), auction_id=AUCTION + 1)
    except OutcomeUnknown:
        return False
    with store.direct(_primary(store)) as client:
        client.flushall()
    return True


def _primary(store: ReplicatedStore) -> int:
    number = store.primary()
    assert number is not None
    return number


def _signal(store: ReplicatedStore, number: int, which: signal.Signals) -> None:
    pid = store.stores[number].pid
    assert pid is not None
    os.kill(pid, which)


def _sequences(store: ReplicatedStore, number: int) -> int:
    with store.direct(number) as client:
        return int(client.hget(redis_keys.state(AUCTION), "sequence") or 0)


# Confirmation


def test_an_accepted_bid_is_on_the_replica_when_it_is_answered(store: ReplicatedStore, engine: RedisEngine) -> None:
    for nth, amount in enumerate((10_000, 11_000, 12_000), 1):
        accepted(engine, ALICE, amount)
        assert _sequences(store, 1 - _primary(store)) == nth


def test_a_bid_that_no_replica_confirms_is_unknown_and_its_repeat_too_until_one_does(
    store: ReplicatedStore, engine: RedisEngine
) -> None:
    _unknown_without_a_replica(store, engine)
    replica = 1 - _primary(store)
    _signal(store, replica, signal.SIGCONT)
    answer = wait_until(lambda: _accepted_or_none(engine, ALICE, 10_000), "a confirmed replay")
    assert answer.replayed and answer.sequence == 1
    assert _sequences(store, replica) == 1


def test_a_refused_bid_needs_nobody(store: ReplicatedStore, engine: RedisEngine) -> None:
    accepted(engine, ALICE, 10_000)
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    assert not isinstance(bid(engine, BOB, 10_500), Accepted)


@pytest.mark.parametrize("verb", ["open", "extend", "close", "pause", "introduce"])
def test_what_must_not_be_forgotten_is_unknown_without_a_replica_and_so_is_its_repeat(
    store: ReplicatedStore, engine: RedisEngine, verb: str
) -> None:
    calls = {
        "open": lambda: publish(engine, auction_id=AUCTION + 2),
        "extend": lambda: engine.extend(AUCTION, CLOSES + 1_000),
        "close": lambda: engine.close(AUCTION, CLOSES),
        "pause": lambda: engine.pause(AUCTION, OPERATOR),
        "introduce": lambda: engine.introduce(AUCTION, ALICE, Permission.BLOCKED, 1, 2, is_change=True),
    }
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="0 of 1 replicas"):
            calls[verb]()


def test_a_first_introduction_and_the_pauses_of_the_watch_need_nobody(
    store: ReplicatedStore, engine: RedisEngine
) -> None:
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    engine.introduce(AUCTION, 99, Permission.OK, 1, 1)
    assert engine.pause(AUCTION, "replica")


def test_an_end_that_moves_waits_for_the_replica(store: ReplicatedStore, engine: RedisEngine) -> None:
    """It is shown to everybody."""
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    engine.pause(AUCTION, "replica")
    with pytest.raises(OutcomeUnknown):
        engine.resume(AUCTION, "replica")
    with pytest.raises(OutcomeUnknown):
        engine.give_back(AUCTION, Silence(OPENS, OPENS + 10_000))


def test_a_store_without_the_script_waits_for_the_replica_too(store: ReplicatedStore, engine: RedisEngine) -> None:
    with store.direct(_primary(store)) as client:
        client.script_flush()
    accepted(engine, ALICE, 10_000)
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    with store.direct(_primary(store)) as client:
        client.script_flush()
    with pytest.raises(OutcomeUnknown, match="0 of 1 replicas"):
        bid(engine, BOB, 20_000)


def test_the_condition_counts_the_replicas_that_keep_up(store: ReplicatedStore, engine: RedisEngine) -> None:
    condition = engine.condition()
    assert (condition.replicas, condition.replicas_required, condition.replica_problem) == (1, 1, "")
    store.stores[1 - _primary(store)].kill()
    wait_until(lambda: engine.condition().replicas == 0, "the loss of the replica")
    assert "0 of 1 replicas" in engine.condition().replica_problem
    assert _engine(store, 0).condition().replica_problem == ""


# Failover


def test_after_a_failover_the_engine_follows_and_takes_no_bid_unchecked(
    store: ReplicatedStore, engine: RedisEngine
) -> None:
    accepted(engine, ALICE, 10_000)
    primary = _primary(store)
    store.stores[primary].kill()
    assert isinstance(_outcome(engine, BOB, 20_000), (StoreUnavailable, OutcomeUnknown))
    wait_until(lambda: store.role(1 - primary) == "master" and store.primary() == 1 - primary, "the promotion")
    with pytest.raises(Paused, match=RESTARTED):
        bid(engine, BOB, 20_000)
    store.heal()
    wait_until(store.is_replicated, "the former primary as a replica")
    assert store.role(primary) == "slave", "it started as what the sentinels say it is"
    engine.resume(AUCTION, RESTARTED)
    assert wait_until(lambda: _accepted_or_none(engine, BOB, 20_000), "an accepted bid").sequence == 2


def test_a_primary_that_was_frozen_accepts_nothing_when_it_wakes(store: ReplicatedStore, engine: RedisEngine) -> None:
    primary = _primary(store)
    patient = RedisEngine(connect(f"redis://127.0.0.1:{store.ports[primary]}/0", timeout_seconds=60), replicas=1)
    accepted(patient, ALICE, 10_000)
    _signal(store, primary, signal.SIGSTOP)
    outcomes: list[object] = []
    # Its request lies in the frozen process until that one wakes.
    waiting = threading.Thread(target=lambda: outcomes.append(_outcome(patient, CAROL, 30_000)))
    waiting.start()
    wait_until(lambda: store.primary() == 1 - primary and store.role(1 - primary) == "master", "the promotion")
    assert waiting.is_alive()
    _signal(store, primary, signal.SIGCONT)
    waiting.join(30)
    assert outcomes and isinstance(outcomes[0], (OutcomeUnknown, StoreUnavailable)), outcomes
    wait_until(lambda: store.role(primary) == "slave", "the former primary as a replica")
    # It refuses to write, or a sentinel ends the connection in the middle of the bid.
    assert isinstance(_outcome(patient, BOB, 40_000), (OutcomeUnknown, StoreUnavailable))
    wait_until(lambda: [_sequences(store, number) for number in (0, 1)] == [1, 1], "the bid of the frozen primary gone")


def test_news_are_heard_from_the_promoted_store(store: ReplicatedStore, engine: RedisEngine) -> None:
    heard: dict[str, str] = {}
    hear, pattern = heard.__setitem__, redis_keys.NEWS_PATTERN
    subscription = Subscription(lambda: connect(store.url), pattern, hear, lambda: None, about="auctions")
    subscription.start()
    try:
        assert subscription.wait(5)
        primary = _primary(store)
        store.stores[primary].kill()
        wait_until(lambda: store.role(1 - primary) == "master", "the promotion")

        def hears() -> bool:
            with store.direct(1 - primary) as client:
                client.publish(redis_keys.news(AUCTION), "state 9 open 9")
            return "state 9 open 9" in heard.values()

        wait_until(hears, "news from the promoted store")
    finally:
        subscription.stop()


def test_jobs_are_queued_and_done_on_the_present_primary(store: ReplicatedStore) -> None:
    client = client_at(store.url, socket_connect_timeout=2, socket_timeout=5)
    for _ in range(2):
        queue = Queue("checks", connection=client, serializer=JSONSerializer)
        job = queue.enqueue("cashticket.auction.rules.chances_left", 1)
        SimpleWorker([queue], connection=client, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
        assert job.return_value() == 2
        primary = _primary(store)
        store.stores[primary].kill()
        wait_until(lambda old=primary: store.role(1 - old) == "master" and store.primary() == 1 - old, "the promotion")
        store.heal()
        client.connection_pool.disconnect()


def test_a_store_that_turned_into_a_replica_is_unavailable_and_not_unknown(
    store: ReplicatedStore, engine: RedisEngine
) -> None:
    primary = _primary(store)
    wait_until(lambda: _sequences(store, 1 - primary) == _sequences(store, primary), "both stores in step")
    with redis.Redis(port=store.ports[1 - primary], decode_responses=True) as client, pytest.raises(StoreUnavailable):
        RedisEngine(client, replicas=1).introduce(AUCTION, ALICE, Permission.BLOCKED, 1, 2, is_change=True)
    with client_at(store.url) as followed:
        assert followed.info("replication")["role"] == "master"


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_confirmation_that_was_dropped_would_be_noticed(
    store: ReplicatedStore, engine: RedisEngine, monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    if sabotage == "no mark" and not connect(store.url).info("server").get("valkey_version"):
        pytest.skip("Redis before 7.2 waits for everything before the last command, so it needs no mark")
    SABOTAGES[sabotage](monkeypatch)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        _unknown_without_a_replica(store, engine)


def _unknown_without_a_replica(store: ReplicatedStore, engine: RedisEngine) -> None:
    """Freezes the replica: neither the bid of ALICE is accepted nor its repeat on a connection that wrote nothing."""
    _signal(store, 1 - _primary(store), signal.SIGSTOP)
    with pytest.raises(OutcomeUnknown, match="0 of 1 replicas"):
        bid(engine, ALICE, 10_000)
    with pytest.raises(OutcomeUnknown, match="0 of 1 replicas"):
        bid(_engine(store), ALICE, 10_000)


def _outcome(engine: RedisEngine, person: int, amount: int) -> object:
    try:
        return bid(engine, person, amount)
    except (OutcomeUnknown, StoreUnavailable) as error:
        return error


def _accepted_or_none(engine: RedisEngine, person: int, amount: int) -> Accepted | None:
    answer = _outcome(engine, person, amount)
    return answer if isinstance(answer, Accepted) else None
