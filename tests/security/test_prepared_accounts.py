"""A stranger prepares an account for somebody else's address; its owner signs up later, or not at all.

Whatever the owner opens, the stranger never gets in, and nothing that the stranger typed is the owner's afterwards.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.accounts import drafts as drafting
from cashticket.accounts import registration, sessions
from cashticket.accounts.people import add_person
from cashticket.auction.values import Permission
from cashticket.models import Person, SignUpDraft
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging import account_acts as acts
from tests.staging.auctions import open_auction
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import ALICE, count_people, drafts, sign_up

EMAIL = ALICE["email"]
STRANGERS_PASSWORD = "the phrase of a stranger"
STRANGER = {"password": STRANGERS_PASSWORD, "name": "Mallory", "birth_date": "1980-01-01", "phone": "010-9999-9999"}
HERS = ("김앨리스", date(1999, 2, 3), "+821012345678")


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def facts(person: Person | None) -> tuple[str, date | None, str | None]:
    assert person is not None
    return person.name, person.birth_date, person.phone


def typed_anew(**fields: str) -> dict[str, str]:
    names = ("password", "name", "birth_date", "phone", "terms", "privacy")
    return {name: ALICE[name] for name in names} | {"anew": "yes"} | fields


def test_a_draft_can_neither_sign_in_nor_reset_and_has_no_session(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    stranger = browser()
    sign_up(stranger, **STRANGER)
    assert not acts.is_in(stranger)
    assert not acts.may_sign_in(stranger, EMAIL, STRANGERS_PASSWORD)
    mailbox.letters()
    stranger.post("/reset", data={"email": EMAIL, "csrf_token": stranger.token("/reset")})
    assert [link[:9] for link in acts.links_in(mailbox, EMAIL)] == ["/confirm/"]
    assert count_people() == 0


def test_each_sign_up_is_a_draft_of_its_own_and_confirming_one_deletes_the_others(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    stranger, alice = browser(), browser()
    sign_up(stranger, **STRANGER)
    sign_up(alice)
    theirs, hers = acts.links_in(mailbox, EMAIL)
    assert acts.open_link(alice, hers).status_code == 303, "in her own browser the button is enough"
    assert facts(acts.account(EMAIL)) == HERS
    assert drafts() == []
    assert acts.open_link(stranger, theirs).status_code == 200, "the other link says that the address is confirmed"
    assert facts(acts.account(EMAIL)) == HERS
    assert not acts.may_sign_in(stranger, EMAIL, STRANGERS_PASSWORD)
    assert acts.may_sign_in(alice, EMAIL, PASSWORD)


@pytest.mark.parametrize("signed_up_too", [False, True])
def test_the_owner_who_opens_the_strangers_link_keeps_nothing_of_the_stranger(
    browser: Callable[[], Browser], mailbox: Mailbox, signed_up_too: bool
) -> None:
    alice, stranger = browser(), browser()
    sign_up(stranger, **STRANGER)
    [link] = acts.links_in(mailbox, EMAIL)
    if signed_up_too:
        sign_up(alice)
    page = alice.get(link).text
    assert "Mallory" not in page and "9999" not in page, "the page shows when and where, not what was typed"
    assert acts.open_link(alice, link).status_code == 422, "the button alone belongs to the browser that signed up"
    assert acts.open_link(alice, link, password=PASSWORD).status_code == 422, "her password is not that one's"
    assert count_people() == 0
    fresh = alice.get(f"{link}?anew=yes").text
    assert all(f'id="field-{name}"' in fresh for name in ("password", "name", "birth_date", "phone"))
    assert "Mallory" not in fresh and "9999" not in fresh
    for name in ("password", "name", "birth_date", "phone", "terms", "privacy"):
        assert acts.open_link(alice, link, **typed_anew(**{name: ""})).status_code == 422, name
    assert acts.open_link(alice, link, **typed_anew()).status_code == 303
    assert facts(acts.account(EMAIL)) == HERS
    assert drafts() == []
    assert not acts.may_sign_in(stranger, EMAIL, STRANGERS_PASSWORD)
    assert acts.may_sign_in(browser(), EMAIL, PASSWORD)


def test_in_another_browser_the_password_of_the_sign_up_confirms(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    sign_up(browser())
    phone = browser()
    link = mailbox.link(EMAIL)
    assert 'name="password"' in phone.get(link).text
    assert acts.open_link(phone, link, password="not her password").status_code == 422
    assert acts.open_link(phone, link, password=PASSWORD).status_code == 303
    assert facts(acts.account(EMAIL)) == HERS
    assert not acts.is_in(phone), "nobody is signed in by a link"


def test_the_page_says_when_and_with_which_browser_the_sign_up_was_made(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    stranger = browser()
    stranger.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0 Safari/537.36"
    sign_up(stranger, **STRANGER)
    page = browser().get(mailbox.link(EMAIL)).text
    assert "Chrome, Windows" in page and EMAIL in page


def old_account_of_mallory(app: Flask) -> tuple[Person, Browser]:
    """An account of an older version for alice's address, never confirmed, with an open session of mallory."""
    row = add_person(EMAIL, "Mallory", STRANGERS_PASSWORD, date(1980, 1, 1), "010-9999-9999")
    principal = sessions.begin(row, "a browser")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = principal.get_id()
    assert isinstance(client, Browser)
    return row, client


def test_an_account_that_was_never_confirmed_is_taken_over_wholly(
    app: Flask, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    alice = browser()
    row, mallory = old_account_of_mallory(app)
    auction_id = open_auction()
    current_engine().introduce(auction_id, row.id, Permission.UNVERIFIED, row.session_epoch, row.revision)
    change = acts.post(mallory, "/email", email="thief@evil.example", current_password=STRANGERS_PASSWORD)
    assert change.status_code == 303
    [stale] = acts.links_in(mailbox, "thief@evil.example")
    sign_up(alice)
    assert acts.open_link(alice, mailbox.link(EMAIL)).status_code == 303
    taken = acts.account(EMAIL)
    assert taken is not None and taken.id == row.id and taken.permission == "ok"
    assert facts(taken) == HERS
    assert not acts.is_in(mallory)
    assert not acts.may_sign_in(browser(), EMAIL, STRANGERS_PASSWORD)
    assert acts.open_link(mallory, stale).status_code == 410
    assert acts.account("thief@evil.example") is None
    assert acts.may_sign_in(alice, EMAIL, PASSWORD)


def test_the_right_password_of_an_unconfirmed_account_starts_no_session_and_mails_a_link(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    alice = browser()
    row = add_person(EMAIL, "Alice", PASSWORD, date(1999, 2, 3), "010-1234-5678")
    form = {"email": EMAIL, "password": PASSWORD}
    wrong = alice.post("/login", data=form | {"password": "wrong", "csrf_token": alice.token()})
    right = alice.post("/login", data=form | {"csrf_token": alice.token()})
    assert (wrong.status_code, right.status_code) == (422, 422)
    assert wrong.text != right.text and "이메일 인증" in right.text
    assert not acts.is_in(alice)
    assert len(acts.links_in(mailbox, EMAIL)) == 1, "the wrong password sends nothing"
    assert acts.open_link(alice, mailbox.link(EMAIL)).status_code == 303
    confirmed = acts.account(EMAIL)
    assert confirmed is not None and (confirmed.id, confirmed.phone) == (row.id, "+821012345678")
    assert acts.may_sign_in(alice, EMAIL, PASSWORD)


def test_an_unconfirmed_account_holds_no_phone_number_against_who_proves_an_address(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    add_person("squatter@example.com", "Mallory", STRANGERS_PASSWORD, phone=ALICE["phone"])
    alice = browser()
    sign_up(alice)
    assert acts.open_link(alice, mailbox.link(EMAIL)).status_code == 303
    assert facts(acts.account(EMAIL)) == HERS
    squatter = acts.account("squatter@example.com")
    assert squatter is not None and squatter.phone is None


def test_a_flood_of_strangers_sign_ups_does_not_take_away_the_owners(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    alice, stranger = browser(), browser()
    alice.environ_base["REMOTE_ADDR"], stranger.environ_base["REMOTE_ADDR"] = "203.0.113.7", "198.51.100.1"
    sign_up(alice)
    link = mailbox.link(EMAIL)
    for _ in range(drafting.OF_ADDRESS_MAX + 3):
        sign_up(stranger, **STRANGER)
    assert len(drafts()) == drafting.OF_ADDRESS_MAX
    assert acts.open_link(alice, link).status_code == 303
    assert facts(acts.account(EMAIL)) == HERS


def test_a_client_has_a_bounded_number_of_drafts(
    browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "OF_CLIENT_MAX", 3)
    client = browser()
    statuses = [sign_up(client, email=f"p{number}@example.com").status_code for number in range(4)]
    assert statuses == [303, 303, 303, 429]


def test_a_draft_is_ignored_after_three_days_and_then_deleted(browser: Callable[[], Browser], mailbox: Mailbox) -> None:
    alice = browser()
    sign_up(alice)
    link = mailbox.link(EMAIL)
    long_ago = datetime.now(UTC) - timedelta(days=3, minutes=1)
    in_one_unit(lambda session: session.execute(update(SignUpDraft).values(created_at=long_ago)))
    assert acts.open_link(alice, link).status_code == 410, "also when its mail is younger"
    assert alice.post("/confirm/again", data={"csrf_token": alice.token("/signup/sent")}).status_code == 303
    assert len(acts.links_in(mailbox, EMAIL)) == 1
    assert registration.delete_old_drafts(datetime.now(UTC)) == 1
    assert drafts() == []
    sign_up(alice)
    assert registration.delete_old_drafts(datetime.now(UTC)) == 0, "young ones stay"
