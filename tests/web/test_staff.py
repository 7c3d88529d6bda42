"""Staff does not bid: no form, a refusal in its own words, and a bid from before keeps its place and its seat."""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work.closing import close_and_settle
from cashticket.work.introducing import introduce_again
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage, open_auction
from tests.web.bidding import PIECE, send


def join_the_staff(person_id: int) -> Person:
    def work(session: object) -> Person:
        row: Person = session.get_one(Person, person_id)  # type: ignore[attr-defined]
        row.is_staff = True
        row.revision += 1
        return row

    person = in_one_unit(work)
    assert introduce_again(current_engine(), person)
    return person


@pytest.fixture
def auction(app: Flask) -> int:
    return open_auction()


@pytest.fixture
def alice(people: dict[str, Person], browser: Callable[[], Browser]) -> Browser:
    """alice, who works here."""
    join_the_staff(people["alice"].id)
    return sign_in(browser(), "alice")


@pytest.mark.parametrize(("language", "words"), [("ko", "운영진 계정"), ("en", "This is a staff account")])
def test_the_page_says_so_instead_of_a_form(auction: int, alice: Browser, language: str, words: str) -> None:
    alice.set_cookie("lang", language)
    part = alice.get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)
    assert "data-barred" in part and 'id="barred"' in part and words in part


def test_a_bid_is_refused_as_blocked_in_words_for_staff(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, 100_000)
    assert (answer.status_code, answer.json["reason"]) == (422, "blocked")
    assert "운영진 계정" in answer.json["message"]
    piece = send(alice, auction, 100_000, headers=PIECE)
    assert piece.status_code == 422 and "운영진 계정" in piece.get_data(as_text=True)


def test_the_review_foresees_the_refusal(auction: int, alice: Browser) -> None:
    review = alice.get(f"/auctions/{auction}/confirm?amount=100000").get_data(as_text=True)
    assert "운영진 계정" in review and 'name="request_id"' not in review


def test_blocked_staff_is_blocked_like_anybody(auction: int, alice: Browser, people: dict[str, Person]) -> None:
    from cashticket.accounts.blocking import block

    assert introduce_again(current_engine(), block(people["alice"].id))
    assert "운영진" not in send(alice, auction, 100_000).json["message"]


def test_a_bid_from_before_keeps_its_place_and_its_seat(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("alice", 100_000)
    stage.bid("bob", 105_000)
    join_the_staff(stage.people["bob"])
    close_and_settle(stage.engine, stage.id)
    db.session.remove()
    assert stage.winners() == {"VIP-1": "bob", "VIP-2": "alice"}
