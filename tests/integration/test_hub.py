"""The hub on a real store: what reaches the mailboxes of people who watch."""

import time
from collections.abc import Callable, Iterator

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Permission, State
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.hub import Hub
from cashticket.live.mailbox import CheckSession, Ended
from cashticket.live.page_marks import people_with_open_page
from cashticket.live.watcher import Watcher
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
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
)

MakeHub = Callable[..., Hub]


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


@pytest.fixture
def make_hub(redis_server: RedisServer, redis_client: redis.Redis) -> Iterator[MakeHub]:
    """Hubs as processes have them: each with an engine and connections of its own."""
    made: list[Hub] = []
    clients: list[redis.Redis] = []

    def make(news_from: str = redis_server.url, queue: str | None = None) -> Hub:
        clients.append(connect(redis_server.url))
        queue_factory = (lambda: connect(queue)) if queue else None
        made.append(Hub(RedisEngine(clients[-1]), lambda: connect(news_from), plain_rendering, queue_factory))
        return made[-1]

    yield make
    for hub in made:
        hub.stop()
    for client in clients:
        client.close()


@pytest.fixture
def deaf_hub(make_hub: MakeHub) -> Iterator[Hub]:
    """A hub that hears no news at all: it listens at a store where nothing is published."""
    elsewhere = RedisServer()
    try:
        yield make_hub(elsewhere.start().url)
    finally:
        elsewhere.remove()


def watch(hub: Hub, person: int | None = None, locale: str = "ko", auction_id: int = AUCTION) -> Watcher:
    watcher = Watcher(auction_id, locale, person, epoch=1 if person else 0)
    hub.join(watcher)
    return watcher


def test_a_newcomer_gets_the_present_board_and_the_own_standing(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(make_hub(), ALICE)
    seen = until(alice, saying("standing"))
    assert seen == ["board ko open #1 cutoff 120000", "standing ko winning rank 1 short 0 left 2"]


def test_the_anonymous_get_the_board_alone_in_their_language(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    stranger = watch(hub, locale="en")
    until(stranger, saying("board en", "#0"))
    bid(engine, ALICE, 120_000)
    assert until(stranger, saying("#1")) == ["board en open #1 cutoff 120000"]


def test_an_alert_comes_from_a_bid_taken_elsewhere_to_every_socket(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    phone, laptop = watch(make_hub(), ALICE), watch(make_hub(), ALICE, locale="en")
    for socket in (phone, laptop):
        until(socket, saying("standing", "winning"))
    sequence = bid(engine, BOB, 130_000).sequence
    for socket, locale in ((phone, "ko"), (laptop, "en")):
        seen = until(socket, saying("standing", "out", "short 15000"))
        assert alerts(seen) == [f"alert {locale} {AUCTION} #{sequence}"]


def test_an_alert_goes_ahead_of_the_boards(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    alice = watch(hub, ALICE)
    until(alice, saying("standing", "winning"))
    bid(engine, BOB, 130_000)
    assert until(alice, saying("#2")) == [f"alert ko {AUCTION} #2"]


def test_an_alert_also_reaches_the_page_of_another_auction(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    open_auction(engine, auction_id=AUCTION + 1)
    bid(engine, ALICE, 120_000)
    elsewhere = watch(make_hub(), ALICE, auction_id=AUCTION + 1)
    until(elsewhere, saying("standing", "watching"))
    bid(engine, BOB, 130_000)
    until(elsewhere, saying(f"alert ko {AUCTION} #2"))


def test_nobody_else_is_alerted(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    bob, carol, stranger = watch(hub, BOB), watch(hub, CAROL), watch(hub)
    for watcher in (bob, carol, stranger):
        until(watcher, saying("board", "#1"))
    bid(engine, BOB, 130_000)
    for watcher in (bob, carol, stranger):
        assert alerts(until(watcher, saying("board", "#2"))) == []


def test_who_has_no_chance_left_sees_the_state_without_an_alert(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for amount in (110_000, 115_000, 120_000):
        bid(engine, ALICE, amount)
    alice = watch(make_hub(), ALICE)
    until(alice, saying("winning", "left 0"))
    bid(engine, BOB, 130_000)
    seen = until(alice, saying("out", "left 0"))
    # The board of a later bid is behind anything that could still come of the first.
    bid(engine, BOB, 140_000)
    assert alerts(seen + until(alice, saying("short 25000"))) == []


def test_raising_the_own_winning_bid_alerts_nobody(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine, seats=2)
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 125_000)
    hub = make_hub()
    alice, bob = watch(hub, ALICE), watch(hub, BOB)
    until(alice, saying("rank 2"))
    until(bob, saying("rank 1"))
    bid(engine, ALICE, 150_000)
    assert alerts(until(alice, saying("rank 1", "left 1")) + until(bob, saying("rank 2"))) == []


def test_the_same_displacement_is_never_alerted_twice(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    alice = watch(hub, ALICE)
    until(alice, saying("standing", "winning"))
    answer = bid(engine, BOB, 130_000)
    first = until(alice, saying("out"))
    line = f"bid 3 {answer.sequence} {BOB} 130000 {answer.ends_at_ms} {ALICE} 1"
    hub.receive(AUCTION, line)
    bid(engine, CAROL, 140_000)
    assert len(alerts(first + until(alice, saying("short 25000")))) == 1


def test_each_new_displacement_is_alerted(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(make_hub(), ALICE)
    until(alice, saying("winning"))
    bid(engine, BOB, 130_000)
    until(alice, saying("out"))
    bid(engine, ALICE, 140_000)
    until(alice, saying("winning", "left 1"))
    bid(engine, BOB, 150_000)
    until(alice, saying(f"alert ko {AUCTION} #4"))


def test_lost_news_is_mended_by_comparing_versions(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    stranger = watch(deaf_hub)
    until(stranger, saying("board", "#0"))
    # The first may still be seen by the look that follows subscribing.
    for sequence, amount in enumerate((120_000, 125_000, 130_000), 1):
        bid(engine, ALICE, amount)
        until(stranger, saying("board", f"#{sequence}", f"cutoff {amount}"))


def test_a_lost_alert_is_mended_once(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(deaf_hub, ALICE)
    until(alice, saying("winning"))
    bid(engine, BOB, 130_000)
    until(alice, saying("out"))
    until(alice, saying(f"alert ko {AUCTION} #2"))
    bid(engine, BOB, 140_000)
    assert alerts(until(alice, saying("short 25000"))) == []


def test_a_lost_alert_is_not_mended_for_who_has_no_chance_left(engine: Engine, deaf_hub: Hub) -> None:
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


def test_a_bid_outside_the_top_shows_to_its_bidder_although_its_news_are_lost(engine: Engine, deaf_hub: Hub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 150_000)
    bob = watch(deaf_hub, BOB)
    until(bob, saying("watching", "left 3"))
    for left, amount in ((2, 110_000), (1, 120_000)):
        bid(engine, BOB, amount)
        seen = until(bob, saying("out", f"left {left}"))
        assert not [frame for frame in seen if saying("standing", f"left {left + 1}")(frame)], "once more of before"


def test_a_broken_subscription_comes_back_and_looks_again(
    engine: Engine, make_hub: MakeHub, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    alice = watch(hub, ALICE)
    until(alice, saying("winning"))
    listening = [line for line in redis_client.client_list() if int(line["psub"])]
    assert listening, "the hub is not subscribed"
    for line in listening:
        redis_client.client_kill_filter(_id=line["id"])
    bid(engine, BOB, 130_000)
    seen = until(alice, saying("out"))
    if not alerts(seen):
        until(alice, saying(f"alert ko {AUCTION} #2"))


def test_outside_the_top_the_exact_rank_follows(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for person, amount in ((ALICE, 130_000), (BOB, 120_000), (CAROL, 110_000)):
        bid(engine, person, amount)
    carol = watch(make_hub(), CAROL)
    until(carol, saying("out", "rank 3", "short 25000"))
    bid(engine, MALLORY, 125_000)
    until(carol, saying("out", "rank 4", "short 25000"))


def test_a_bid_from_another_tab_shows_in_every_tab(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    alice = watch(make_hub(), ALICE)
    until(alice, saying("watching", "left 3"))
    bid(engine, ALICE, 120_000)
    until(alice, saying("winning", "left 2"))


def test_a_settled_auction_has_each_person_fetch_the_own_result(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice, stranger = watch(hub, ALICE), watch(hub)
    until(alice, saying("standing"))
    engine.finish(AUCTION, State.SETTLED)
    until(alice, saying("fetch ko"))
    until(stranger, saying("board ko settled"))


def test_opening_is_shown_although_nothing_is_published(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine, opens_at_ms=int(time.time() * 1000) + 400)
    stranger = watch(make_hub())
    assert until(stranger, saying("board ko open"))[0] == "board ko scheduled #0 cutoff 100000"


def test_a_mailbox_that_nobody_empties_holds_only_the_newest_board(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    slow, quick = watch(hub), watch(hub)
    for sequence, amount in enumerate((110_000, 115_000, 120_000), 1):
        bid(engine, ALICE, amount)
        until(quick, saying(f"#{sequence}"))
    assert until(slow, saying("board")) == ["board ko open #3 cutoff 120000"]


def test_a_newer_epoch_puts_older_sessions_in_doubt(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice, bob = watch(hub, ALICE), watch(hub, BOB)
    until(alice, saying("standing"))
    engine.introduce(AUCTION, ALICE, Permission.OK, 2, 2)
    until(alice, lambda item: isinstance(item, CheckSession))
    bid(engine, BOB, 120_000)
    assert CheckSession() not in until(bob, saying("winning"))


def test_closing_ends_every_socket_and_those_that_come_later(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice = watch(hub, ALICE)
    hub.close()
    until(alice, lambda item: item == Ended(1012))
    until(watch(hub), lambda item: item == Ended(1012))


def test_who_left_is_forgotten(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    first, second = watch(hub, ALICE), watch(hub, ALICE)
    hub.leave(first)
    hub.leave(first)
    assert hub.watcher_count() == 1
    hub.leave(second)
    assert hub.watcher_count() == 0


def test_a_line_of_another_release_means_look_again(
    engine: Engine, make_hub: MakeHub, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    stranger = watch(make_hub())
    until(stranger, saying("#0"))
    redis_client.publish(redis_keys.news(AUCTION), "thunder and lightning")
    bid(engine, ALICE, 120_000)
    until(stranger, saying("#1"))


# Signs of life


def test_whoever_is_shown_the_present_hears_each_second_that_it_still_is(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    version = engine.read(AUCTION).version
    hub = make_hub()
    alice, stranger = watch(hub, ALICE), watch(hub, locale="en")
    for watcher in (alice, stranger):
        for _ in range(2):
            assert until(watcher, is_beat)[-1] == f"beat {AUCTION} version {version}"


def test_a_beat_never_runs_ahead_of_the_board_it_speaks_of(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    stranger = watch(make_hub())
    until(stranger, is_beat)
    bid(engine, ALICE, 120_000)
    version = engine.read(AUCTION).version
    seen = until(stranger, saying(f"beat {AUCTION} version {version}"))
    assert "board ko open #1 cutoff 120000" in seen


def test_while_the_store_is_away_nobody_says_that_prices_are_of_now(make_hub: MakeHub) -> None:
    away = RedisServer()
    try:
        engine = RedisEngine(connect(away.start().url))
        open_auction(engine)
        hub = Hub(engine, lambda: connect(away.url), plain_rendering)
        stranger = watch(hub)
        until(stranger, is_beat)
        away.kill()
        # The second after which a beat would come, three times over.
        quiet = time.monotonic() + 3.5
        while (left := quiet - time.monotonic()) > 0:
            item = stranger.mailbox.take(left)
            assert item is None or time.monotonic() < quiet - 2.5, item
    finally:
        hub.stop()
        away.remove()


# Coming back


def returning(hub: Hub, person: int, missed: int) -> Watcher:
    """Somebody who connects after the bid `missed` pushed them out."""
    watcher = Watcher(AUCTION, "ko", person, epoch=1, missed_sequence=missed)
    hub.join(watcher)
    return watcher


def test_who_was_pushed_out_while_away_is_told_on_coming_back(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    sequence = bid(engine, BOB, 130_000).sequence
    alice = returning(make_hub(), ALICE, sequence)
    assert alerts(until(alice, saying("standing", "out"))) == [f"alert ko {AUCTION} #{sequence}"]
    bid(engine, BOB, 140_000)
    assert alerts(until(alice, saying("standing", "short 25000"))) == [], "told once is enough"


def test_who_is_back_in_or_has_bid_since_is_not_told_of_the_past(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    bid(engine, CAROL, 125_000)
    bid(engine, BOB, 130_000)
    bid(engine, ALICE, 140_000)
    bid(engine, CAROL, 135_000)
    hub = make_hub()
    for person, position in ((ALICE, "winning"), (CAROL, "out")):
        assert alerts(until(returning(hub, person, 3), saying("standing", position))) == []


def test_who_comes_back_without_chances_or_after_the_end_is_not_told(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for amount in (110_000, 115_000, 120_000):
        bid(engine, ALICE, amount)
    bid(engine, BOB, 130_000)
    hub = make_hub()
    assert alerts(until(returning(hub, ALICE, 4), saying("standing", "out"))) == []
    bid(engine, CAROL, 140_000)
    engine.finish(AUCTION, State.SETTLED)
    assert alerts(until(returning(hub, BOB, 5), saying("fetch"))) == []


def test_who_connects_just_after_being_pushed_out_is_told_before_the_ledger_knows(
    engine: Engine, make_hub: MakeHub
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    hub.listen()
    stranger = watch(hub)
    until(stranger, saying("board", "#1"))
    bid(engine, BOB, 130_000)
    until(stranger, saying("board", "#2"))
    alice = watch(hub, ALICE)
    assert alerts(until(alice, saying("standing", "out"))) == [f"alert ko {AUCTION} #2"]


def test_a_device_that_was_told_is_not_told_again_when_another_comes_back(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    phone = watch(hub, ALICE)
    until(phone, saying("standing", "winning"))
    bid(engine, BOB, 130_000)
    assert len(alerts(until(phone, saying("standing", "out")))) == 1
    laptop = returning(hub, ALICE, 2)
    assert len(alerts(until(laptop, saying("standing", "out")))) == 1
    bid(engine, BOB, 140_000)
    assert alerts(until(phone, saying("standing", "short 25000"))) == []


# Who is present


def present(client: redis.Redis, *people: int) -> bool:
    return people_with_open_page(client, range(1, 10)) == set(people)


def test_whoever_has_a_page_open_is_present_until_the_last_one_closes(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    one, other = (make_hub(queue=redis_server.url) for _ in range(2))
    phone, laptop, stranger = watch(one, ALICE), watch(other, ALICE), watch(one)
    wait_until(lambda: redis_client.scard(redis_keys.open_pages(ALICE)) == 2, "both processes to tell of alice")
    assert present(redis_client, ALICE)
    assert 0 < redis_client.ttl(redis_keys.open_pages(ALICE)) <= 20
    one.leave(phone)
    one.leave(stranger)
    wait_until(lambda: redis_client.scard(redis_keys.open_pages(ALICE)) == 1, "the first page to be forgotten")
    assert present(redis_client, ALICE)
    other.leave(laptop)
    wait_until(lambda: present(redis_client), "nobody to be present")


def test_presence_is_renewed_and_ends_with_the_process(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    hub = make_hub(queue=redis_server.url)
    watch(hub, ALICE)
    wait_until(lambda: present(redis_client, ALICE), "alice to be present")
    redis_client.expire(redis_keys.open_pages(ALICE), 10)
    wait_until(lambda: redis_client.ttl(redis_keys.open_pages(ALICE)) > 10, "the mark to be renewed")
    hub.stop()
    assert present(redis_client)


def test_without_the_queue_redis_pages_live_on(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    alice = watch(make_hub(queue="redis://127.0.0.1:1"), ALICE)
    until(alice, saying("standing", "winning"))
    bid(engine, BOB, 130_000)
    assert len(alerts(until(alice, saying("standing", "out")))) == 1
