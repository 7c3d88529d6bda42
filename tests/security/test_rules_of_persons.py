"""A standing bid binds its person: the account stays open, and name and date of birth stay as they were.

Bids that only the live store has count as well, and so do bids that arrive at the worst moment.
"""

from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from cashticket.auction.values import Reason, Refused
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Award, Person
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from cashticket.work import exporting
from cashticket.work.closing import close_and_announce
from tests.fixtures.people import Browser
from tests.staging.rows import PASSWORD
from tests.staging.settlement import add_settled_auction, award_of
from tests.web.bidding import send

PAGE = "/me/profile"
BORN = date(1999, 2, 3)
FACTS = {"name": "Alice", "birth_date": "1999-02-03", "phone": "010-1234-5678", "locale": "ko"}


@pytest.fixture(autouse=True)
def born(people: dict[str, Person]) -> None:
    """Alice has given her date of birth."""
    in_one_unit(lambda session: setattr(session.get_one(Person, people["alice"].id), "birth_date", BORN))


def row(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def post(browser: Browser, path: str, **fields: str) -> TestResponse:
    return browser.post(PAGE + path, data=fields | {"csrf_token": browser.token("/me/notifications")})


def close(browser: Browser) -> TestResponse:
    return post(browser, "/close", sure="yes", current_password=PASSWORD)


def set_state(auction_id: int, state: str) -> None:
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction_id), "state", state))


def settle_now(auction_id: int) -> None:
    """Ends the auction by the live store's clock, records its bids and settles it."""
    engine = current_engine()
    engine.close(auction_id, now_ms=engine.read(auction_id).ends_at_ms)
    close_and_announce(engine, auction_id)
    db.session.rollback()
    assert db.session.get_one(Auction, auction_id, populate_existing=True).state == "settled"


# Closing


@pytest.mark.parametrize("is_recorded", [False, True])
def test_no_account_is_closed_while_its_bid_stands(
    alice: Browser, people: dict[str, Person], auction: int, is_recorded: bool
) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    if is_recorded:
        record_waiting(current_engine(), auction)
    answer = close(alice)
    assert answer.status_code == 422 and f'href="/auctions/{auction}"' in answer.get_data(as_text=True)
    assert row(people["alice"]).closed_at is None and row(people["alice"]).bids_held_at is None
    assert send(alice, auction, 105_000, "r2").status_code == 201, "and bidding goes on"


def test_three_chances_are_not_six(alice: Browser, people: dict[str, Person], auction: int) -> None:
    for number in (1, 2, 3):
        assert send(alice, auction, 100_000 + 5_000 * number, f"r{number}").status_code == 201
    assert close(alice).status_code == 422


def test_an_ended_auction_binds_until_it_is_settled(alice: Browser, people: dict[str, Person], auction: int) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    engine = current_engine()
    assert engine.close(auction, now_ms=engine.read(auction).ends_at_ms).closed
    assert close(alice).status_code == 422
    set_state(auction, "closing")
    assert close(alice).status_code == 422
    set_state(auction, "open")
    settle_now(auction)
    answer = alice.get(PAGE).get_data(as_text=True)
    part = answer.partition('id="why-not-closed"')[2].partition("</section>")[0]
    assert "/me/tickets" in part and "/auctions/" not in part, "nothing but her award is in the way now"


def test_a_voided_auction_binds_nobody(alice: Browser, people: dict[str, Person], auction: int) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    record_waiting(current_engine(), auction)
    set_state(auction, "voided")
    assert close(alice).status_code == 303
    assert row(people["alice"]).closed_at


def test_an_auction_one_only_looked_at_binds_nobody(alice: Browser, people: dict[str, Person], auction: int) -> None:
    alice.get(f"/auctions/{auction}")
    assert close(alice).status_code == 303
    late = current_engine().place_bid(auction, people["alice"].id, row(people["alice"]).session_epoch, 100_000, "r")
    assert late == Refused(Reason.BLOCKED), "the auction knows at once"


def test_the_form_says_which_auctions_and_until_when(alice: Browser, bob: Browser, auction: int) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    page = alice.get(PAGE + "?lang=en").get_data(as_text=True)
    close_section = page.partition('id="close-title"')[2]
    assert "once these auctions are settled" in close_section and f'href="/auctions/{auction}"' in close_section
    assert "한여름 밤의 공연" in close_section and "ends " in close_section
    assert "/me/profile/close" not in page
    assert "/me/profile/close" in bob.get(PAGE).get_data(as_text=True), "bob has not bid"


# Name and date of birth


def save(browser: Browser, **changed: str) -> TestResponse:
    return post(browser, "", **(FACTS | changed))


def test_a_standing_bid_freezes_name_and_date_of_birth(alice: Browser, people: dict[str, Person], auction: int) -> None:
    assert save(alice).status_code == 303
    assert send(alice, auction, 100_000).status_code == 201
    for changed in ({"name": "Mallory"}, {"birth_date": "1990-01-01"}, {"name": "Mallory", "birth_date": "1990-01-01"}):
        assert save(alice, **changed, phone="010-9999-9999").status_code == 422
        present = row(people["alice"])
        assert (present.name, present.birth_date, present.phone) == ("Alice", BORN, "+821012345678")


def test_phone_and_language_are_saved_all_the_same(alice: Browser, people: dict[str, Person], auction: int) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    assert post(alice, "", phone="010-9999-9999", locale="en").status_code == 303
    present = row(people["alice"])
    assert (present.name, present.birth_date, present.phone, present.locale) == ("Alice", BORN, "+821099999999", "en")
    assert save(alice, phone="010-8888-8888").status_code == 303, "a page from before the bid sends unchanged facts"


def test_the_profile_shows_frozen_facts_as_text_with_the_reason(
    alice: Browser, people: dict[str, Person], auction: int
) -> None:
    assert 'name="name"' in alice.get(PAGE).get_data(as_text=True)
    assert send(alice, auction, 100_000).status_code == 201
    page = alice.get(PAGE + "?lang=en").get_data(as_text=True)
    assert 'id="fixed-name">Alice<' in page and 'id="fixed-birth_date">1999-02-03 <' in page
    assert 'name="name"' not in page and 'name="birth_date"' not in page and 'name="phone"' in page
    reason = page.partition('id="why-fixed"')[2].partition("</ul>")[0]
    assert "contact us" in reason and f'href="/auctions/{auction}"' in reason


def test_a_fact_that_was_never_given_may_be_given_after_the_bid(
    alice: Browser, people: dict[str, Person], auction: int
) -> None:
    in_one_unit(lambda session: setattr(session.get_one(Person, people["alice"].id), "birth_date", None))
    assert send(alice, auction, 100_000).status_code == 201
    assert save(alice, birth_date="1999-02-03").status_code == 303
    assert save(alice, birth_date="1990-01-01").status_code == 422
    assert row(people["alice"]).birth_date == BORN


def test_a_settled_auction_frees_the_name_and_its_award_keeps_it(
    alice: Browser, people: dict[str, Person], auction: int
) -> None:
    assert send(alice, auction, 100_000).status_code == 201
    settle_now(auction)
    assert save(alice, name="Black Market Buyer").status_code == 303
    assert row(people["alice"]).name == "Black Market Buyer"
    page = alice.get("/me/tickets?lang=en").get_data(as_text=True)
    assert "Ticket holder: Alice" in page and "Black Market Buyer" not in page.partition("<main")[2]
    exported = _exported(auction)
    assert [each["name"] for each in exported] == ["Alice"]


def _exported(auction_id: int) -> list[dict[str, Any]]:
    row = queries.auction(auction_id)
    assert row is not None
    export = exporting.export_of(current_engine(), row)
    named = exporting.with_people(auction_id, export, "entrance", "olga")
    return [each for rows in named.windows for each in rows]


def test_an_award_that_is_handed_over_has_the_name_of_its_moment(people: dict[str, Person]) -> None:
    ids = people["alice"].id, people["bob"].id
    settled = add_settled_auction([(ids[0], 150_000), (ids[1], 140_000)], seats=1)
    in_one_unit(lambda session: setattr(session.get_one(Person, ids[1]), "name", "Bob Kim"))
    award = award_of(settled, ids[0])
    awards.decline(award.id, ids[0], award.offered_at)
    in_one_unit(lambda session: setattr(session.get_one(Person, ids[1]), "name", "Somebody Else"))
    offered: Award = award_of(settled, ids[1])
    assert (offered.person_name, offered.holder_name) == ("Bob Kim", "Bob Kim")
