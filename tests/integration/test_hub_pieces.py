"""The hub on a real store: which boards, standings and beats reach the mailboxes of people who watch."""

import time

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Permission, State
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.hub import Hub
from cashticket.live.mailbox import CheckSession, Ended
from lab.servers.redis_server import RedisServer
from tests.fixtures.hubs import MakeHub
from tests.staging.watchers import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    MALLORY,
    alerts,
    bid,
    is_beat,
    open_auction,
    plain_rendering,
    saying,
    until,
    watch,
)


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


def test_a_new_watcher_gets_the_present_board_and_their_own_standing(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(make_hub(), ALICE)
    seen = until(alice, saying("standing"))
    assert seen == ["board ko open #1 cutoff 120000", "standing ko winning rank 1 short 0 left 2"]


def test_an_anonymous_watcher_gets_only_the_board_in_their_language(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    stranger = watch(hub, locale="en")
    until(stranger, saying("board en", "#0"))
    bid(engine, ALICE, 120_000)
    assert until(stranger, saying("#1")) == ["board en open #1 cutoff 120000"]


def test_beside_the_cut_off_line_the_rank_is_exact_at_once(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for person, amount in ((ALICE, 130_000), (BOB, 120_000), (CAROL, 110_000)):
        bid(engine, person, amount)
    carol = watch(make_hub(), CAROL)
    until(carol, saying("out", "rank 3", "short 25000"))
    bid(engine, MALLORY, 125_000)
    seen = until(carol, saying("standing"))
    assert "out rank 4 short 25000" in str(seen[-1])


def test_elsewhere_the_last_known_rank_stays_until_the_next_is_read(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for person in range(100, 110):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        bid(engine, person, 120_000)
    bid(engine, CAROL, 110_000)
    carol = watch(make_hub(), CAROL)
    until(carol, saying("out", "rank 11 "))
    bid(engine, MALLORY, 115_000)
    # The rank as it was, with its moment, and after a few seconds the present one.
    assert "out rank 11 as of" in str(until(carol, saying("standing"))[-1])
    until(carol, saying("out", "rank 12 "))


def test_a_bid_from_another_tab_shows_in_every_tab(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    alice = watch(make_hub(), ALICE)
    until(alice, saying("watching", "left 3"))
    bid(engine, ALICE, 120_000)
    until(alice, saying("winning", "left 2"))


def test_a_withdrawal_shows_at_once_and_keeps_showing_and_alerts_nobody(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for person, amount in ((ALICE, 130_000), (BOB, 120_000)):
        bid(engine, person, amount)
    hub = make_hub()
    alice, bob = watch(hub, ALICE), watch(hub, BOB)
    until(alice, saying("winning", "left 2"))
    until(bob, saying("out"))
    engine.withdraw(AUCTION, ALICE)
    seen = [*until(alice, saying("watching", "left 2")), *until(bob, saying("winning", "rank 1"))]
    later = watch(make_hub(), ALICE)
    seen += until(later, saying("watching", "left 2"))
    bid(engine, MALLORY, 140_000)
    seen += [*until(later, saying("standing")), *until(bob, saying("out"))]
    assert str(seen[-1]).startswith("standing")
    assert [each for each in alerts(seen) if "#3" in each] == [], "nobody was pushed out by the withdrawal"
    assert all("left 2" in str(each) for each in seen if saying("watching")(each))


def test_after_settlement_each_person_fetches_their_own_result(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice, stranger = watch(hub, ALICE), watch(hub)
    until(alice, saying("standing"))
    engine.finish(AUCTION, State.SETTLED)
    until(alice, saying("fetch ko"))
    until(stranger, saying("board ko settled"))


def test_a_pause_and_its_end_are_shown_in_every_standing(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice, bob = (watch(make_hub(), person) for person in (ALICE, BOB))
    for change in (lambda: engine.pause(AUCTION, "operator"), lambda: engine.resume(AUCTION, "operator")):
        for watcher in (alice, bob):
            until(watcher, saying("standing"))
        change()
    for watcher in (alice, bob):
        until(watcher, saying("standing"))


def test_opening_is_shown_although_nothing_is_published(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine, opens_at_ms=int(time.time() * 1000) + 400)
    stranger = watch(make_hub())
    assert until(stranger, saying("board ko open"))[0] == "board ko scheduled #0 cutoff 100000"


def test_a_mailbox_that_is_not_read_holds_only_the_newest_board(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    slow, quick = watch(hub), watch(hub)
    for sequence, amount in enumerate((110_000, 115_000, 120_000), 1):
        bid(engine, ALICE, amount)
        until(quick, saying(f"#{sequence}"))
    assert until(slow, saying("board")) == ["board ko open #3 cutoff 120000"]


def test_a_newer_epoch_has_older_sessions_checked(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice, bob = watch(hub, ALICE), watch(hub, BOB)
    until(alice, saying("standing"))
    engine.introduce(AUCTION, ALICE, Permission.OK, 2, 2)
    until(alice, lambda item: isinstance(item, CheckSession))
    bid(engine, BOB, 120_000)
    assert CheckSession() not in until(bob, saying("winning"))


def test_closing_ends_every_socket_and_those_that_join_later(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice = watch(hub, ALICE)
    hub.close()
    until(alice, lambda item: item == Ended(1012))
    until(watch(hub), lambda item: item == Ended(1012))


def test_a_watcher_that_left_is_forgotten(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    first, second = watch(hub, ALICE), watch(hub, ALICE)
    hub.leave(first)
    hub.leave(first)
    assert hub.watcher_count() == 1
    hub.leave(second)
    assert hub.watcher_count() == 0


def test_news_of_another_release_causes_an_update(engine: Engine, make_hub: MakeHub, redis_client: redis.Redis) -> None:
    open_auction(engine)
    stranger = watch(make_hub())
    until(stranger, saying("#0"))
    redis_client.publish(redis_keys.news(AUCTION), "thunder and lightning")
    bid(engine, ALICE, 120_000)
    until(stranger, saying("#1"))


def test_watchers_who_were_shown_the_present_get_a_beat_each_second(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    version = engine.read(AUCTION).version
    hub = make_hub()
    alice, stranger = watch(hub, ALICE), watch(hub, locale="en")
    for watcher in (alice, stranger):
        for _ in range(2):
            assert until(watcher, is_beat)[-1] == f"beat {AUCTION} version {version}"


def test_a_beat_never_comes_before_the_board_of_its_version(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    stranger = watch(make_hub())
    until(stranger, is_beat)
    bid(engine, ALICE, 120_000)
    version = engine.read(AUCTION).version
    seen = until(stranger, saying(f"beat {AUCTION} version {version}"))
    assert "board ko open #1 cutoff 120000" in seen


def test_while_the_store_is_down_no_beat_is_sent(make_hub: MakeHub) -> None:
    store = RedisServer()
    try:
        engine = RedisEngine(connect(store.start().url))
        open_auction(engine)
        hub = Hub(engine, lambda: connect(store.url), plain_rendering)
        stranger = watch(hub)
        until(stranger, is_beat)
        store.kill()
        # A beat may be under way in the first second; three more would follow it.
        deadline = time.monotonic() + 3.5
        while (left := deadline - time.monotonic()) > 0:
            item = stranger.mailbox.take(left)
            assert item is None or time.monotonic() < deadline - 2.5, item
    finally:
        hub.stop()
        store.remove()
