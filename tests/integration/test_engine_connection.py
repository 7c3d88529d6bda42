"""The engine's connection: one round trip, nothing sent twice, and an error that says what may have happened."""

import json
import threading
from collections.abc import Iterator
from importlib.resources import files

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.connection import ask, connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import RedisServer
from lab.servers.reply_dropper import ReplyDropper
from tests.staging.engine import ALICE, AUCTION, BOB, OPENS, TERMS, accepted, bid, order_of, publish


@pytest.fixture
def proxy(store: RedisServer) -> Iterator[ReplyDropper]:
    with store.client() as client:
        client.flushall()
    proxy = ReplyDropper(store.socket)
    yield proxy
    proxy.stop()


@pytest.fixture
def engine(proxy: ReplyDropper) -> RedisEngine:
    """A published auction behind the proxy, scripts warm."""
    engine = RedisEngine(connect(proxy.url, timeout_seconds=0.5))
    publish(engine)
    bid(engine, BOB, 1)
    return engine


def test_a_warm_bid_is_one_round_trip(proxy: ReplyDropper, engine: RedisEngine) -> None:
    proxy.forget()
    accepted(engine, ALICE, 10_000)
    assert (len(proxy.requests), len(proxy.replies)) == (1, 1)
    assert proxy.requests[0].count(b"EVALSHA") == 1


def test_every_reading_verb_is_one_round_trip(proxy: ReplyDropper, engine: RedisEngine) -> None:
    for call in (
        lambda: engine.read(AUCTION),
        lambda: engine.place(AUCTION, ALICE),
        lambda: engine.would_rank(AUCTION, ALICE, 10_000),
        lambda: engine.versions(range(50)),
        lambda: engine.backlog(range(50)),
        lambda: engine.peek(AUCTION, 10),
    ):
        call()  # warm
        proxy.forget()
        call()
        assert (len(proxy.requests), len(proxy.replies)) == (1, 1)


@pytest.mark.parametrize("cut", [True, False], ids=["connection cut", "no answer in time"])
def test_a_lost_reply_is_an_unknown_outcome_and_never_a_second_bid(
    proxy: ReplyDropper, engine: RedisEngine, store: RedisServer, cut: bool
) -> None:
    proxy.dropping, proxy.cut = True, cut
    with pytest.raises(OutcomeUnknown):
        bid(engine, ALICE, 10_000, "r")
    proxy.dropping = False
    with store.client() as client:
        assert client.llen(redis_keys.bids(AUCTION)) == 1, "the one request made exactly one bid"
    answer = bid(engine, ALICE, 10_000, "r")
    assert isinstance(answer, Accepted) and answer.replayed and answer.sequence == 1
    assert engine.place(AUCTION, ALICE).chances_left == 2


def test_a_lost_reply_is_never_taken_for_the_answer_to_the_next_command(
    proxy: ReplyDropper, engine: RedisEngine
) -> None:
    proxy.dropping = True
    with pytest.raises(OutcomeUnknown):
        bid(engine, ALICE, 10_000, "r")
    proxy.dropping = False
    assert engine.versions([AUCTION]) == {AUCTION: 2}


def test_the_answer_to_an_interrupted_call_is_never_taken_for_another(
    store: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker is told to end while it waits; what it does before it ends must not read what it waited for."""

    def interrupt(*_: object, **__: object) -> None:
        raise SystemExit

    with connect(store.url) as client:
        assert ask(client, "ECHO", "warm") == "warm"
        with monkeypatch.context() as patched, pytest.raises(SystemExit):
            patched.setattr(redis.connection.AbstractConnection, "read_response", interrupt)
            ask(client, "BLPOP", "an-empty-list", "1")
        assert ask(client, "ECHO", "next") == "next"


def test_a_client_with_retries_is_not_allowed_to_retry(proxy: ReplyDropper, engine: RedisEngine) -> None:
    eager = RedisEngine(redis.Redis.from_url(proxy.url, decode_responses=True, socket_timeout=0.5))
    accepted(eager, BOB, 10_000)
    proxy.dropping = proxy.cut = True
    proxy.requests.clear()
    with pytest.raises(OutcomeUnknown):
        bid(eager, ALICE, 10_000, "r")
    assert len([request for request in proxy.requests if b"EVALSHA" in request]) == 1


def test_no_store_at_all_is_unavailable(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = RedisEngine(connect(f"unix://{tmp_path_factory.mktemp('none')}/redis.sock"))
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        bid(engine, ALICE, 10_000)
    with pytest.raises(StoreUnavailable):
        engine.versions([AUCTION])


def test_a_store_that_was_killed_is_unavailable_and_comes_back_by_itself(own_store: RedisServer) -> None:
    engine = RedisEngine(connect(own_store.url))
    publish(engine)
    own_store.kill()
    with pytest.raises(StoreUnavailable):
        bid(engine, ALICE, 10_000)
    own_store.start()
    publish(engine)
    assert accepted(engine, ALICE, 10_000).sequence == 1, "scripts that the new store has not seen are sent again"


def test_a_flushed_script_cache_is_filled_again(store: RedisServer) -> None:
    with store.client() as client:
        client.flushall()
        engine = RedisEngine(connect(store.url))
        publish(engine)
        client.script_flush()
        assert accepted(engine, ALICE, 10_000).sequence == 1


def test_an_acknowledged_bid_outlives_the_kill_of_the_store() -> None:
    server = RedisServer(appendonly=True).start()
    try:
        engine = RedisEngine(connect(server.url))
        publish(engine)
        accepted(engine, ALICE, 10_000)
        server.kill()
        server.start()
        assert [standing.person for standing in order_of(engine)] == [ALICE]
        assert engine.backlog(engine.auctions()) == {AUCTION: 1}
        assert accepted(engine, ALICE, 10_000).replayed
    finally:
        server.remove()


def test_a_full_store_takes_no_bid_and_stores_no_part_of_one(own_store: RedisServer) -> None:
    engine = RedisEngine(connect(own_store.url))
    publish(engine)
    before = engine.read(AUCTION, OPENS)
    with own_store.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable):
            bid(engine, ALICE, 10_000)
        client.config_set("maxmemory", "0")
        assert not client.exists(redis_keys.standings(AUCTION), redis_keys.chances(AUCTION), redis_keys.bids(AUCTION))
    assert engine.read(AUCTION, OPENS) == before


def test_a_replica_takes_no_bid(own_store: RedisServer) -> None:
    engine = RedisEngine(connect(own_store.url))
    publish(engine)
    with own_store.client() as client:
        client.config_set("replica-serve-stale-data", "yes")
        client.replicaof("127.0.0.1", "1")
        with pytest.raises(StoreUnavailable):
            bid(engine, ALICE, 10_000)


def test_a_store_busy_with_another_script_is_unavailable(own_store: RedisServer) -> None:
    engine = RedisEngine(connect(own_store.url, timeout_seconds=10))
    publish(engine)
    with own_store.client() as client, own_store.client() as busy:
        client.config_set("busy-reply-threshold", "1")
        endless = threading.Thread(target=_expect_kill, args=(busy,))
        endless.start()
        _until_busy(client)
        with pytest.raises(StoreUnavailable, match="BUSY"):
            bid(engine, ALICE, 10_000)
        client.script_kill()
        endless.join()
    assert accepted(engine, ALICE, 10_000).sequence == 1


def _expect_kill(client: redis.Redis) -> None:
    with pytest.raises(redis.ResponseError):
        client.eval("while true do end", 0)


def _until_busy(client: redis.Redis) -> None:
    for _ in range(100_000):
        try:
            client.ping()
        except redis.ResponseError:
            return
    raise AssertionError("the store never became busy")


def test_publishing_again_adds_an_auction_missing_from_the_live_index(redis_client: redis.Redis) -> None:
    engine = RedisEngine(redis_client)
    engine.open(TERMS)
    redis_client.delete(redis_keys.LIVE_AUCTIONS)
    assert engine.open(TERMS) is False
    assert engine.auctions() == [AUCTION]


def test_a_client_that_answers_in_bytes_is_refused_at_once(redis_server: RedisServer) -> None:
    with pytest.raises(ValueError, match="decode_responses"):
        RedisEngine(redis.Redis.from_url(redis_server.url))


def test_a_url_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unix://"):
        connect("memcached://localhost")


def test_every_number_of_an_entry_is_a_text(store: RedisServer) -> None:
    with store.client() as client:
        client.flushall()
        engine = RedisEngine(connect(store.url))
        publish(engine, minimum=2**31 - 1 - 10_000)
        engine.introduce(AUCTION, 2**53 - 1, Permission.OK, 1, 1)
        accepted(engine, 2**53 - 1, 2**31 - 1 - 10_000)
        raw = json.loads(client.lindex(redis_keys.bids(AUCTION), 0))
    assert raw["person"] == "9007199254740991" and raw["ms"] == str(OPENS)
    assert set(map(type, raw.values())) == {str}
    assert set(raw) == {
        *("sequence", "person", "nth", "amount", "ms", "request_id"),
        *("ends_at", "rank", "cutoff", "displaced", "alert"),
    }


def test_scripts_build_no_keys_and_stay_short() -> None:
    verbs = sorted(file.name for file in (files("cashticket.engine") / "lua").iterdir() if file.name.endswith(".lua"))
    assert "place_bid.lua" in verbs
    for verb in verbs:
        text = (files("cashticket.engine") / "lua" / verb).read_text()
        body = [line for line in text.splitlines() if not line.startswith("--")]
        assert "auction:" not in text, f"{verb} builds a key"
        assert len(body) <= (90 if verb == "place_bid.lua" else 60), f"{verb} is too long"
