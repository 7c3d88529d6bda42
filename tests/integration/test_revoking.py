"""Revoking: one seat is taken back for a reason, once; its holder is told, and the next in line is offered it."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import Notification, OperatorAct, OutboxMessage
from cashticket.notify.notices import letter_of
from cashticket.settlement import awards
from cashticket.settlement.awards import NotAllowed
from cashticket.settlement.revoking import Foreseen, NotRevocable, Revoked, foresee, revoke
from tests.staging.every_mail import KEYS
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people
from tests.staging.settlement import add_settled_auction, award_of, awards_of, holders, position, story_of

WHY = "bought with a stolen card"
AMOUNTS = (150_000, 140_000, 130_000, 120_000)


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol and mallory."""
    return add_people(4)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Two seats: alice bought the first, bob may buy the second, carol and mallory wait."""
    auction_id = add_settled_auction(list(zip(people, AMOUNTS, strict=True)))
    awards.buy(award_of(auction_id, people[0]).id, people[0], END + HOUR)
    return auction_id


def take(auction: int, person: int, now: datetime = END + 2 * HOUR, why: str = WHY) -> Revoked:
    return revoke(award_of(auction, person).id, why, "olga", now)


def notices(auction: int, kind: str) -> list[Notification]:
    db.session.rollback()
    mine = (Notification.auction_id == auction, Notification.kind == kind)
    return list(db.session.scalars(select(Notification).where(*mine).order_by(Notification.id)))


def acts() -> list[OperatorAct]:
    db.session.rollback()
    return list(db.session.scalars(select(OperatorAct)))


def test_a_bought_seat_is_taken_back_and_offered_to_the_next_in_line(auction: int, people: list[int]) -> None:
    alice, _, carol, _ = people
    done = take(auction, alice)
    offered = award_of(auction, carol)
    assert done == Revoked(award_of(auction, alice).id, "VIP-1", alice, 150_000, (offered.id,))
    assert (award_of(auction, alice).state, award_of(auction, alice).decided_at) == ("revoked", END + 2 * HOUR)
    assert holders(auction) == {1: carol, 2: people[1]}
    assert (offered.previous_id, offered.price, offered.state) == (done.award_id, 130_000, "offered")
    assert story_of(auction)[-2:] == [(done.award_id, "revoked"), (offered.id, "offered")]


def test_a_seat_that_was_only_offered_costs_nobody_anything(auction: int, people: list[int]) -> None:
    assert take(auction, people[1]).refund == 0
    [notice] = notices(auction, "revoked")
    assert "price" not in notice.facts and "why" not in notice.facts
    assert holders(auction)[2] == people[2]


def test_its_holder_is_told_why_by_notice_and_mail(auction: int, people: list[int]) -> None:
    take(auction, people[0])
    [notice] = notices(auction, "revoked")
    assert notice.person_id == people[0] and notice.occasion == award_of(auction, people[0]).id
    assert (notice.facts["reason"], notice.facts["seat"], notice.facts["price"]) == (WHY, "VIP-1", 150_000)
    mails = select(OutboxMessage.kind).where(OutboxMessage.reference.in_([notice.id]))
    assert db.session.scalars(mails).all() == ["revoked"]
    assert [each.person_id for each in notices(auction, "offered")] == [people[2]]


def test_no_reason_looks_like_another_part_of_the_mail(auction: int, people: list[int]) -> None:
    take(auction, people[0], why="stolen\n\n\x1b[31m내 티켓: https://mallory.example")
    [notice] = notices(auction, "revoked")
    letter = letter_of(notice.id, "https://example.org", END + 2 * HOUR, why_voided, KEYS)
    assert letter is not None and "사유: stolen [31m내 티켓: https://mallory.example\n" in letter.body


def test_a_mail_about_winning_that_waits_does_not_leave_once_the_seat_is_revoked(
    auction: int, people: list[int]
) -> None:
    [won] = [notice for notice in notices(auction, "won") if notice.person_id == people[1]]
    assert letter_of(won.id, "https://example.org", END + 2 * HOUR, why_voided, KEYS) is not None
    take(auction, people[1])
    assert letter_of(won.id, "https://example.org", END + 2 * HOUR, why_voided, KEYS) is None


def test_whoever_lost_a_seat_never_returns_to_the_line_and_cannot_decide_any_more(
    auction: int, people: list[int]
) -> None:
    take(auction, people[1])
    assert position(auction, people[1]) is None and position(auction, people[3]) == 1
    for move in (awards.buy, awards.decline, awards.cancel):
        with pytest.raises(NotAllowed, match="revoked"):
            move(award_of(auction, people[1]).id, people[1], END + 3 * HOUR)


def test_the_act_is_kept_with_operator_and_reason(auction: int, people: list[int]) -> None:
    done = take(auction, people[0], why=f"  {WHY} ")
    [act] = acts()
    assert (act.act, act.operator, act.why) == ("award revoke", "olga", WHY)
    assert act.subject == f"award {done.award_id}"
    assert act.facts == {"was": "bought", "auction": auction, "seat": "VIP-1", "refund": 150_000}


def test_revoking_again_changes_nothing(auction: int, people: list[int]) -> None:
    first = take(auction, people[0])
    story, told = story_of(auction), len(notices(auction, "revoked"))
    second = take(auction, people[0], END + DAY, why="once more")
    assert second.repeated and (second.award_id, second.refund) == (first.award_id, first.refund)
    assert story_of(auction) == story and len(notices(auction, "revoked")) == told == 1 and len(acts()) == 1


def test_what_holds_no_seat_is_not_revoked(auction: int, people: list[int]) -> None:
    awards.decline(award_of(auction, people[1]).id, people[1], END + HOUR)
    story = story_of(auction)
    with pytest.raises(NotRevocable, match="is declined"):
        take(auction, people[1])
    with pytest.raises(NotRevocable, match="has run out; it lapses by itself"):
        take(auction, people[2], END + 3 * DAY)
    with pytest.raises(NotRevocable, match="no award 4711"):
        revoke(4711, WHY, "olga", END)
    for why in ("", "  ", "x" * 501):
        with pytest.raises(NotRevocable, match="Say why"):
            take(auction, people[0], why=why)
    assert story_of(auction) == story and acts() == [] and notices(auction, "revoked") == []


def test_with_no_time_left_the_seat_stays_unsold(people: list[int]) -> None:
    concert = add_concert(cancel_until=END + 5 * HOUR)
    auction = add_settled_auction(list(zip(people, AMOUNTS, strict=True)), concert=concert)
    awards.buy(award_of(auction, people[0]).id, people[0], END + HOUR)
    assert foresee(award_of(auction, people[0]).id, END + 5 * HOUR).next_rank is None
    assert take(auction, people[0], END + 5 * HOUR).offered == ()
    assert 1 not in holders(auction)


def test_a_look_ahead_says_whom_it_would_touch_and_changes_nothing(auction: int, people: list[int]) -> None:
    story = story_of(auction)
    bought, offered = (foresee(award_of(auction, person).id, END + HOUR) for person in people[:2])
    assert bought == Foreseen("bought", "VIP-1", people[0], 150_000, next_rank=3)
    assert offered == Foreseen("offered", "VIP-2", people[1], 0, next_rank=3)
    with pytest.raises(NotRevocable, match="no award 4711"):
        foresee(4711, END)
    assert story_of(auction) == story and len(awards_of(auction)) == 2 and acts() == []
