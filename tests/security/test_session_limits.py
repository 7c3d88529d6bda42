"""How long a session lives, how many an account has, and that the bid door knows both without asking the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.accounts import people as accounts
from cashticket.accounts import recovery, sessions
from cashticket.accounts.open_sessions import AGE_MAX, IDLE_MAX
from cashticket.accounts.sessions import OPEN_MAX, Principal
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging import account_acts as acts
from tests.staging.auctions import open_auction
from tests.staging.rows import PASSWORD
from tests.web.bidding import counting, send

A_MINUTE = timedelta(minutes=1)


def set_rows(**values: Any) -> None:
    in_one_unit(lambda session: session.execute(update(SignIn).values(**values)))


def rows() -> list[SignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(SignIn).order_by(SignIn.id)))


def cookie_is_from(client: Browser, age: timedelta) -> None:
    """Make the signed cookie one that was written `age` ago and never since."""
    with client.session_transaction() as session:
        principal = Principal.parse(session["_user_id"])
        assert principal is not None
        principal.good_until -= int(age.total_seconds())
        session["_user_id"] = principal.get_id()


@pytest.mark.parametrize(
    ("values", "lives"),
    [
        ({"started_at": AGE_MAX - A_MINUTE, "last_used_at": A_MINUTE}, True),
        ({"started_at": AGE_MAX + A_MINUTE, "last_used_at": A_MINUTE}, False),
        ({"started_at": IDLE_MAX - A_MINUTE, "last_used_at": None}, True),
        ({"started_at": IDLE_MAX + A_MINUTE, "last_used_at": None}, False),
        ({"started_at": AGE_MAX - A_MINUTE, "last_used_at": AGE_MAX - A_MINUTE}, True),
    ],
    ids=["young", "too old", "used at its start", "never used again", "not used for weeks"],
)
def test_a_session_ends_by_age_and_by_idleness_on_pages_and_at_the_bid_door(
    browser: Callable[[], Browser], people: dict[str, Person], values: dict[str, timedelta | None], lives: bool
) -> None:
    auction_id = open_auction(people=[people["alice"].id])
    alice = sign_in(browser(), "alice")
    token = alice.token("/no-such-page")
    cookie_is_from(alice, AGE_MAX)
    set_rows(**{name: None if age is None else utcnow() - age for name, age in values.items()})
    form = {"amount": 100_000, "request_id": "r1", "csrf_token": token}
    bid = alice.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
    assert bid.status_code == (201 if lives else 401), bid.text
    assert acts.is_in(alice) == lives


def test_whoever_signs_in_stays_signed_in_for_thirty_days_and_through_the_end_of_the_browser(
    client: Browser, people: dict[str, Person]
) -> None:
    assert AGE_MAX == IDLE_MAX == timedelta(days=30)
    sign_in(client, "alice")
    cookie = client.get_cookie("cashticket")
    assert cookie is not None and cookie.expires is not None
    assert timedelta(days=29) < cookie.expires - utcnow() <= timedelta(days=30)
    # Looking at pages does not write the cookie again, once it has the secret of forms.
    client.get("/me")
    assert "Set-Cookie" not in client.get("/me").headers


def test_a_bid_of_a_session_in_its_prime_asks_the_database_nothing(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    auction_id = open_auction(people=[people["alice"].id])
    alice = sign_in(browser(), "alice")
    send(alice, auction_id, 100_000, "r1")
    token = alice.token("/no-such-page")
    with counting() as counted:
        form = {"amount": 105_000, "request_id": "r2", "csrf_token": token}
        answer = alice.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert counted == {"sql": 0, "redis": 1}


def test_a_cookie_from_before_the_upgrade_goes_on_and_is_written_anew(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    auction_id = open_auction(people=[people["alice"].id])
    alice = sign_in(browser(), "alice")
    with alice.session_transaction() as session:
        session["_user_id"] = session["_user_id"].rpartition(".")[0]
    assert send(alice, auction_id, 100_000, "r1").status_code == 201
    with alice.session_transaction() as session:
        renewed = Principal.parse(session["_user_id"])
    assert renewed is not None and not renewed.is_outdated


def test_use_is_written_down_once_an_hour(alice: Browser) -> None:
    assert acts.is_in(alice)
    assert [row.last_used_at for row in rows()] == [None], "not in the first hour"
    set_rows(started_at=utcnow() - timedelta(hours=1, minutes=1))
    assert acts.is_in(alice)
    [first] = [row.last_used_at for row in rows()]
    assert first is not None and utcnow() - first < A_MINUTE
    assert acts.is_in(alice)
    assert [row.last_used_at for row in rows()] == [first], "not with every page"


def test_a_sign_in_beyond_twenty_ends_the_oldest_also_for_bids(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    auction_id = open_auction(people=[people["alice"].id])
    oldest, second = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    token = oldest.token("/no-such-page")
    for _ in range(OPEN_MAX - 2):
        sessions.begin(fresh(people["alice"]), "a browser")
    assert acts.is_in(oldest)
    newest = sign_in(browser(), "alice")
    form = {"amount": 100_000, "request_id": "r1", "csrf_token": token}
    bid = oldest.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
    assert bid.status_code == 401
    assert [acts.is_in(client) for client in (oldest, second, newest)] == [False, True, True]
    assert sum(row.ended_at is None for row in rows()) == OPEN_MAX
    assert send(newest, auction_id, 100_000, "r2").status_code == 201


def fresh(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def test_a_sign_in_that_a_new_password_overtakes_starts_no_session(app: Flask, people: dict[str, Person]) -> None:
    proved = accounts.authenticate("alice@example.com", PASSWORD)
    assert proved is not None
    recovery.change_password(proved.id, acts.NEW_PASSWORD, keep="")
    with pytest.raises(sessions.Overtaken):
        sessions.begin(proved, "the thief's browser")
    assert all(row.ended_at for row in rows())


def test_signing_out_everywhere_else_keeps_this_browser_alone(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    here, there, elsewhere = (sign_in(browser(), "alice") for _ in range(3))
    assert "/me/profile/sign-out-elsewhere" in here.get(acts.PAGE).text
    assert acts.post(here, "/sign-out-elsewhere").status_code == 303
    assert [acts.is_in(client) for client in (here, there, elsewhere)] == [True, False, False]
    assert "/me/profile/sign-out-elsewhere" not in here.get(acts.PAGE).text, "there is nothing else to sign out"


@pytest.mark.parametrize(
    "text", ["1.1.x.1", "1.1.x.-1", "1.1.x.١٧٠٠٠٠٠٠٠٠", "1.1.x.1e9", "1.1.x.17000000000.1", "1.1.x."]
)
def test_a_cookie_with_a_garbled_end_names_nobody(text: str) -> None:
    assert Principal.parse(text) is None


def test_the_list_shows_no_session_that_has_run_out(app: Flask, people: dict[str, Person]) -> None:
    sessions.begin(people["alice"], "old")

    def age(session: Session) -> None:
        session.execute(update(SignIn).values(started_at=utcnow() - AGE_MAX - A_MINUTE))

    in_one_unit(age)
    sessions.begin(people["alice"], "new")
    assert [row.browser for row in sessions.open_sign_ins(people["alice"].id)] == ["new"]
