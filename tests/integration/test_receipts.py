"""Whoever buys a seat gets one receipt, stored together with the purchase."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Notification, Person
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement import notices as award_notices
from cashticket.settlement.awards import NotAllowed
from cashticket.work.messages import letter_of
from tests.staging.outbox import messages
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people
from tests.staging.settlement import add_ended_auction, award_of, settled

CANCEL_UNTIL = END + 9 * DAY


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(2)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Settled at END: alice has VIP-1 for 130,000 won, bob VIP-2 for 120,000."""
    bids = [(person, 130_000 - 10_000 * place) for place, person in enumerate(people)]
    auction_id = add_ended_auction(bids, concert=add_concert(cancel_until=CANCEL_UNTIL, title="Spring Night"))
    settled(auction_id, bids)
    return auction_id


def receipts() -> list[Notification]:
    db.session.rollback()
    return list(db.session.scalars(select(Notification).where(Notification.kind == NoticeKind.BOUGHT)))


def test_a_purchase_stores_its_receipt_with_its_mail(auction: int, people: list[int]) -> None:
    alice = people[0]
    award = award_of(auction, alice).id
    assert awards.buy(award, alice, END + HOUR).has_mail
    [receipt] = receipts()
    assert (receipt.person_id, receipt.auction_id, receipt.occasion) == (alice, auction, award)
    assert receipt.facts == {
        "award_id": award,
        "seat": "VIP-1",
        "seat_number": 1,
        "price": 130_000,
        "bought_at": iso(END + HOUR),
        "cancel_until": iso(CANCEL_UNTIL),
    }
    notice_id = receipt.id
    assert [(each.reference, each.due_at) for each in messages(kind="bought")] == [(notice_id, END + HOUR)]


def test_buying_again_or_in_vain_stores_no_receipt(auction: int, people: list[int]) -> None:
    alice, bob = people
    awards.buy(award_of(auction, alice).id, alice, END + HOUR)
    assert not awards.buy(award_of(auction, alice).id, alice, END + 2 * HOUR).has_mail
    with pytest.raises(NotAllowed):
        awards.buy(award_of(auction, bob).id, bob, END + 24 * HOUR)
    awards.decline(award_of(auction, bob).id, bob, END + HOUR)
    assert len(receipts()) == len(messages(kind="bought")) == 1


def test_a_purchase_without_a_receipt_does_not_happen(
    auction: int, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = people[0]
    monkeypatch.setattr(award_notices, "add_notices", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        awards.buy(award_of(auction, alice).id, alice, END + HOUR)
    assert award_of(auction, alice).state == "offered" and receipts() == [] == messages(kind="bought")


WORDS = {
    "ko": ("[구매 완료] VIP-1 · Spring Night", "구매 금액: 130,000원", "구매 번호: {}", "무료 취소 기한: "),
    "en": ("[Bought] VIP-1 · Spring Night", "Amount: ₩130,000", "Purchase number: {}", "Free cancellation until: "),
}


@pytest.mark.parametrize("language", WORDS)
def test_the_mail_is_a_receipt(auction: int, people: list[int], language: str) -> None:
    alice, award = people[0], award_of(auction, people[0]).id
    awards.buy(award, alice, END + HOUR)
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    letter = letter_of(messages(kind="bought")[0], END + HOUR)
    subject, amount, number, until = WORDS[language]
    assert letter and letter.subject == subject and letter.settings_url == ""
    assert amount in letter.body and f"{number.format(award)}\n" in letter.body and until in letter.body
    assert letter.body.endswith(f"/me/tickets#award-{award}\n")


def test_a_purchase_that_was_cancelled_before_its_mail_left_is_mailed_no_more(auction: int, people: list[int]) -> None:
    alice = people[0]
    awards.buy(award_of(auction, alice).id, alice, END + HOUR)
    awards.cancel(award_of(auction, alice).id, alice, END + 2 * HOUR)
    assert letter_of(messages(kind="bought")[0], END + 2 * HOUR) is None
