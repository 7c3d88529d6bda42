"""My tickets: what may still be done with an award has a form, and every seat has its story."""

from datetime import timedelta

import pytest

from cashticket.blueprints.me import holdings
from cashticket.engine.errors import StoreUnavailable
from cashticket.ledger import queries
from cashticket.models import Award, Concert, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in
from tests.staging.settlement import award_of
from tests.web.my_page import forms, set_award, text_of, words_of

MINUTE = timedelta(minutes=1)


def decide(browser: Browser, award_id: int, move: str) -> int:
    data = {"csrf_token": browser.token("/")}
    return browser.post(f"/awards/{award_id}/{move}", data=data, headers={"Accept": "application/json"}).status_code


def test_what_is_offered_has_forms_to_buy_and_to_decline(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    page = text_of(sign_in(client, "alice"), "/me/tickets")
    door = f"/awards/{award_of(settled_auction, people['alice'].id).id}"
    assert forms(page) == {f"{door}/buy", f"{door}/decline"}
    assert page.count(f'action="{door}/buy"') == 1 and 'name="csrf_token" value="' in page
    words = words_of(client, "/me/tickets")
    assert "VIP-1" in words and "₩150,000" in words and "Won by me at rank 1" in words


def test_a_ticket_can_be_cancelled_until_the_deadline_and_not_after(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    award = award_of(settled_auction, people["alice"].id)
    awards.buy(award.id, people["alice"].id, utcnow())
    alice = sign_in(client, "alice")
    page = text_of(alice, "/me/tickets")
    assert forms(page) == {f"/awards/{award.id}/cancel"} and "You can cancel until" in page
    past = utcnow() - MINUTE
    in_one_unit(lambda session: setattr(session.get_one(Award, award.id).auction.concert, "cancel_until", past))
    page = text_of(alice, "/me/tickets")
    assert not forms(page) and "The cancellation deadline of this concert has passed." in page


def test_a_web_process_whose_clock_runs_ahead_takes_a_seat_from_nobody(
    client: Browser, people: dict[str, Person], settled_auction: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock of the web process Alice and Bob are five minutes late. By the live store's they are in time, so
    Alice buys, and Bob's offer does not lapse when she gives her seat back."""
    mine, other = (award_of(settled_auction, people[name].id).id for name in ("alice", "bob"))
    set_award(mine, expires_at=utcnow() + 5 * MINUTE)
    set_award(other, expires_at=utcnow() + 5 * MINUTE)
    alice = sign_in(client, "alice")
    monkeypatch.setattr(holdings, "utcnow", lambda: utcnow() + 10 * MINUTE)
    assert f"/awards/{mine}/buy" in forms(text_of(alice, "/me/tickets"))
    assert [decide(alice, mine, move) for move in ("buy", "cancel")] == [200, 200]
    assert award_of(settled_auction, people["alice"].id).state == "cancelled"
    assert award_of(settled_auction, people["bob"].id).state == "offered"


def test_offers_end_by_the_clock_of_the_web_process_while_the_live_store_is_away(
    client: Browser, people: dict[str, Person], settled_auction: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = award_of(settled_auction, people["alice"].id)
    set_award(award.id, expires_at=utcnow() - MINUTE)
    alice = sign_in(client, "alice")

    def away() -> int:
        raise StoreUnavailable("away")

    monkeypatch.setattr(current_engine(), "clock", away)
    assert decide(alice, award.id, "buy") == 409


@pytest.mark.parametrize("state", ["declined", "lapsed", "cancelled", "revoked", "voided"])
def test_an_award_that_is_over_has_no_form(
    client: Browser, people: dict[str, Person], settled_auction: int, state: str
) -> None:
    set_award(award_of(settled_auction, people["alice"].id).id, state=state)
    page = text_of(sign_in(client, "alice"), "/me/tickets")
    assert "VIP-1" in page and not forms(page) and '/buy"' not in page


def test_an_offer_that_ran_out_cannot_be_bought_anywhere(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    set_award(award_of(settled_auction, people["alice"].id).id, expires_at=utcnow() - MINUTE)
    alice = sign_in(client, "alice")
    page = text_of(alice, "/me/tickets")
    assert not forms(page) and '/buy"' not in page and "The time to buy this seat has run out." in page
    assert "You have 1 seat to buy" not in text_of(alice, "/me")
    words = words_of(alice, "/me/bids")
    assert "The time to buy this seat has run out." in words and "yours to buy" not in words.lower()


def test_a_place_in_line_is_shown_until_seats_can_no_longer_change_hands(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    carol = sign_in(client, "carol")
    words = words_of(carol, "/me/tickets")
    assert "On the waitlist" in words and "Waitlist no. 1." in words and "₩130,000" in words
    auction = queries.auction(settled_auction)
    assert auction is not None
    concert_id, past = auction.concert_id, utcnow() - MINUTE
    in_one_unit(lambda session: setattr(session.get_one(Concert, concert_id), "cancel_until", past))
    assert "On the waitlist" not in words_of(carol, "/me/tickets")


def test_an_offered_seat_tells_where_it_came_from_by_ranks_alone(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    page = text_of(sign_in(client, "carol"), "/me/tickets")
    words = words_of(client, "/me/tickets")
    steps = ("Won by rank 1", "Declined by rank 1", "Offered to me, next on the waitlist")
    assert words.index(steps[0]) < words.index(steps[1]) < words.index(steps[2])
    assert forms(page) == {
        f"/awards/{award_of(settled_auction, people['carol'].id).id}/{move}" for move in ("buy", "decline")
    }
    assert "alice" not in page.lower()


def test_the_story_of_a_seat_i_gave_up_ends_with_me(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    words = words_of(sign_in(client, "alice"), "/me/tickets")
    assert "Declined by me" in words and "rank 3" not in words
