"""A concert's age limit at the bid door: who may bid, what others are told, and what a corrected date changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from cashticket.accounts import age_limits
from cashticket.accounts.blocking import block
from cashticket.accounts.frozen_facts import FrozenFact
from cashticket.accounts.people import change
from cashticket.auction.values import Permission
from cashticket.models import Auction, Concert, Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work.changing_people import change_frozen_facts
from cashticket.work.introducing import introduce, introduce_again
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert
from tests.web.bidding import PIECE, send

# The evening of 1 June 2031 in Korea has begun while in UTC it is still 31 May.
STARTS_AT = datetime(2031, 5, 31, 15, 30, tzinfo=UTC)
NINETEEN_THAT_DAY, NINETEEN_THE_DAY_AFTER = date(2012, 6, 1), date(2012, 6, 2)
PROFILE = {"name": "Alice", "phone": "010-1234-5678", "locale": "ko"}


@pytest.fixture
def auction(app: Flask) -> int:
    """An auction of a concert for people of 19 and over."""
    auction_id = open_auction()

    def limit(session: object) -> None:
        concert = session.get_one(Auction, auction_id).concert  # type: ignore[attr-defined]
        concert.age_limit, concert.starts_at = 19, STARTS_AT

    in_one_unit(limit)
    return auction_id


@pytest.fixture
def born(people: dict[str, Person], browser: Callable[[], Browser]) -> Callable[[date | None], Browser]:
    """Signs alice in with a date of birth."""

    def make(day: date | None) -> Browser:
        in_one_unit(lambda session: setattr(session.get_one(Person, people["alice"].id), "birth_date", day))
        return sign_in(browser(), "alice")

    return make


def correct(alice: Browser, day: date) -> None:
    form = PROFILE | {"birth_date": day.isoformat(), "csrf_token": alice.token("/me/profile")}
    assert alice.post("/me/profile", data=form).status_code == 303


def test_the_birthday_of_the_concerts_day_in_korea_is_early_enough(app: Flask) -> None:
    concert = add_concert(age_limit=19, starts_at=STARTS_AT)
    rights = [
        age_limits.permission(Person(verified_at=STARTS_AT, birth_date=day), concert)
        for day in (NINETEEN_THAT_DAY, NINETEEN_THE_DAY_AFTER, None)
    ]
    assert rights == [Permission.OK, Permission.BLOCKED, Permission.UNVERIFIED]


@pytest.mark.parametrize("limit", [None, 0])
def test_a_concert_for_all_ages_asks_for_no_date_of_birth(app: Flask, limit: int | None) -> None:
    assert age_limits.permission(Person(verified_at=STARTS_AT), Concert(age_limit=limit)) is Permission.OK


def test_a_person_old_enough_may_bid(auction: int, born: Callable[[date | None], Browser]) -> None:
    alice = born(NINETEEN_THAT_DAY)
    assert "data-barred" not in alice.get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)
    assert send(alice, auction, 100_000).status_code == 201


def test_the_auction_page_says_the_age_limit_to_everybody(auction: int, client: Browser) -> None:
    assert "만 19세 이상만" in client.get(f"/auctions/{auction}").get_data(as_text=True)
    assert "세 이상만" not in client.get(f"/auctions/{open_auction()}").get_data(as_text=True)


def test_a_person_too_young_reads_why_at_every_door(auction: int, born: Callable[[date | None], Browser]) -> None:
    alice = born(NINETEEN_THE_DAY_AFTER)
    refused = send(alice, auction, 100_000)
    assert refused.status_code == 422
    document = refused.get_json()
    assert (document["outcome"], document["reason"], document["chances_left"]) == ("refused", "blocked", None)
    assert "만 19세 이상" in document["message"] and "2031년 6월 1일 (일)" in document["message"]
    page = alice.get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)
    assert document["message"] in page and 'href="/me/profile"' in page
    # The style sheet takes the form away.
    assert "data-barred" in page and "quick-amount" not in page
    assert document["message"] in alice.get(f"/auctions/{auction}/confirm?amount=100000").get_data(as_text=True)
    assert document["message"] in send(alice, auction, 100_000, headers=PIECE).get_data(as_text=True)
    assert send(alice, auction, 100_000, headers={}).status_code == 303
    assert document["message"] in alice.get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)


def test_a_person_without_a_date_of_birth_bids_after_entering_it(
    auction: int, born: Callable[[date | None], Browser]
) -> None:
    alice = born(None)
    document = send(alice, auction, 100_000).get_json()
    assert document["reason"] == "not_verified" and "생년월일을 입력" in document["message"]
    correct(alice, NINETEEN_THAT_DAY)
    assert send(alice, auction, 100_000).status_code == 201


def test_a_changed_date_of_birth_counts_at_once(
    auction: int, born: Callable[[date | None], Browser], people: dict[str, Person]
) -> None:
    alice = born(NINETEEN_THE_DAY_AFTER)
    assert send(alice, auction, 100_000).get_json()["reason"] == "blocked"
    correct(alice, NINETEEN_THAT_DAY)
    assert send(alice, auction, 100_000).status_code == 201
    facts: dict[FrozenFact, str | date] = {FrozenFact.BIRTH_DATE: NINETEEN_THE_DAY_AFTER}
    change_frozen_facts(current_engine(), people["alice"].id, facts, "her papers say so", "olga")
    assert send(alice, auction, 105_000, "r2").get_json()["reason"] == "blocked"


def test_an_introduction_on_its_way_does_not_undo_a_corrected_date_of_birth(
    auction: int, born: Callable[[date | None], Browser], people: dict[str, Person]
) -> None:
    alice = born(NINETEEN_THAT_DAY)
    before = change(people["alice"].id, lambda row: None)
    facts: dict[FrozenFact, str | date] = {FrozenFact.BIRTH_DATE: NINETEEN_THE_DAY_AFTER}
    change_frozen_facts(current_engine(), before.id, facts, "her papers say so", "olga")
    introduce(current_engine(), before, auction)
    assert send(alice, auction, 100_000).get_json()["reason"] == "blocked"


def test_introducing_a_person_again_keeps_the_age_limit(
    app: Flask, auction: int, born: Callable[[date | None], Browser], people: dict[str, Person]
) -> None:
    other = open_auction()
    alice = born(NINETEEN_THE_DAY_AFTER)
    assert send(alice, auction, 100_000).get_json()["reason"] == "blocked"
    assert introduce_again(current_engine(), change(people["alice"].id, lambda row: None))
    assert send(alice, auction, 100_000).get_json()["reason"] == "blocked"
    assert send(alice, other, 100_000).status_code == 201


def test_a_blocked_account_is_refused_as_blocked_and_not_for_its_age(
    auction: int, born: Callable[[date | None], Browser], browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    born(NINETEEN_THE_DAY_AFTER)
    introduce_again(current_engine(), block(people["alice"].id))
    document = send(sign_in(browser(), "alice"), auction, 100_000).get_json()
    assert document["reason"] == "blocked" and "세 이상" not in document["message"]
