"""An auction that asks for a proven phone: who may bid, what others are told, and what a proof changes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from cashticket.accounts.people import change
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.models import Auction, Award, Person, Seat
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.staging.sms import Phones
from tests.web.bidding import PIECE, counting, send

PAGE = "/me/profile/phone"
NUMBER = "+821012345678"
REASON = "휴대폰을 인증한 사람만"


@pytest.fixture
def phones(app: Flask, tmp_path: Path) -> Phones:
    return Phones(app, tmp_path / "sms")


@pytest.fixture
def auction(app: Flask, phones: Phones) -> int:
    """A running auction that asks for a proven phone."""
    return open_auction(identity=IdentityTerm.PHONE)


def prove(client: Browser, phones: Phones) -> None:
    token = client.token(PAGE)
    client.post(PAGE, data={"phone": NUMBER, "csrf_token": token})
    answer = client.post(f"{PAGE}/code", data={"code": phones.code(NUMBER), "csrf_token": token})
    assert answer.status_code == 303


def test_a_person_without_a_proven_phone_reads_why_at_every_door(auction: int, alice: Browser) -> None:
    refused = send(alice, auction, 100_000)
    document = refused.get_json()
    assert (refused.status_code, document["reason"], document["chances_left"]) == (422, "not_verified", None)
    assert REASON in document["message"]
    way = f'href="/me/profile/phone?next=/auctions/{auction}"'
    for path in ("standing?with=account", "confirm?amount=100000"):
        page = alice.get(f"/auctions/{auction}/{path}").get_data(as_text=True)
        assert document["message"] in page and way in page, path
    assert document["message"] in send(alice, auction, 100_000, headers=PIECE).get_data(as_text=True)


def test_a_proof_counts_at_once_and_the_way_leads_back(auction: int, alice: Browser, phones: Phones) -> None:
    assert send(alice, auction, 100_000).get_json()["reason"] == "not_verified"
    prove(alice, phones)
    with counting() as counted:
        assert send_alone(alice, auction) == 201
    assert (counted["sql"], counted["redis"]) == (0, 1), "a bid asks no table whether the phone is proven"


def send_alone(client: Browser, auction: int) -> int:
    """The status of a bid whose token came from no page."""
    with client.session_transaction() as session:
        token = session["csrf_token"]
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    return client.post(
        f"/auctions/{auction}/bids", data={"amount": 100_000, "request_id": "r1"}, headers=headers
    ).status_code


SAVED = {"name": "Alice", "birth_date": "1999-02-03", "phone": "010-8765-4321", "locale": "ko"}


def enter_another_number(client: Browser) -> TestResponse:
    return client.post("/me/profile", data=SAVED | {"csrf_token": client.token("/me/profile")})


def test_another_number_takes_the_right_away(auction: int, alice: Browser, phones: Phones) -> None:
    prove(alice, phones)
    assert enter_another_number(alice).status_code == 303
    assert send(alice, auction, 100_000).get_json()["reason"] == "not_verified"


def test_one_phone_gives_no_second_account_its_chances_while_a_bid_of_the_first_stands(
    auction: int, alice: Browser, bob: Browser, phones: Phones
) -> None:
    prove(alice, phones)
    assert send(alice, auction, 100_000).status_code == 201
    refused = enter_another_number(alice)
    assert refused.status_code == 422 and "인증한 번호는" in refused.get_data(as_text=True)
    token = bob.token(PAGE)
    bob.post(PAGE, data={"phone": NUMBER, "csrf_token": token})
    answer = bob.post(f"{PAGE}/code", data={"code": phones.code(NUMBER), "csrf_token": token})
    assert answer.status_code == 422, "the number is still the first account's"
    assert send(bob, auction, 105_000).get_json()["reason"] == "not_verified"
    assert send(alice, auction, 105_000, "r2").status_code == 201


def test_a_number_that_no_auction_asked_for_may_change_while_bids_stand(alice: Browser, phones: Phones) -> None:
    prove(alice, phones)
    assert send(alice, open_auction(), 100_000).status_code == 201
    assert enter_another_number(alice).status_code == 303


def test_an_auction_that_asks_for_nothing_more_takes_everybody(alice: Browser, phones: Phones, auction: int) -> None:
    assert send(alice, open_auction(), 100_000).status_code == 201


def test_introducing_a_person_again_keeps_the_term(
    auction: int, alice: Browser, bob: Browser, people: dict[str, Person], phones: Phones
) -> None:
    prove(bob, phones)
    for client, status in ((alice, 422), (bob, 201)):
        assert send(client, auction, 100_000).status_code == status
    for name in ("alice", "bob"):
        assert introduce_again(current_engine(), change(people[name].id, lambda row: None))
    assert send(alice, auction, 110_000).get_json()["reason"] == "not_verified"
    assert send(bob, auction, 110_000, "r2").status_code == 201


def test_a_proof_does_not_help_whom_the_age_limit_keeps_out(
    auction: int, alice: Browser, phones: Phones, people: dict[str, Person]
) -> None:
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction).concert, "age_limit", 19))
    change(people["alice"].id, lambda row: setattr(row, "phone_proven_at", utcnow()))
    document = send(alice, auction, 100_000).get_json()
    assert document["reason"] == "not_verified" and "생년월일" in document["message"]


@pytest.mark.parametrize(("language", "words"), [("ko", "휴대폰을 인증한 사람만"), ("en", "verified phone can bid")])
def test_the_auction_page_says_the_term_to_everybody(
    auction: int, browser: Callable[[], Browser], language: str, words: str
) -> None:
    assert words in browser().get(f"/auctions/{auction}?lang={language}").get_data(as_text=True)
    assert words not in browser().get(f"/auctions/{open_auction()}?lang={language}").get_data(as_text=True)


def give_seat(auction_id: int, person: Person) -> None:
    """Let the person hold a right to a seat of this auction."""
    seat = db.session.scalars(select(Seat).where(Seat.auction_id == auction_id)).first()
    auction = db.session.get_one(Auction, auction_id)
    assert seat is not None
    own = {"auction_id": auction_id, "concert_id": auction.concert_id, "seat_id": seat.id, "person_id": person.id}
    now = utcnow()
    row = Award(**own, rank=1, price=100_000, state=AwardState.OFFERED, offered_at=now, expires_at=now)
    in_one_unit(lambda session: session.add(row))


def test_one_phone_gives_no_second_account_a_ticket_while_the_first_holds_one(
    alice: Browser, phones: Phones, people: dict[str, Person]
) -> None:
    prove(alice, phones)
    give_seat(open_auction(identity=IdentityTerm.PHONE), people["alice"])
    assert enter_another_number(alice).status_code == 422


def test_a_ticket_of_an_auction_that_asked_for_no_phone_keeps_no_number(
    alice: Browser, phones: Phones, people: dict[str, Person]
) -> None:
    prove(alice, phones)
    give_seat(open_auction(), people["alice"])
    assert enter_another_number(alice).status_code == 303
