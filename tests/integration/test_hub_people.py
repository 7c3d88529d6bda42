"""The hub on a real store: sockets of pages that show no auction."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from cashticket import redis_keys
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live import people_rounds
from cashticket.live.line_moves import SPREAD_MS
from cashticket.live.mailbox import CheckSession, Ended
from cashticket.live.page_marks import people_with_open_page
from cashticket.live.people_news import PeopleNews
from cashticket.live.update import Render
from lab.servers.redis_server import RedisServer
from lab.servers.reply_dropper import ReplyDropper
from lab.waiting import wait_until
from tests.fixtures.hubs import MakeHub
from tests.staging.hub_people import Known, elsewhere, until_listening
from tests.staging.hub_traffic import CONNECTING, commands, hub_on
from tests.staging.watchers import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    Item,
    alerts,
    bid,
    is_beat,
    open_auction,
    plain,
    saying,
    until,
    watch,
)


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


def is_check(item: Item) -> bool:
    return isinstance(item, CheckSession)


def test_a_displacement_in_any_auction_is_heard_on_any_page(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    open_auction(engine, auction_id=AUCTION + 1)
    one, other = make_hub(), make_hub()
    phone, laptop = elsewhere(one, ALICE), elsewhere(other, ALICE, "en")
    one.listen()
    other.listen()
    for auction_id in (AUCTION, AUCTION + 1):
        bid(engine, ALICE, 120_000, auction_id)
        bid(engine, BOB, 130_000, auction_id)
        until(phone, saying(f"alert ko {auction_id} #2"))
        until(laptop, saying(f"alert en {auction_id} #2"))


def test_nobody_else_is_alerted_and_no_board_is_sent(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    alice, carol = elsewhere(hub, ALICE), elsewhere(hub, CAROL)
    hub.listen()
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 130_000)
    assert until(alice, saying("alert")) == [f"alert ko {AUCTION} #2"]
    bid(engine, CAROL, 140_000)
    bid(engine, BOB, 150_000)
    assert until(carol, saying("alert")) == [f"alert ko {AUCTION} #4"]


def test_an_alert_names_the_concert_and_the_own_bid(
    engine: Engine, make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_rounds, "TITLE_SECONDS", 30.0)
    open_auction(engine)
    facts: list[Mapping[str, Any]] = []

    @contextmanager
    def noting() -> Iterator[Render]:
        def render(kind: str, locale: str, context: Mapping[str, Any]) -> str:
            if kind == "alert":
                facts.append(context)
            return plain(kind, locale, context)

        yield render

    tables = Known(titles={AUCTION: {"ko": "한강의 밤", "en": "Han River Night"}})
    hub = make_hub(tables=tables, rendering=noting)
    alice = elsewhere(hub, ALICE)
    hub.listen()
    for own, rival in ((120_000, 130_000), (140_000, 150_000)):
        bid(engine, ALICE, own)
        bid(engine, BOB, rival)
        until(alice, saying("alert"))
    assert [(each["concert"], each["amount"]) for each in facts] == [("한강의 밤", 120_000), ("한강의 밤", 140_000)]
    assert tables.questions == [("titles", [AUCTION])], "each alert asked the tables"


def test_an_alert_goes_without_the_title_while_the_tables_do_not_answer(engine: Engine, make_hub: MakeHub) -> None:
    answer = threading.Event()

    class Silent(Known):
        def titles(self, auction_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
            answer.wait()
            return super().titles(auction_ids)

    open_auction(engine)
    hub = make_hub(tables=Silent())
    alice = elsewhere(hub, ALICE)
    hub.listen()
    try:
        bid(engine, ALICE, 120_000)
        bid(engine, BOB, 130_000)
        assert until(alice, saying("alert")) == [f"alert ko {AUCTION} #2"]
    finally:
        answer.set()


def test_sockets_without_an_auction_cost_the_live_store_nothing(engine: Engine, redis_server: RedisServer) -> None:
    open_auction(engine)
    # The store has the script then.
    engine.read(AUCTION)
    proxy = ReplyDropper(redis_server.socket)
    try:
        with hub_on(proxy.url) as hub:
            sockets = [elsewhere(hub, person) for person in range(100, 200)]
            hub.listen()
            proxy.forget()
            clock = watch(hub)
            until(clock, saying("board"))
            for _ in range(3):
                until(clock, is_beat)
            sent = commands(proxy)
            # For the one socket of an auction: its board, and each second its version. A ping is the subscription's.
            assert set(sent) <= {"read", "HGET", "PING", *CONNECTING}, sent
            assert sent["read"] <= 2 and sent["HGET"] <= 6, sent
            assert [item for socket in sockets for item in (socket.mailbox.take(0),) if item] == []
    finally:
        proxy.stop()


def test_a_new_notice_is_told_to_its_person_on_every_page(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    hub = make_hub(queue_url=redis_server.url)
    page, auction_page, carol = elsewhere(hub, ALICE), watch(hub, ALICE), elsewhere(hub, CAROL)
    until_listening(redis_client)
    PeopleNews(redis_client).tell([ALICE, BOB], [], {})
    assert until(page, saying("told")) == ["told within 40"]
    until(auction_page, saying("told within 40"))
    PeopleNews(redis_client).tell([CAROL], [], {})
    assert until(carol, saying("told")) == ["told within 20"]


def test_a_crowd_that_is_told_asks_over_ten_seconds(
    make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    hub = make_hub(queue_url=redis_server.url)
    last = elsewhere(hub, 2_500)
    until_listening(redis_client)
    everybody = list(range(1, 2_501))
    PeopleNews(redis_client).tell(everybody, [], {})
    assert until(last, saying("told")) == ["told within 10000"]
    PeopleNews(redis_client).tell([], everybody, {})
    assert until(last, saying("told")) == ["told within None"], "what asks nothing of them is asked for"


def test_a_move_of_a_line_is_told_to_every_page_of_somebody_signed_in_in_every_process(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    one, other = (make_hub(queue_url=redis_server.url) for _ in range(2))
    pages = [elsewhere(one, ALICE), watch(one, BOB), elsewhere(other, CAROL, "en")]
    stranger = watch(one)
    wait_until(lambda: redis_client.pubsub_numpat() == 2 and subscribers(redis_client) == 4, "both hubs to listen")
    PeopleNews(redis_client).tell([], [], {}, [AUCTION + 1])
    for page in pages:
        until(page, saying(f"line {AUCTION + 1} within {SPREAD_MS}"))
    heard = until(stranger, is_beat)
    assert not [item for item in heard if saying("line")(item)], "nobody without an account waits"


def subscribers(client: redis.Redis) -> int:
    """How many connections listen to news."""
    return sum(int(each["psub"]) > 0 for each in client.client_list())


def test_a_message_of_another_release_harms_nobody(
    make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    alice = elsewhere(make_hub(queue_url=redis_server.url), ALICE)
    until_listening(redis_client)
    for text in ("", "told everybody", "epoch now", "a word of the future"):
        redis_client.publish(redis_keys.PEOPLE_NEWS, text)
    PeopleNews(redis_client).tell([ALICE], [], {})
    assert until(alice, saying("told")) == ["told within 20"]


def test_a_new_epoch_has_the_sockets_of_its_person_checked(
    make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    hub = make_hub(queue_url=redis_server.url)
    alice, carol = elsewhere(hub, ALICE), elsewhere(hub, CAROL)
    until_listening(redis_client)
    PeopleNews(redis_client).tell([], [], {ALICE: 2})
    until(alice, is_check)
    # An epoch that the socket has been checked for says nothing new.
    PeopleNews(redis_client).tell([ALICE, CAROL], [], {ALICE: 2})
    assert until(alice, saying("told")) == until(carol, saying("told")) == ["told within 40"]


def test_what_was_lost_while_nobody_listened_is_looked_up(
    make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    tables = Known(epochs={ALICE: 1})
    alice = elsewhere(make_hub(queue_url=redis_server.url, tables=tables), ALICE)
    until_listening(redis_client)
    tables.known_epochs[ALICE] = 2
    for subscriber in redis_client.client_list():
        if int(subscriber["psub"]):
            redis_client.client_kill_filter(_id=subscriber["id"])
    until(alice, is_check)


def test_sessions_are_looked_up_in_windows_and_only_of_pages_without_an_auction(
    engine: Engine, make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_rounds, "ROUND_SECONDS", 0.2)
    monkeypatch.setattr(people_rounds, "WINDOW", 4)
    open_auction(engine)
    tables = Known(epochs=dict.fromkeys(range(100, 110), 2))
    hub = make_hub(tables=tables)
    sockets = [elsewhere(hub, person) for person in range(100, 110)]
    watch(hub, ALICE)
    for socket in sockets:
        until(socket, is_check)
    windows = [people for name, people in tables.questions if name == "epochs"]
    assert all(len(people) <= 4 and ALICE not in people for people in windows)
    assert {person for people in windows for person in people} == set(range(100, 110))


def test_a_hub_listens_for_people_only_while_somebody_is_signed_in(
    engine: Engine, make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    open_auction(engine)
    hub = make_hub(queue_url=redis_server.url)
    stranger = watch(hub)
    until(stranger, saying("board"))
    until(stranger, is_beat)
    assert redis_client.pubsub_numpat() == 1
    alice = elsewhere(hub, ALICE)
    until_listening(redis_client)
    hub.leave(alice)
    wait_until(lambda: redis_client.pubsub_numpat() == 1, "the hub to stop listening")


def test_an_open_page_of_any_kind_counts_as_being_there(
    make_hub: MakeHub, redis_server: RedisServer, redis_client: redis.Redis
) -> None:
    hub = make_hub(queue_url=redis_server.url)
    alice = elsewhere(hub, ALICE)
    wait_until(lambda: people_with_open_page(redis_client, [ALICE, BOB]) == {ALICE}, "alice to be marked")
    hub.leave(alice)
    wait_until(lambda: not people_with_open_page(redis_client, [ALICE]), "the mark to be removed")


def test_a_hub_that_closes_ends_these_sockets_too(make_hub: MakeHub) -> None:
    hub = make_hub()
    before = elsewhere(hub, ALICE)
    assert hub.watcher_count() == 1
    hub.close()
    assert until(before, lambda item: isinstance(item, Ended)) == [Ended(1012)]
    assert until(elsewhere(hub, ALICE), lambda item: isinstance(item, Ended)) == [Ended(1012)]


def test_who_was_pushed_out_just_before_is_remembered_by_person(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    hub = make_hub()
    hub.listen()
    stranger = watch(hub)
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 130_000)
    assert alerts(until(stranger, saying("board", "#2"))) == []
    assert wait_until(lambda: hub.recent_alerts(ALICE), "the news") == {AUCTION: 2}
    assert hub.recent_alerts(BOB) == {}
