"""What people change about their accounts, and which changes need the password."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cashticket.accounts.browsers import described
from cashticket.accounts.people import add_person, find_by_email
from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission
from cashticket.engine.interface import StaleSession
from cashticket.extensions import db
from cashticket.models import Award, Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import follow

NEW = "another fine phrase"
SAVED = {"name": "김앨리스", "birth_date": "1999-02-03", "phone": "010-1234-5678", "locale": "ko"}
PAGE = "/me/profile"


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def send(client: Browser, path: str, **fields: str) -> TestResponse:
    return client.post(PAGE + path, data=fields | {"csrf_token": client.token(PAGE)})


def row(person: Person) -> Person:
    db.session.rollback()
    fresh = db.session.get(Person, person.id, populate_existing=True)
    assert fresh is not None
    return fresh


def test_the_profile_is_for_the_signed_in(client: Browser) -> None:
    answer = client.get(PAGE)
    assert (answer.status_code, answer.location) == (303, "/login?next=%2Fme%2Fprofile")


def test_alice_corrects_her_profile(alice: Browser, people: dict[str, Person]) -> None:
    assert send(alice, "", **SAVED).status_code == 303
    saved = row(people["alice"])
    assert (saved.name, saved.birth_date, saved.phone) == ("김앨리스", date(1999, 2, 3), "+821012345678")
    page = alice.get(PAGE).get_data(as_text=True)
    assert "김앨리스" in page
    assert "1999-02-03" in page


def test_a_chosen_language_applies_at_once_and_at_the_next_sign_in(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    assert '<html lang="ko">' in alice.get(PAGE).get_data(as_text=True)
    send(alice, "", **(SAVED | {"locale": "en"}))
    assert '<html lang="en">' in alice.get(PAGE).get_data(as_text=True)
    assert '<html lang="en">' in sign_in(browser(), "alice").get(PAGE).get_data(as_text=True)


def test_nothing_else_can_be_changed_by_the_form(alice: Browser, people: dict[str, Person]) -> None:
    send(alice, "", **SAVED, email="mallory@evil.example", is_staff="1", id="1", verified_at="", session_epoch="9")
    saved = row(people["alice"])
    assert (saved.email, saved.is_staff, saved.session_epoch) == ("alice@example.com", False, 1)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"birth_date": "1999-02-30"}, {"phone": "1"}])
def test_wrong_fields_change_nothing(alice: Browser, people: dict[str, Person], wrong: dict[str, str]) -> None:
    assert send(alice, "", **(SAVED | wrong)).status_code == 422
    assert row(people["alice"]).name == "Alice"


def test_an_unknown_language_is_refused(alice: Browser) -> None:
    assert send(alice, "", **(SAVED | {"locale": "xx"})).status_code == 400


def test_one_phone_has_one_account(alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    send(alice, "", **SAVED)
    assert send(alice, "", **SAVED).status_code == 303, "her own number stays hers"
    bob = sign_in(browser(), "bob")
    assert send(bob, "", **SAVED).status_code == 422
    assert row(people["bob"]).phone is None


# The address


def test_a_new_address_counts_once_confirmed_and_the_old_one_gets_a_mail(
    alice: Browser, people: dict[str, Person], mailbox: Mailbox
) -> None:
    assert send(alice, "/email", email="Alice@new.example", current_password=PASSWORD).status_code == 303
    assert row(people["alice"]).email == "alice@example.com"
    link = mailbox.link("alice@new.example")
    assert alice.get(link).status_code == 200
    assert row(people["alice"]).email == "alice@example.com", "opening the link changes nothing"
    answer = follow(alice, link)
    assert answer.status_code == 303
    page = alice.get(answer.location).text
    assert "이제 새 주소로 로그인하고" in page and "입찰할 수 있어요" not in page and 'href="/me/profile"' in page
    assert row(people["alice"]).email == "alice@new.example"
    assert alice.get(PAGE).status_code == 200, "the session that followed the link goes on"
    assert row(people["alice"]).permission == "ok"
    letter = text_of(mailbox.newest("alice@example.com"))
    assert "alice@new.example" not in letter
    assert find_by_email("alice@example.com") is None


def test_an_address_needs_the_password(alice: Browser, people: dict[str, Person], mailbox: Mailbox) -> None:
    assert send(alice, "/email", email="alice@new.example", current_password="wrong").status_code == 422
    assert mailbox.letters() == []


def test_an_address_with_an_account_gets_the_same_answer(
    alice: Browser, people: dict[str, Person], mailbox: Mailbox
) -> None:
    taken = send(alice, "/email", email="bob@example.com", current_password=PASSWORD)
    page = alice.get(PAGE).data
    unknown = send(alice, "/email", email="new@example.com", current_password=PASSWORD)
    assert (taken.status_code, taken.location) == (unknown.status_code, unknown.location)
    assert len(page) == len(alice.get(PAGE).data)
    assert "/confirm/" not in text_of(mailbox.newest("bob@example.com"))


def test_an_address_taken_meanwhile_cannot_be_confirmed(
    alice: Browser, people: dict[str, Person], mailbox: Mailbox
) -> None:
    send(alice, "/email", email="new@example.com", current_password=PASSWORD)
    link = mailbox.link("new@example.com")
    add_person("new@example.com", "Dave", PASSWORD, verified=True)
    assert follow(alice, link).status_code == 410
    assert row(people["alice"]).email == "alice@example.com"


# Password and sessions


def test_a_new_password_ends_the_other_sessions_at_once(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    engine, now = current_engine(), int(datetime.now(UTC).timestamp() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, people["alice"].id, Permission.OK, 1, 1)
    other = sign_in(browser(), "alice")
    assert send(alice, "/password", password=NEW, current_password=PASSWORD).status_code == 303
    assert alice.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 303
    assert isinstance(engine.place_bid(1, people["alice"].id, 1, 5000, "r1"), StaleSession)
    assert "/reset" in text_of(mailbox.newest("alice@example.com"))
    sign_in(browser(), "alice", NEW)


@pytest.mark.parametrize(
    "fields",
    [
        {"password": NEW, "current_password": "wrong"},
        {"password": NEW},
        {"password": "short", "current_password": PASSWORD},
        {"password": "alice@example.com", "current_password": PASSWORD},
    ],
)
def test_a_password_is_not_changed_without_the_old_or_to_a_weak_one(
    alice: Browser, browser: Callable[[], Browser], fields: dict[str, str]
) -> None:
    assert send(alice, "/password", **fields).status_code == 422
    sign_in(browser(), "alice")


def test_another_device_can_be_signed_out(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    other, third = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    ids = session_ids(alice)
    assert len(ids) == 2, "the own device has no button"
    assert send(alice, f"/sessions/{ids[-1]}/end").status_code == 303
    assert [client.get(PAGE).status_code for client in (alice, other, third)] == [200, 303, 200]
    assert send(alice, f"/sessions/{ids[-1]}/end").status_code == 404


def test_nobody_signs_out_somebody_else(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    sign_in(browser(), "alice")
    mallory = sign_in(browser(), "mallory")
    [target] = session_ids(alice)
    assert send(mallory, f"/sessions/{target}/end").status_code == 404
    assert session_ids(alice) == [target]


def session_ids(client: Browser) -> list[str]:
    """The ids of the sessions that a person may end, newest first."""
    page = client.get(PAGE).get_data(as_text=True)
    return [part.partition("/end")[0] for part in page.split(f"{PAGE}/sessions/")[1:]]


# The end


def test_a_closed_account_is_erased_and_its_address_free_again(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    send(alice, "", **SAVED)
    answer = send(alice, "/close", current_password=PASSWORD, sure="yes")
    assert (answer.status_code, answer.location) == (303, "/")
    assert alice.get(PAGE).status_code == 303
    gone = row(people["alice"])
    assert gone.closed_at is not None
    assert (gone.name, gone.phone, gone.birth_date, gone.permission) == ("", None, None, "blocked")
    assert "alice" not in gone.email
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": alice.token()}
    assert alice.post("/login", data=form).status_code == 422
    assert add_person("alice@example.com", "Alice", PASSWORD, phone="010-1234-5678").id != gone.id
    assert len(mailbox.letters("alice@example.com")) == 1


@pytest.mark.parametrize("fields", [{"current_password": PASSWORD}, {"sure": "yes", "current_password": "wrong"}])
def test_an_account_is_not_closed_by_accident(
    alice: Browser, people: dict[str, Person], fields: dict[str, str]
) -> None:
    assert send(alice, "/close", **fields).status_code == 422
    assert row(people["alice"]).closed_at is None


def test_an_account_with_a_ticket_cannot_be_closed(alice: Browser, people: dict[str, Person]) -> None:
    assert "why-not-closed" not in alice.get(PAGE).text
    hold_award(people["alice"].id, concert_in=timedelta(days=3))
    page = alice.get(PAGE).text
    assert 'id="why-not-closed"' in page and 'action="/me/profile/close"' not in page
    assert send(alice, "/close", current_password=PASSWORD, sure="yes").status_code == 422
    assert row(people["alice"]).closed_at is None


def test_a_ticket_of_a_past_concert_does_not_keep_an_account_open(alice: Browser, people: dict[str, Person]) -> None:
    hold_award(people["alice"].id, concert_in=timedelta(days=-3))
    assert send(alice, "/close", current_password=PASSWORD, sure="yes").status_code == 303


def hold_award(person_id: int, concert_in: timedelta) -> None:
    from cashticket.models import Auction, Concert, Seat

    now = datetime.now(UTC)
    starts = now + concert_in

    def work(session: Session) -> None:
        concert = Concert(title="T", artist="A", venue="V", starts_at=starts, cancel_until=starts - timedelta(days=1))
        session.add(concert)
        session.flush()
        times = {"opens_at": starts - timedelta(days=9), "closes_at": starts - timedelta(days=8)}
        terms = {"seats": 1, "minimum": 1000, "step": 1000, "alias_salt": "salt"}
        auction = Auction(concert_id=concert.id, ends_at=times["closes_at"], **times, **terms)
        session.add(auction)
        session.flush()
        seat = Seat(auction_id=auction.id, number=1, label="VIP-1")
        session.add(seat)
        session.flush()
        session.add(
            Award(
                auction_id=auction.id,
                concert_id=concert.id,
                seat_id=seat.id,
                person_id=person_id,
                rank=1,
                price=5000,
                state="bought",
                offered_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )

    in_one_unit(work)
    assert db.session.scalars(select(Award)).one().live == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) SamsungBrowser/29.0 Chrome/136 Safari/537.36", "Samsung Internet, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox, Mac"),
        ("curl/8", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_has_a_readable_name(agent: str, name: str) -> None:
    assert described(agent) == name
