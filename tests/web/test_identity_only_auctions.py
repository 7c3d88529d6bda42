"""An auction that asks for a verified identity: who may bid, what it costs, and that a new account changes nothing."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import recovery
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import Permission
from cashticket.extensions import db
from cashticket.models import Auction, Person, PersonKey, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.work.forgetting import forget
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.staging.identities import PAGE, give_birth_date, keys, present, turn_on, verify
from tests.staging.rows import bid_row, change_person
from tests.web.bidding import counting, send


@pytest.fixture
def auction(app: Flask, people: dict[str, Person]) -> int:
    """A running auction that asks for a verified identity."""
    turn_on(app)
    give_birth_date(*people.values())
    return open_auction(identity=IdentityTerm.IDENTITY)


def place(client: Browser, auction: int, amount: int, request_id: str) -> dict[str, object]:
    document: dict[str, object] = send(client, auction, amount, request_id).get_json()
    return document


def test_a_person_without_a_verified_identity_reads_why_at_every_door(auction: int, alice: Browser) -> None:
    document = place(alice, auction, 100_000, "r1")
    assert document["reason"] == "not_verified" and "본인인증을 한 사람만" in str(document["message"])
    for path in ("standing?with=account", "confirm?amount=100000"):
        assert f'href="{PAGE}?next=/auctions/{auction}"' in alice.get(f"/auctions/{auction}/{path}").text, path


def test_a_proven_phone_is_not_enough(auction: int, alice: Browser, people: dict[str, Person]) -> None:
    change_person(people["alice"].id, phone_proven_at=utcnow())
    assert place(alice, auction, 100_000, "r1")["reason"] == "not_verified"


def test_a_verified_identity_counts_at_once_and_a_bid_asks_no_table(auction: int, alice: Browser) -> None:
    place(alice, auction, 100_000, "r1")
    assert verify(alice).status_code == 303
    token = alice.token("/me/profile")
    form = {"amount": 100_000, "request_id": "r2", "csrf_token": token}
    with counting() as counted:
        answer = alice.post(f"/auctions/{auction}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert (counted["sql"], counted["redis"]) == (0, 1)


def bid_and_close(client: Browser, person: Person, auction: int) -> None:
    """Verify, bid, and close the account in spite of its bid, as an operator's withdrawal may make it possible."""
    verify(client)
    assert send(client, auction, 100_000).status_code == 201
    row = RecordedBid(**bid_row(db.session.get_one(Auction, auction), person, 1))
    in_one_unit(lambda session: session.add(row))
    recovery.close(person.id)


def test_coming_back_with_a_new_account_gives_no_chances_back(
    auction: int, alice: Browser, bob: Browser, people: dict[str, Person]
) -> None:
    bid_and_close(alice, people["alice"], auction)
    [row] = keys()
    assert row.live is None and row.kept_until is not None
    assert verify(bob, name="Bob").status_code == 303, "the person may have a new account"
    document = place(bob, auction, 100_000, "r1")
    assert document["reason"] == "blocked" and "탈퇴한 계정" in str(document["message"])
    other = open_auction(identity=IdentityTerm.IDENTITY)
    assert send(bob, other, 100_000).status_code == 201, "every other auction is open to them"


def test_every_auction_is_told_of_the_earlier_account_when_a_person_proves_themselves(
    auction: int, alice: Browser, bob: Browser, people: dict[str, Person]
) -> None:
    place(bob, auction, 100_000, "r0")
    bid_and_close(alice, people["alice"], auction)
    verify(bob, name="Bob")
    assert place(bob, auction, 105_000, "r1")["reason"] == "blocked"


def test_closing_keeps_nothing_once_the_last_concert_is_over(
    auction: int, alice: Browser, people: dict[str, Person]
) -> None:
    bid_and_close(alice, people["alice"], auction)
    until = keys()[0].kept_until
    assert until is not None
    forget(until - timedelta(seconds=1), dry=False, progress=lambda name, count: None)
    assert len(keys()) == 1
    forget(until + timedelta(seconds=1), dry=False, progress=lambda name, count: None)
    assert keys() == []


def test_closing_keeps_nothing_of_who_never_bid(auction: int, alice: Browser, people: dict[str, Person]) -> None:
    verify(alice)
    recovery.close(people["alice"].id)
    assert keys() == [] and present(people["alice"]).identity_proven_at is None


def test_whose_account_was_blocked_proves_themselves_for_no_other(
    auction: int, alice: Browser, bob: Browser, people: dict[str, Person]
) -> None:
    verify(alice)
    change_person(people["alice"].id, blocked_at=utcnow())
    recovery.close(people["alice"].id)
    refused = verify(bob, name="Bob")
    assert refused.status_code == 422 and "이용이 제한된" in refused.text
    assert present(people["bob"]).permission is Permission.OK and present(people["bob"]).identity_proven_at is None
    db.session.rollback()
    until = db.session.scalars(select(PersonKey.kept_until)).one()
    assert until is not None and timedelta(days=364) < until - utcnow() <= timedelta(days=365)
