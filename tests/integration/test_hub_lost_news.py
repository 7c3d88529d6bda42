"""The hub on a real store: what watchers are shown although news of the auction was lost."""

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine
from cashticket.engine.pauses import OPERATOR, RESTARTED
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.hub import Hub
from tests.fixtures.hubs import MakeHub
from tests.staging.watchers import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    alerts,
    bid,
    is_beat,
    open_auction,
    saying,
    until,
    watch,
)

pytestmark = pytest.mark.sweep


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


def test_lost_news_is_made_good_by_comparing_versions(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    stranger = watch(deaf_hub)
    until(stranger, saying("board", "#0"))
    # The update that follows subscribing may still show the first.
    for sequence, amount in enumerate((120_000, 125_000, 130_000), 1):
        bid(engine, ALICE, amount)
        until(stranger, saying("board", f"#{sequence}", f"cutoff {amount}"))


def test_a_lost_alert_is_sent_once(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(deaf_hub, ALICE)
    until(alice, saying("winning"))
    bid(engine, BOB, 130_000)
    until(alice, saying("out"))
    until(alice, saying(f"alert ko {AUCTION} #2"))
    bid(engine, BOB, 140_000)
    assert alerts(until(alice, saying("short 25000"))) == []


def test_a_lost_alert_is_not_sent_to_a_person_without_chances(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    for amount in (110_000, 115_000, 120_000):
        bid(engine, ALICE, amount)
    alice = watch(deaf_hub, ALICE)
    until(alice, saying("winning"))
    bid(engine, BOB, 130_000)
    seen = until(alice, saying("out"))
    bid(engine, CAROL, 140_000)
    seen += until(alice, saying("short 25000"))
    bid(engine, CAROL, 150_000)
    assert alerts(seen + until(alice, saying("short 35000"))) == []


def test_a_bid_outside_the_top_is_shown_to_its_bidder_although_its_news_is_lost(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 150_000)
    bob = watch(deaf_hub, BOB)
    until(bob, saying("watching", "left 3"))
    for left, amount in ((2, 110_000), (1, 120_000)):
        bid(engine, BOB, amount)
        seen = until(bob, saying("out", f"left {left}"))
        assert not [frame for frame in seen if saying("standing", f"left {left + 1}")(frame)], (
            "an old standing was sent again"
        )


def test_a_bid_below_every_row_is_shown_to_its_bidder_although_its_news_is_lost(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    for person in range(11, 21):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        bid(engine, person, 100_000 + 5_000 * person)
    bob = watch(deaf_hub, BOB)
    until(bob, saying("watching", "left 3"))
    bid(engine, BOB, 100_000)
    until(bob, saying("out", "left 2"))


def test_a_broken_subscription_starts_again_and_updates_everything(
    engine: Engine, make_hub: MakeHub, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    alice = watch(hub, ALICE)
    until(alice, saying("winning"))
    subscribers = [client for client in redis_client.client_list() if int(client["psub"])]
    assert subscribers, "the hub is not subscribed"
    for subscriber in subscribers:
        redis_client.client_kill_filter(_id=subscriber["id"])
    bid(engine, BOB, 130_000)
    seen = until(alice, saying("out"))
    if not alerts(seen):
        until(alice, saying(f"alert ko {AUCTION} #2"))


def test_boards_go_on_above_what_was_shown_when_the_store_goes_on_from_an_older_copy(
    engine: Engine, redis_client: redis.Redis, make_hub: MakeHub
) -> None:
    hub = make_hub()
    open_auction(engine)
    key = redis_keys.state(AUCTION)
    older = {**redis_client.hgetall(key), "checked_on": "former-process master"}
    for _ in range(400):
        engine.pause(AUCTION, OPERATOR)
        engine.resume(AUCTION, OPERATOR)
    shown = engine.read(AUCTION).version
    before = watch(hub)
    until(before, saying(f"version {shown}"))
    redis_client.delete(key)
    redis_client.hset(key, mapping=older)
    assert engine.resume(AUCTION, RESTARTED)
    beat = until(before, lambda item: is_beat(item) and f"version {shown}" not in str(item))[-1]
    assert int(str(beat).rpartition(" ")[2]) > shown
