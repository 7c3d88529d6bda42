"""A seat that nobody waits for stays unsold: no page, notice or mail says that it went to somebody."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.notices import letter_of
from cashticket.settlement import awards, line_pauses
from tests.fixtures.people import Browser
from tests.staging.every_mail import KEYS
from tests.staging.settlement import award_of
from tests.web.bidding import PIECE
from tests.web.my_page import set_award, words_of

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WENT = ("went to", "넘어갔")
"""What says that somebody else got the seat."""
WILL_GO = ("the seat goes to the next person on the waitlist.", "넘어갑니다")
"""What mails said would become of it, without a condition."""


def give_up(state: str, auction_id: int, person: Person) -> None:
    """The award of this person ends in `state` by what the product does."""
    award_id = award_of(auction_id, person.id).id
    if state == "lapsed":
        set_award(award_id, expires_at=utcnow() - timedelta(days=1))
        awards.lapse_all_expired(utcnow())
        return
    if state == "cancelled":
        awards.buy(award_id, person.id, utcnow())
    move = awards.cancel if state == "cancelled" else awards.decline
    move(award_id, person.id, utcnow())


def outcome(browser: Browser, auction_id: int) -> str:
    return browser.get(f"/auctions/{auction_id}/outcome?lang=en", headers=PIECE).get_data(as_text=True)


@pytest.mark.parametrize("state", ["declined", "lapsed", "cancelled"])
def test_an_outcome_tells_a_seat_that_was_passed_on_from_one_that_nobody_waited_for(
    alice: Browser, bob: Browser, people: dict[str, Person], settled_auction: int, state: str
) -> None:
    give_up(state, settled_auction, people["alice"])
    give_up(state, settled_auction, people["bob"])
    passed_on, unsold = outcome(alice, settled_auction), outcome(bob, settled_auction)
    assert "the seat went to the next" in passed_on or "it went to the next" in passed_on, "carol waited for alice's"
    assert "stayed unsold" in unsold and not any(words in unsold for words in WENT)
    assert "stayed unsold" in words_of(bob, "/me/bids") and "stayed unsold" not in words_of(alice, "/me/bids")


@pytest.mark.parametrize("state", ["declined", "lapsed", "cancelled"])
def test_while_the_line_is_paused_a_seat_that_was_given_up_is_called_neither_unsold_nor_somebodys(
    alice: Browser, people: dict[str, Person], settled_auction: int, state: str
) -> None:
    line_pauses.pause(settled_auction, "a ring is looked into", "olga", utcnow())
    give_up(state, settled_auction, people["alice"])
    for said in (outcome(alice, settled_auction), words_of(alice, "/me/bids")):
        assert "The waitlist is paused for now" in said
        assert not any(words in said for words in ("unsold", *WENT))
    lineage = words_of(alice, f"/auctions/{settled_auction}/lineage")
    assert "VIP-1 – – no holder nobody has been offered it" in lineage and "unsold" not in lineage
    line_pauses.resume(settled_auction, "it was none", "olga", utcnow())
    assert "went to the next" in outcome(alice, settled_auction)
    assert "no holder" not in words_of(alice, f"/auctions/{settled_auction}/lineage")


@pytest.mark.parametrize("move", ["decline", "cancel"])
def test_whoever_gives_a_seat_up_is_promised_nothing_about_it(
    bob: Browser, people: dict[str, Person], settled_auction: int, move: str
) -> None:
    give_up("declined", settled_auction, people["alice"])
    award_id = award_of(settled_auction, people["bob"].id).id
    if move == "cancel":
        awards.buy(award_id, people["bob"].id, utcnow())
    form = {"csrf_token": bob.token("/me/tickets")}
    before = words_of(bob, "/me/tickets")
    said = bob.post(f"/awards/{award_id}/{move}?lang=en", data=form, headers=PIECE).get_data(as_text=True)
    assert "If anyone is waiting" in said and "If anyone is waiting" in before
    assert not any(words in text for words in WENT for text in (said, before))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_notice_and_the_mail_of_a_lapsed_right_say_only_that_it_is_over(
    bob: Browser, people: dict[str, Person], settled_auction: int, language: str
) -> None:
    give_up("declined", settled_auction, people["alice"])
    bob_id = people["bob"].id
    in_one_unit(lambda session: setattr(session.get_one(Person, bob_id), "locale", language))
    give_up("lapsed", settled_auction, people["bob"])
    notice = db.session.scalars(select(Notification.id).where(Notification.kind == NoticeKind.LAPSED)).one()
    letter = letter_of(notice, "https://example.org", utcnow(), str, KEYS)
    page = bob.get(f"/me/notifications?lang={language}").get_data(as_text=True)
    assert letter is not None
    assert ("더 이상" if language == "ko" else "no longer yours") in letter.body
    assert ("더 이상 내 좌석이 아니에요" if language == "ko" else "no longer yours") in page
    assert not any(words in text for words in WENT for text in (letter.body, page))


def test_no_mail_and_no_push_says_without_a_condition_that_somebody_else_gets_the_seat(app: Flask) -> None:
    texts = [path.read_text() for path in Path(app.root_path).glob("notify/templates/**/*.txt")]
    assert len(texts) > 60
    assert not [text for text in texts if any(words in text for words in WENT + WILL_GO)]
