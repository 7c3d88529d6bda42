"""Races around one seat or one auction: however they end, nobody holds two seats and no seat has two holders."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import blocking
from cashticket.extensions import db
from cashticket.models import FinalRank, Notification
from cashticket.models.waiting import is_waiting
from cashticket.settlement import awards, telling
from cashticket.settlement.awards import NotAllowed
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.leaving import leave
from cashticket.settlement.revoking import NotRevocable, Revoked, revoke
from cashticket.settlement.settle import Settled
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, awards_of, holders, settled, story_of, tell_everybody

ROUNDS = 6


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(8)


def falling(people: list[int]) -> list[tuple[int, int]]:
    return [(person, 190_000 - 10_000 * place) for place, person in enumerate(people)]


def stage(people: list[int], seats: int, *, bought: bool = False) -> int:
    auction = add_ended_auction(falling(people), seats=seats)
    settled(auction, falling(people))
    for person in people[: seats if bought else 0]:
        awards.buy(award_of(auction, person).id, person, END + HOUR)
    return auction


def assert_lawful(auction: int, seats: int) -> None:
    """At most one holder a seat and one seat a person; the story replays to the awards as they stand."""
    live = [award for award in awards_of(auction) if award.state in ("offered", "bought")]
    assert max(Counter(award.seat_id for award in live).values(), default=0) <= 1
    assert max(Counter(award.person_id for award in awards_of(auction)).values(), default=0) <= 1
    assert len(live) <= seats
    assert dict(story_of(auction)) == {award.id: award.state for award in awards_of(auction)}


def test_eight_settlements_at_once_settle_once(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = add_ended_auction(falling(people), seats=3)
        answers = at_once(*[lambda auction=auction: settled(auction, falling(people)) for _ in range(8)])
        assert all(isinstance(answer, Settled) for answer in answers)
        assert [answer.repeated for answer in answers].count(False) == 1
        assert holders(auction) == {1: people[0], 2: people[1], 3: people[2]}
        assert len(story_of(auction)) == 3


def test_two_auctions_of_one_concert_never_give_one_person_two_tickets(
    people: list[int], at_once: Callable[..., list[Any]]
) -> None:
    for _ in range(ROUNDS):
        concert = add_concert()
        first, second = (add_ended_auction(falling(people), concert=concert, seats=2) for _ in range(2))
        at_once(
            lambda first=first: settled(first, falling(people)), lambda second=second: settled(second, falling(people))
        )
        assert isinstance(settled(second, falling(people)), Settled)
        assert (holders(first), holders(second)) == (
            {1: people[0], 2: people[1]},
            {1: people[2], 2: people[3]},
        )


def test_cancelling_from_two_places_frees_the_seat_once(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 1, bought=True)
        award_id = award_of(auction, people[0]).id
        answers = at_once(*[lambda a=award_id: awards.cancel(a, people[0], END + DAY) for _ in range(4)])
        assert {answer.award.state for answer in answers} == {"cancelled"}
        assert holders(auction) == {1: people[1]} and len(awards_of(auction)) == 2
        assert_lawful(auction, 1)


def test_two_people_cancelling_at_once_hand_over_to_two_people(
    people: list[int], at_once: Callable[..., list[Any]]
) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 2, bought=True)
        alice, bob = (award_of(auction, person).id for person in people[:2])
        at_once(
            lambda alice=alice: awards.cancel(alice, people[0], END + DAY),
            lambda bob=bob: awards.cancel(bob, people[1], END + DAY),
        )
        assert set(holders(auction).values()) == {people[2], people[3]} and len(awards_of(auction)) == 4
        assert_lawful(auction, 2)


def test_declining_while_awards_lapse(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 2)
        alice = award_of(auction, people[0]).id
        at_once(
            lambda alice=alice: awards.decline(alice, people[0], END + 23 * HOUR),
            lambda: awards.lapse_all_expired(END + DAY),
            lambda: awards.lapse_all_expired(END + DAY),
        )
        assert set(holders(auction).values()) == {people[2], people[3]}
        assert_lawful(auction, 2)


def test_buying_while_the_award_lapses_ends_one_way(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 1)
        alice = award_of(auction, people[0]).id
        bought, _, _ = at_once(
            lambda alice=alice: awards.buy(alice, people[0], END + 23 * HOUR),
            lambda: awards.lapse_all_expired(END + DAY),
            lambda auction=auction: offer_freed(auction, END + DAY),
        )
        if isinstance(bought, NotAllowed):
            assert bought.reason == "lapsed" and holders(auction) == {1: people[1]}
        else:
            assert holders(auction) == {1: people[0]} and len(awards_of(auction)) == 1
        assert_lawful(auction, 1)


def test_buying_and_declining_at_once_ends_one_way(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 1)
        alice = award_of(auction, people[0]).id
        answers = at_once(
            lambda alice=alice: awards.buy(alice, people[0], END + HOUR),
            lambda alice=alice: awards.decline(alice, people[0], END + HOUR),
        )
        assert [isinstance(answer, NotAllowed) for answer in answers].count(True) == 1
        assert_lawful(auction, 1)


def take_back(award_id: int, now: datetime) -> Revoked | None:
    """The answer of a revocation, None if it was refused."""
    try:
        return revoke(award_id, "a stolen card", "olga", now)
    except NotRevocable:
        return None


@pytest.mark.parametrize(("move", "other_end"), [("buy", "revoked"), ("cancel", "cancelled"), ("lapse", "lapsed")])
def test_revoking_while_the_holder_buys_or_cancels_or_the_offer_lapses_ends_one_way(
    people: list[int], at_once: Callable[..., list[Any]], move: str, other_end: str
) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 1, bought=move == "cancel")
        alice, now = award_of(auction, people[0]).id, END + 23 * HOUR
        moves: dict[str, Callable[[], Any]] = {
            "buy": partial(awards.buy, alice, people[0], now),
            "cancel": partial(awards.cancel, alice, people[0], now),
            "lapse": partial(awards.lapse_all_expired, END + DAY),
        }
        moved, *answers = at_once(moves[move], *[partial(take_back, alice, now)] * 2)
        state, taken = award_of(auction, people[0]).state, [answer for answer in answers if answer]
        assert state in ("revoked", other_end) and len(taken) == (2 if state == "revoked" else 0)
        # Whoever bought in time lost the seat afterwards, and is told what is given back.
        is_paid = move == "cancel" or (move == "buy" and not isinstance(moved, NotAllowed))
        assert {answer.refund for answer in taken} <= {190_000 if is_paid else 0}
        assert [answer.repeated for answer in taken].count(False) == (state == "revoked")
        assert holders(auction) == {1: people[1]} and len(awards_of(auction)) == 2
        mine = (Notification.auction_id == auction, Notification.person_id == people[0])
        told = db.session.scalars(select(Notification.kind).where(*mine)).all()
        assert told.count("revoked") == (state == "revoked")
        assert_lawful(auction, 1)


def test_leaving_the_line_while_a_seat_is_offered_ends_one_way(
    people: list[int], at_once: Callable[..., list[Any]]
) -> None:
    """The next in line either has the offer, and is refused, or has left, and the seat goes to the one behind."""
    for _ in range(ROUNDS):
        auction = stage(people, 1, bought=True)
        alice, bob, carol, *_ = people
        cancel = partial(awards.cancel, award_of(auction, alice).id, alice, END + DAY)
        _, first, second = at_once(cancel, *[partial(leave, auction, bob, END + DAY)] * 2)
        assert first == second and first.refused in ("", "offered")
        assert holders(auction) == {1: bob if first.refused else carol}
        assert_lawful(auction, 1)
        assert_the_line_is_true()


def assert_the_line_is_true() -> None:
    """Who waits in every line is what awards and accounts say."""
    db.session.rollback()
    rows = db.session.execute(select(FinalRank.auction_id, FinalRank.person_id, FinalRank.waiting, is_waiting())).all()
    assert rows and [row for row in rows if bool(row[2]) is not bool(row[3])] == []


def test_blocking_people_while_an_auction_is_settled(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = add_ended_auction(falling(people), seats=2)
        at_once(
            lambda auction=auction: settled(auction, falling(people)),
            *[lambda person=person: blocking.block(person) for person in (people[1], people[5])],
        )
        assert isinstance(settled(auction, falling(people)), Settled)
        assert_lawful(auction, 2)
        assert_the_line_is_true()
        for person in (people[1], people[5]):
            change_person(person, blocked_at=None)


def test_hand_overs_while_people_of_the_line_are_blocked(people: list[int], at_once: Callable[..., list[Any]]) -> None:
    for _ in range(ROUNDS):
        auction = stage(people, 2)
        alice, bob = (award_of(auction, person).id for person in people[:2])
        at_once(
            lambda alice=alice: awards.decline(alice, people[0], END + HOUR),
            lambda bob=bob: awards.decline(bob, people[1], END + HOUR),
            lambda: blocking.block(people[2]),
            lambda: blocking.block(people[5]),
        )
        assert_lawful(auction, 2)
        assert_the_line_is_true()
        for person in (people[2], people[5]):
            change_person(person, blocked_at=None)


def test_telling_from_four_places_while_seats_are_declined_tells_everybody_once(
    people: list[int], at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)
    for _ in range(ROUNDS):
        auction = stage(people, 1)
        alice = award_of(auction, people[0]).id
        decline = partial(awards.decline, alice, people[0], END + HOUR)
        at_once(decline, *[partial(tell_everybody, auction) for _ in range(4)])
        outcomes = select(Notification.person_id, Notification.kind).where(Notification.auction_id == auction)
        db.session.rollback()
        told = (
            person for person, kind in db.session.execute(outcomes) if kind not in ("offered", "moved_up", "declined")
        )
        counts = Counter(told)
        assert set(counts.values()) == {1} and set(counts) >= set(people) - {people[1]}
