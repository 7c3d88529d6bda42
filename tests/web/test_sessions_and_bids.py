"""Ended sessions and bids: the auction refuses an ended session, and live sessions go on."""

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from cashticket.accounts import recovery
from cashticket.accounts.blocking import block
from cashticket.auction.terms import Terms
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again
from tests.fixtures.people import Browser, sign_in


@pytest.fixture
def auction(app: Flask) -> int:
    """An open auction of two seats."""
    now = int(time.time() * 1000)
    current_engine().open(Terms(1, 2, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    return 1


def bid(client: Browser, auction: int, amount: int, request_id: str) -> TestResponse:
    form = {"amount": str(amount), "request_id": request_id, "csrf_token": client.token("/no-such-page")}
    return client.post(f"/auctions/{auction}/bids", data=form, headers={"Accept": "application/json"})


def test_a_session_goes_on_bidding_after_another_one_has_ended(
    auction: int, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    phone, laptop = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    assert bid(laptop, auction, 5000, "r1").status_code == 201
    phone.post("/logout", data={"csrf_token": phone.token("/no-such-page")})
    assert bid(laptop, auction, 6000, "r2").status_code == 201


def test_a_renewed_session_bids_without_sql_again(
    app: Flask, auction: int, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    phone, laptop = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    bid(laptop, auction, 5000, "r1")
    phone.post("/logout", data={"csrf_token": phone.token("/no-such-page")})
    bid(laptop, auction, 6000, "r2")
    token = laptop.token("/no-such-page")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    form = {"amount": "7000", "request_id": "r3", "csrf_token": token}
    answer = laptop.post(f"/auctions/{auction}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert statements == []


def test_a_copied_cookie_cannot_bid_after_its_owner_has_signed_out(
    auction: int, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    alice, thief = sign_in(browser(), "alice"), browser()
    assert bid(alice, auction, 5000, "r1").status_code == 201
    copied, token = alice.get_cookie("cashticket"), alice.token("/no-such-page")
    assert copied is not None
    alice.post("/logout", data={"csrf_token": token})
    thief.set_cookie("cashticket", copied.value)
    form = {"amount": "9000", "request_id": "r2", "csrf_token": token}
    answer = thief.post(f"/auctions/{auction}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert current_engine().place(auction, people["alice"].id).amount == 5000


def test_a_session_from_before_a_new_password_cannot_bid(
    auction: int, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    thief = sign_in(browser(), "alice")
    bid(thief, auction, 5000, "r1")
    changed, _, _ = recovery.change_password(people["alice"].id, "another fine phrase", keep="")
    introduce_again(current_engine(), changed)
    assert bid(thief, auction, 6000, "r2").status_code == 401


def test_a_blocked_person_is_told_so_even_by_an_old_session(
    auction: int, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    mallory = sign_in(browser(), "mallory")
    bid(mallory, auction, 5000, "r1")
    introduce_again(current_engine(), block(people["mallory"].id))
    answer = bid(mallory, auction, 6000, "r2")
    assert answer.status_code == 422
    assert json.loads(answer.data)["reason"] == "blocked"
    again = sign_in(browser(), "mallory")
    assert json.loads(bid(again, auction, 6000, "r3").data)["reason"] == "blocked"
