"""The hub on a real store: alerts whose news it did not hear, found in the tables some seconds later."""

import pytest
import redis

from cashticket.auction.values import State
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live import people_rounds, signed_in
from cashticket.live.still_out import Displacement, StillOut, still_out
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.hubs import MakeHub
from tests.staging.hub_people import Known, elsewhere
from tests.staging.watchers import ALICE, AUCTION, BOB, CAROL, bid, open_auction, saying, until

PUSHED_OUT = Displacement(ALICE, AUCTION, 2)


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was missed is looked up almost at once, and twice."""
    monkeypatch.setattr(people_rounds, "MISSED_SECONDS", (0.1, 0.3))


def test_whoever_was_pushed_out_unheard_is_told_once_it_is_recorded(
    engine: RedisEngine, make_hub: MakeHub, own_store: RedisServer
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 130_000)
    tables = Known(recorded=[PUSHED_OUT])
    # Nothing is published in that store.
    hub = make_hub(own_store.url, tables=tables)
    alice, carol = elsewhere(hub, ALICE), elsewhere(hub, CAROL)
    assert until(alice, saying("alert")) == [f"alert ko {AUCTION} #2"]
    wait_until(lambda: len([name for name, _ in tables.questions if name == "displacements"]) == 2, "a second look")
    bid(engine, ALICE, 140_000)
    hub.signed_in.frames.alert(AUCTION, ALICE, 4, 4)
    hub.signed_in.frames.alert(AUCTION, CAROL, 4, 4)
    assert until(alice, saying("#4")) == [f"alert ko {AUCTION} #4"], "what was told was told again"
    assert until(carol, saying("#4")) == [f"alert ko {AUCTION} #4"], "somebody else was told"


def test_what_was_heard_is_not_read_again(
    engine: RedisEngine, make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Displacement] = []
    monkeypatch.setattr(signed_in, "still_out", lambda engine, each: looked_at.extend(each) or [])
    monkeypatch.setattr(people_rounds, "MISSED_SECONDS", (0.1,))
    open_auction(engine)
    later = Displacement(ALICE, AUCTION, 9)
    tables = Known()
    hub = make_hub(tables=tables)
    alice = elsewhere(hub, ALICE)
    hub.listen()
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 130_000)
    until(alice, saying("alert"))
    tables.recorded = [PUSHED_OUT, later]
    hub.signed_in.look_for_missed()
    wait_until(lambda: looked_at, "a look at what was missed")
    assert looked_at == [later]


def test_a_store_that_comes_back_has_missed_alerts_looked_up(
    engine: RedisEngine, make_hub: MakeHub, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    tables = Known()
    hub = make_hub(tables=tables)
    alice = elsewhere(hub, ALICE)
    hub.listen()
    wait_until(lambda: len(tables.questions) == 2, "the looks after the start")
    tables.questions.clear()
    for subscriber in redis_client.client_list():
        if int(subscriber["psub"]):
            redis_client.client_kill_filter(_id=subscriber["id"])
    wait_until(lambda: ("displacements", [ALICE]) in tables.questions, "a look after the break")
    hub.leave(alice)


def test_only_whoever_is_still_out_and_can_win_is_told(engine: RedisEngine) -> None:
    """Alice was pushed out and has chances left; bob wins; carol was pushed out and has bid again; the other auction is
    over."""
    open_auction(engine)
    open_auction(engine, auction_id=AUCTION + 1)
    bid(engine, ALICE, 120_000, AUCTION + 1)
    bid(engine, BOB, 130_000, AUCTION + 1)
    engine.finish(AUCTION + 1, State.VOIDED)
    bid(engine, ALICE, 120_000)
    bid(engine, CAROL, 130_000)
    bid(engine, BOB, 140_000)
    bid(engine, CAROL, 150_000)
    bid(engine, BOB, 160_000)
    displacements = [
        Displacement(ALICE, AUCTION, 2),
        Displacement(BOB, AUCTION, 4),
        Displacement(CAROL, AUCTION, 3),
        Displacement(ALICE, AUCTION + 1, 2),
    ]
    assert list(still_out(engine, displacements)) == [StillOut(displacements[0], 6, 120_000)]
    assert list(still_out(engine, [])) == []
