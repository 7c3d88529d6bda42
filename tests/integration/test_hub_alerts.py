"""The hub on a real store: who is alerted to have been pushed out, and who is not."""

import pytest

from cashticket.auction.answers import entry_of
from cashticket.auction.values import RankedOut, State
from cashticket.engine.interface import Engine
from cashticket.engine.news import BidAccepted, format_news
from cashticket.engine.redis_engine import RedisEngine
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


def test_a_bid_taken_by_another_process_alerts_every_socket_of_the_person(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    phone, laptop = watch(make_hub(), ALICE), watch(make_hub(), ALICE, locale="en")
    for socket in (phone, laptop):
        until(socket, saying("standing", "winning"))
    sequence = bid(engine, BOB, 130_000).sequence
    for socket, locale in ((phone, "ko"), (laptop, "en")):
        seen = until(socket, saying("standing", "out", "short 15000"))
        assert alerts(seen) == [f"alert {locale} {AUCTION} #{sequence}"]


def test_an_alert_comes_before_the_board(engine: Engine, make_hub: MakeHub) -> None:
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


def test_a_person_without_chances_is_shown_to_be_out_without_an_alert(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    for amount in (110_000, 115_000, 120_000):
        bid(engine, ALICE, amount)
    alice = watch(make_hub(), ALICE)
    until(alice, saying("winning", "left 0"))
    bid(engine, BOB, 130_000)
    seen = until(alice, saying("out", "left 0"))
    # The board of a later bid comes after any alert of the first.
    bid(engine, BOB, 140_000)
    assert alerts(seen + until(alice, saying("short 25000"))) == []


def test_raising_ones_own_winning_bid_alerts_nobody(engine: Engine, make_hub: MakeHub) -> None:
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
    entry = entry_of(answer, BOB, "again", RankedOut(ALICE, alert=True))
    hub.receive(AUCTION, format_news(BidAccepted(3, entry)))
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


def test_a_person_pushed_out_while_away_is_alerted_on_coming_back(engine: Engine, make_hub: MakeHub) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    sequence = bid(engine, BOB, 130_000).sequence
    alice = watch(make_hub(), ALICE, missed_sequence=sequence)
    assert alerts(until(alice, saying("standing", "out"))) == [f"alert ko {AUCTION} #{sequence}"]
    bid(engine, BOB, 140_000)
    assert alerts(until(alice, saying("standing", "short 25000"))) == [], "one alert is enough"


def test_a_person_who_is_winning_again_or_has_bid_since_is_not_alerted_on_coming_back(
    engine: Engine, make_hub: MakeHub
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    bid(engine, CAROL, 125_000)
    bid(engine, BOB, 130_000)
    bid(engine, ALICE, 140_000)
    bid(engine, CAROL, 135_000)
    hub = make_hub()
    for person, position in ((ALICE, "winning"), (CAROL, "out")):
        assert alerts(until(watch(hub, person, missed_sequence=3), saying("standing", position))) == []


def test_a_person_who_comes_back_without_chances_or_after_the_end_is_not_alerted(
    engine: Engine, make_hub: MakeHub
) -> None:
    open_auction(engine)
    for amount in (110_000, 115_000, 120_000):
        bid(engine, ALICE, amount)
    bid(engine, BOB, 130_000)
    hub = make_hub()
    assert alerts(until(watch(hub, ALICE, missed_sequence=4), saying("standing", "out"))) == []
    stranger = watch(hub)
    bid(engine, CAROL, 140_000)
    # The news of this bid would alert Bob if he were connected when it comes.
    until(stranger, saying("board", "#5"))
    engine.finish(AUCTION, State.SETTLED)
    assert alerts(until(watch(hub, BOB, missed_sequence=5), saying("fetch"))) == []


def test_a_person_who_connects_just_after_being_pushed_out_is_alerted_before_the_ledger_knows(
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


def test_a_device_that_was_alerted_is_not_alerted_again_when_another_connects(
    engine: Engine, make_hub: MakeHub
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    hub = make_hub()
    phone = watch(hub, ALICE)
    until(phone, saying("standing", "winning"))
    bid(engine, BOB, 130_000)
    assert len(alerts(until(phone, saying("standing", "out")))) == 1
    laptop = watch(hub, ALICE, missed_sequence=2)
    assert len(alerts(until(laptop, saying("standing", "out")))) == 1
    bid(engine, BOB, 140_000)
    assert alerts(until(phone, saying("standing", "short 25000"))) == []
