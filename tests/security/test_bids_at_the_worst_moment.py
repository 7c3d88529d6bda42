"""Bids that arrive while an account is closed or frozen facts change: the person is bound, or the bid is refused."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from cashticket.accounts.holds import BidsHeld, hold, release
from cashticket.accounts.security_log import SecurityEvent
from cashticket.auction.values import Accepted, Permission, Reason, Refused
from cashticket.engine.connection import connect
from cashticket.engine.interface import Decision, Place, StoreUnavailable, UnknownPerson
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.people import HOLD_MAX
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work import changing_people, standing_bids
from cashticket.work.changing_people import Bound, close_account, save_profile
from cashticket.work.introducing import introduce
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert, add_person


class InterruptedEngine(RedisEngine):
    """The real engine, which runs `deed` once, right after it has answered where a person stands."""

    def __init__(self, url: str, deed: Callable[[], object]) -> None:
        super().__init__(connect(url))
        self.deed: Callable[[], object] | None = deed

    def place(self, auction_id: int, person: int) -> Place:
        place = super().place(auction_id, person)
        deed, self.deed = self.deed, None
        if deed is not None:
            deed()
        return place


@pytest.fixture
def alice(app: Flask) -> Person:
    return add_person("alice", birth_date=date(1999, 2, 3), phone="+821012345678")


@pytest.fixture
def auction(alice: Person) -> int:
    """A running auction that has seen alice."""
    auction_id = open_auction()
    introduce(current_engine(), alice, auction_id)
    return auction_id


@pytest.fixture
def interrupted(app: Flask) -> Callable[[Callable[[], object]], RedisEngine]:
    return lambda deed: InterruptedEngine(app.extensions["settings"].redis_url, deed)


def row(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def bid(auction_id: int, person: Person, request_id: str = "r1", amount: int = 100_000) -> Decision:
    """A bid as the door sends it: whoever the auction does not know is introduced once."""
    engine = current_engine()
    answer = engine.place_bid(auction_id, person.id, person.session_epoch, amount, request_id)
    if not isinstance(answer, UnknownPerson):
        return answer
    introduce(engine, row(person), auction_id)
    return engine.place_bid(auction_id, person.id, person.session_epoch, amount, request_id)


def test_a_bid_after_the_question_is_refused_and_the_account_closes(
    auction: int, alice: Person, interrupted: Callable[[Callable[[], object]], RedisEngine]
) -> None:
    answers: list[Decision] = []
    close_account(interrupted(lambda: answers.append(bid(auction, alice))), alice.id)
    assert answers == [Refused(Reason.BLOCKED)]
    assert row(alice).closed_at and current_engine().place(auction, alice.id).sequence == 0


def test_opening_the_page_meanwhile_does_not_let_a_bid_past(
    auction: int, alice: Person, interrupted: Callable[[Callable[[], object]], RedisEngine]
) -> None:
    answers: list[Decision] = []

    def open_page_and_bid() -> None:
        introduce(current_engine(), row(alice), auction)
        introduce(current_engine(), alice, auction)  # as a request does that read the account before
        answers.append(bid(auction, alice))

    close_account(interrupted(open_page_and_bid), alice.id)
    assert answers == [Refused(Reason.BLOCKED)]


def test_an_auction_published_meanwhile_takes_no_bid_either(
    auction: int, alice: Person, interrupted: Callable[[Callable[[], object]], RedisEngine]
) -> None:
    answers: list[Decision] = []
    close_account(interrupted(lambda: answers.append(bid(open_auction(), alice))), alice.id)
    assert answers == [Refused(Reason.BLOCKED)]


def test_a_date_of_birth_cannot_change_behind_a_bid(
    app: Flask, alice: Person, interrupted: Callable[[Callable[[], object]], RedisEngine]
) -> None:
    """Old enough by a false date, she bids at the very moment in which she sets the true one."""
    auction_id = open_auction(concert=add_concert(age_limit=19))
    introduce(current_engine(), alice, auction_id)
    answers: list[Decision] = []
    engine = interrupted(lambda: answers.append(bid(auction_id, alice)))
    facts = {"name": "alice", "birth_date": date(2015, 1, 1), "phone": alice.phone}
    save_profile(engine, alice, facts, "ko")
    assert answers == [Refused(Reason.BLOCKED)]
    assert bid(auction_id, alice, "r2") == Refused(Reason.BLOCKED), "too young, from now on"


def test_whoever_bid_before_is_told_and_bids_on(auction: int, alice: Person) -> None:
    assert isinstance(bid(auction, alice), Accepted)
    with pytest.raises(Bound) as refusal:
        close_account(current_engine(), alice.id)
    assert [each.id for each in refusal.value.auctions] == [auction]
    assert isinstance(bid(auction, alice, "r2", 105_000), Accepted)


@pytest.mark.parametrize("attempt", range(5))
def test_of_a_bid_and_a_closing_at_once_only_one_happens(app: Flask, auction: int, alice: Person, attempt: int) -> None:
    start = Barrier(2)

    def closing() -> None:
        with app.app_context(), suppress(Bound):
            start.wait()
            close_account(current_engine(), alice.id)

    def bidding() -> None:
        with app.app_context():
            start.wait()
            for number in range(60):
                if isinstance(bid(auction, alice, f"r{number}"), Accepted):
                    return

    with ThreadPoolExecutor(2) as pool:
        for done in (pool.submit(closing), pool.submit(bidding)):
            done.result()
    stands = current_engine().place(auction, alice.id).sequence > 0
    assert stands is not bool(row(alice).closed_at)


# Holds


def test_while_the_live_store_is_away_nothing_is_closed(app: Flask, auction: int, alice: Person) -> None:
    def fail() -> None:
        raise StoreUnavailable("no answer")

    engine = InterruptedEngine(app.extensions["settings"].redis_url, fail)
    with pytest.raises(StoreUnavailable):
        close_account(engine, alice.id)
    assert (row(alice).closed_at, row(alice).bids_held_at) == (None, None)
    assert isinstance(bid(auction, alice), Accepted), "and she bids on"


def test_a_hold_is_ended_by_nobody_else(alice: Person) -> None:
    """A process that was stopped for long ends its own hold, which is over, and not the one that lasts."""
    old = hold(alice.id).bids_held_at
    assert old is not None
    in_one_unit(lambda session: setattr(session.get_one(Person, alice.id), "bids_held_at", old - HOLD_MAX))
    assert hold(alice.id).are_bids_held(utcnow())
    assert release(alice.id, old - HOLD_MAX).are_bids_held(utcnow())


def test_a_hold_whose_process_died_ends_by_itself(auction: int, alice: Person) -> None:
    held = hold(alice.id)
    introduce(current_engine(), held, auction)
    assert bid(auction, alice) == Refused(Reason.BLOCKED)
    long_ago = utcnow() - HOLD_MAX - timedelta(seconds=1)
    in_one_unit(lambda session: setattr(session.get_one(Person, alice.id), "bids_held_at", long_ago))
    introduce(current_engine(), row(alice), auction)
    assert isinstance(bid(auction, alice), Accepted)


def test_two_holds_never_last_at_once(
    auction: int, alice: Person, monkeypatch: pytest.MonkeyPatch, interrupted: Callable[[Any], RedisEngine]
) -> None:
    monkeypatch.setattr(standing_bids, "ATTEMPTS", 1)
    refused: list[Any] = []

    def hold_again() -> None:
        with pytest.raises(BidsHeld) as refusal, standing_bids.bids_held(current_engine(), alice.id):
            pass
        refused.append(refusal)

    with standing_bids.bids_held(interrupted(hold_again), alice.id) as binding:
        assert binding == []
    assert len(refused) == 1
    with standing_bids.bids_held(current_engine(), alice.id):
        assert bid(auction, alice) == Refused(Reason.BLOCKED)
    assert isinstance(bid(auction, alice), Accepted)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[SecurityEvent, dict[str, Any]]]]:
    seen: list[tuple[SecurityEvent, dict[str, Any]]] = []
    monkeypatch.setattr(changing_people, "record", lambda event, **facts: seen.append((event, facts)))
    yield seen


def test_a_change_of_name_is_one_event_without_the_name(
    app: Flask, alice: Person, events: list[tuple[SecurityEvent, dict[str, Any]]]
) -> None:
    facts = {"name": "Alice Kim", "birth_date": alice.birth_date, "phone": alice.phone}
    save_profile(current_engine(), alice, facts, "ko")
    save_profile(current_engine(), row(alice), facts, "en")
    expected = {"person_id": alice.id, "name": True, "birth_date": False, "by_operator": False}
    assert events == [(SecurityEvent.PERSON_RENAMED, expected)]


def test_a_rank_is_not_lost_when_a_change_is_refused(auction: int, alice: Person) -> None:
    assert isinstance(bid(auction, alice), Accepted)
    facts = {"name": "Other", "birth_date": alice.birth_date, "phone": alice.phone}
    with pytest.raises(Bound):
        save_profile(current_engine(), row(alice), facts, "ko")
    assert current_engine().place(auction, alice.id).rank == 1
    assert row(alice).permission is Permission.OK
