"""Whoever cancels a bought seat or declines one has it confirmed once, together with the decision."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Notification, Person
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.work.messages import letter_of
from tests.staging.outbox import messages
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people
from tests.staging.settlement import add_ended_auction, award_of, settled

KINDS = (NoticeKind.CANCELLED, NoticeKind.DECLINED)


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(3)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Settled at END: alice has VIP-1 for 130,000 won, bob VIP-2 for 120,000, carol waits."""
    bids = [(person, 130_000 - 10_000 * place) for place, person in enumerate(people)]
    auction_id = add_ended_auction(bids, concert=add_concert(cancel_until=END + 9 * DAY, title="Spring Night"), seats=2)
    settled(auction_id, bids)
    return auction_id


def confirmations() -> list[Notification]:
    db.session.rollback()
    rows = select(Notification).where(Notification.kind.in_(KINDS)).order_by(Notification.id)
    return list(db.session.scalars(rows))


def test_a_cancelled_purchase_is_confirmed_once(auction: int, people: list[int]) -> None:
    alice = people[0]
    award = award_of(auction, alice).id
    awards.buy(award, alice, END + HOUR)
    assert awards.cancel(award, alice, END + 2 * HOUR).has_mail
    assert not awards.cancel(award, alice, END + 3 * HOUR).has_mail
    [told] = confirmations()
    assert (told.person_id, told.kind, told.occasion) == (alice, NoticeKind.CANCELLED, award)
    assert told.facts == {"award_id": award, "seat": "VIP-1", "price": 130_000, "ended_at": iso(END + 2 * HOUR)}
    notice_id = told.id
    assert [(each.reference, each.due_at) for each in messages(kind="cancelled")] == [(notice_id, END + 2 * HOUR)]


def test_a_declined_seat_is_confirmed_and_offered_to_the_next(auction: int, people: list[int]) -> None:
    _, bob, carol = people
    awards.decline(award_of(auction, bob).id, bob, END + HOUR)
    [told] = confirmations()
    assert (told.person_id, told.kind, told.facts["seat"]) == (bob, NoticeKind.DECLINED, "VIP-2")
    assert award_of(auction, carol).seat.label == "VIP-2"
    assert len(messages(kind="declined")) == len(messages(kind="offered")) == 1


def test_what_is_refused_confirms_nothing(auction: int, people: list[int]) -> None:
    alice = people[0]
    with pytest.raises(awards.NotAllowed):
        awards.cancel(award_of(auction, alice).id, alice, END + HOUR)
    assert confirmations() == []


TEXTS = {
    "ko": {
        "cancelled": ["[구매 취소] VIP-1", "130,000원", "취소 수수료는 없습니다"],
        "declined": ["[구매 포기] VIP-2"],
    },
    "en": {"cancelled": ["[Cancelled] VIP-1", "₩130,000", "no fee"], "declined": ["[Declined] VIP-2", "paid nothing"]},
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_mails_say_what_was_given_up_in_the_language_of_their_reader(
    auction: int, people: list[int], language: str
) -> None:
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    alice, bob, _ = people
    awards.buy(award_of(auction, alice).id, alice, END + HOUR)
    awards.cancel(award_of(auction, alice).id, alice, END + 2 * HOUR)
    awards.decline(award_of(auction, bob).id, bob, END + 2 * HOUR)
    for kind, words in TEXTS[language].items():
        letter = letter_of(messages(kind=kind)[0], END + 2 * HOUR)
        assert letter is not None and not letter.unsubscribe_url
        whole = f"{letter.subject}\n{letter.body}"
        assert [word for word in words if word not in whole] == []
