"""The hub on a real store: what watchers are shown although news of the auction was lost."""

import pytest
import redis

from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine
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
    open_auction,
    saying,
    until,
    watch,
)


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
