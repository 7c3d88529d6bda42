"""Mallory's script: one mailbox, one name, one phone, invented numbers. It signs up an account for each seat; where
phones or identities are proven, one of them may bid, with three chances, and holds one seat."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.staging.engine import order_of
from tests.staging.identities import begin, finish, seen, turn_on
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.sms import Phones
from tests.web.bidding import send
from tests.web.sign_ups import become_member

SEATS = 3
PAGE = "/me/profile/phone"
HERS, OWN = "010-6666-6666", "+821066666666"


@pytest.fixture
def macro(app: Flask, browser: Callable[[], Browser]) -> list[Browser]:
    """The browsers of as many accounts as there are seats: each confirmed, signed in, with an invented number."""
    mailbox = Mailbox(app)
    accounts = []
    for number in range(SEATS):
        client = browser()
        email = f"mallory+{number}@gmail.com"
        become_member(client, mailbox, email=email, name="Mallory", phone=f"010-5555-{number:04}")
        if "csrf" in client.get("/login").text:
            client.post("/login", data={"email": email, "password": PASSWORD, "csrf_token": client.token("/login")})
        accounts.append(client)
    return accounts


def bids_of(accounts: list[Browser], auction: int) -> int:
    """Let every account bid as often as it may. Returns how many bids were accepted."""
    codes = [
        send(client, auction, 100_000 + 5_000 * (SEATS * round_ + number), f"r-{round_}").status_code
        for round_ in range(4)
        for number, client in enumerate(accounts)
    ]
    return codes.count(201)


def bidders(auction: int) -> int:
    """How many people stand in the auction: with as many seats as accounts, each holds one."""
    return len(order_of(current_engine(), auction))


def prove(client: Browser, phones: Phones, number: str = HERS) -> TestResponse:
    client.post(PAGE, data={"phone": number, "csrf_token": client.token(PAGE)})
    return client.post(f"{PAGE}/code", data={"code": phones.code(OWN), "csrf_token": client.token(PAGE)})


def test_without_proof_the_script_holds_every_seat(macro: list[Browser]) -> None:
    auction = open_auction(seats=SEATS)
    assert (bids_of(macro, auction), bidders(auction)) == (3 * SEATS, SEATS)


def test_with_one_phone_it_holds_one_seat(app: Flask, macro: list[Browser], tmp_path: Path) -> None:
    phones = Phones(app, tmp_path / "sms")
    auction = open_auction(seats=SEATS, identity=IdentityTerm.PHONE)
    assert bids_of(macro, auction) == 0, "an invented number proves nothing"
    answers = [prove(client, phones).status_code for client in macro]
    assert answers == [303] + [422] * (SEATS - 1)
    assert (bids_of(macro, auction), bidders(auction)) == (3, 1)


def test_one_phone_that_moves_from_account_to_account_holds_one_seat(
    app: Flask, macro: list[Browser], tmp_path: Path
) -> None:
    phones = Phones(app, tmp_path / "sms")
    auction = open_auction(seats=SEATS, identity=IdentityTerm.PHONE)
    for number, client in enumerate(macro):
        prove(client, phones)
        bids_of([client], auction)
        token = client.token("/me/profile")
        form = {"name": "Mallory", "birth_date": "1999-02-03", "phone": f"010-4444-{number:04}", "locale": "ko"}
        client.post("/me/profile", data=form | {"csrf_token": token})
    assert bidders(auction) == 1


def test_with_one_identity_it_holds_one_seat_and_is_led_to_its_first_account(app: Flask, macro: list[Browser]) -> None:
    turn_on(app)
    auction = open_auction(seats=SEATS, identity=IdentityTerm.IDENTITY)
    assert bids_of(macro, auction) == 0
    pages = [finish(client, seen(client, begin(client), name="Mallory")) for client in macro]
    assert pages[0].status_code == 303
    assert "ma***@gmail.com" in macro[1].get("/me/profile/identity").text
    assert (bids_of(macro, auction), bidders(auction)) == (3, 1)
    db.session.rollback()
    assert db.session.query(Person).filter(Person.identity_proven_at.is_not(None)).count() == 1
