"""The marks in the queue store that tell who has a page open."""

import pytest
import redis

from cashticket import redis_keys
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.page_marks import people_with_open_page
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.hubs import MakeHub
from tests.staging.watchers import (
    ALICE,
    BOB,
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


def only_open(client: redis.Redis, *people: int) -> bool:
    """Whether these people, and nobody else, have a page open."""
    return people_with_open_page(client, range(1, 10)) == set(people)


def test_a_person_is_marked_until_their_last_page_closes(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    one, other = (make_hub(queue_url=redis_server.url) for _ in range(2))
    phone, laptop, stranger = watch(one, ALICE), watch(other, ALICE), watch(one)
    wait_until(lambda: redis_client.scard(redis_keys.open_pages(ALICE)) == 2, "both processes to mark alice")
    assert only_open(redis_client, ALICE)
    assert 0 < redis_client.ttl(redis_keys.open_pages(ALICE)) <= 20
    one.leave(phone)
    one.leave(stranger)
    wait_until(lambda: redis_client.scard(redis_keys.open_pages(ALICE)) == 1, "the first mark to be removed")
    assert only_open(redis_client, ALICE)
    other.leave(laptop)
    wait_until(lambda: only_open(redis_client), "the last mark to be removed")


def test_marks_are_renewed_and_end_with_the_process(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    hub = make_hub(queue_url=redis_server.url)
    watch(hub, ALICE)
    wait_until(lambda: only_open(redis_client, ALICE), "alice to be marked")
    redis_client.expire(redis_keys.open_pages(ALICE), 10)
    wait_until(lambda: redis_client.ttl(redis_keys.open_pages(ALICE)) > 10, "the mark to be renewed")
    hub.stop()
    assert only_open(redis_client)


def test_without_the_queue_store_pages_stay_live(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(make_hub(queue_url="redis://127.0.0.1:1"), ALICE)
    until(alice, saying("standing", "winning"))
    bid(engine, BOB, 130_000)
    assert len(alerts(until(alice, saying("standing", "out")))) == 1
