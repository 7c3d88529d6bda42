"""Notices that are read late: none says that something can still be done, none leads to what is over."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cashticket.auction.values import State
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from tests.fixtures.people import Browser, sign_in
from tests.staging.settlement import award_of
from tests.web.my_page import add_notice, text_of, words_of

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTICES = "/me/notifications"
RANK_OUT = {"amount": 120_000, "cutoff": 120_000, "own": 110_000, "enough": 125_000, "at": 0, "why": "own_bid"}


def award(hours: int) -> dict[str, Any]:
    expires_at = (utcnow() + timedelta(hours=hours)).isoformat()
    return {"rank": 1, "seat": "VIP-1", "price": 150_000, "expires_at": expires_at}


def end(auction_id: int, state: State) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == auction_id).values(state=state)))


@pytest.mark.parametrize("kind", ["won", "offered"])
def test_a_right_to_buy_speaks_in_the_past_once_its_time_is_over(
    client: Browser, people: dict[str, Person], contested_auction: int, kind: str
) -> None:
    end(contested_auction, State.SETTLED)
    alice = sign_in(client, "alice")
    add_notice(people["alice"].id, contested_auction, kind, 1, **award(hours=1))
    assert "Deadline to buy" in words_of(alice, NOTICES)
    add_notice(people["alice"].id, contested_auction, kind, 2, **award(hours=-1))
    words = words_of(alice, NOTICES)
    assert words.count("could be bought until") == 1 and words.count("Deadline to buy") == 1


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ((awards.buy,), "You have bought seat VIP-1 since then."),
        ((awards.decline,), "Seat VIP-1 can no longer be bought."),
        ((awards.buy, awards.cancel), "Seat VIP-1 can no longer be bought."),
    ],
    ids=["bought", "declined", "cancelled"],
)
def test_a_right_that_was_used_or_given_up_is_not_said_to_be_there_yet(  # type: ignore[no-untyped-def]
    client: Browser, people: dict[str, Person], settled_auction: int, moves, said: str
) -> None:
    alice = people["alice"].id
    award_id = award_of(settled_auction, alice).id
    browser = sign_in(client, "alice")
    assert "Deadline to buy" in words_of(browser, NOTICES)
    for move in moves:
        move(award_id, alice, utcnow())
    words = words_of(browser, NOTICES)
    assert said in words and "Deadline to buy" not in words


def test_a_receipt_offers_no_free_cancelling_of_a_seat_that_was_given_back(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    alice, browser = people["alice"].id, sign_in(client, "alice")
    award_id = award_of(settled_auction, alice).id
    awards.buy(award_id, alice, utcnow())
    assert "Free cancellation until" in words_of(browser, NOTICES)
    awards.cancel(award_id, alice, utcnow())
    words = words_of(browser, NOTICES)
    assert f"purchase no. {award_id}. You have cancelled it since then." in words
    assert "Free cancellation until" not in words


@pytest.mark.parametrize("kind", ["won", "offered"])
def test_a_right_to_buy_in_a_voided_auction_leads_to_its_results(
    client: Browser, people: dict[str, Person], contested_auction: int, kind: str
) -> None:
    end(contested_auction, State.VOIDED)
    add_notice(people["alice"].id, contested_auction, kind, 1, **award(hours=1))
    page = text_of(sign_in(client, "alice"), NOTICES)
    assert "can be bought" in page and "nothing can be bought" in page and "Deadline to buy" not in page
    assert f'href="/auctions/{contested_auction}/results"' in page and "#award-" not in page


@pytest.mark.parametrize("state", [State.SETTLED, State.VOIDED])
def test_a_seat_keeps_its_zone_when_its_time_is_over(
    client: Browser, people: dict[str, Person], contested_auction: int, state: State
) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).values(zone="Floor A", state=state)))
    add_notice(people["alice"].id, contested_auction, "won", 1, **award(hours=-1))
    add_notice(people["alice"].id, contested_auction, "right_reminder", 1, why="half", **award(hours=-1))
    words = words_of(sign_in(client, "alice"), NOTICES)
    assert "can no longer be bought" in words
    assert words.count("VIP-1") == words.count("VIP-1 (Floor A)") == 2


@pytest.mark.parametrize("facts", [("rank_out", RANK_OUT), ("bid_given_up", {"amount": 110_000, "why": "lost"})])
@pytest.mark.parametrize("state", [State.SETTLED, State.VOIDED])
def test_a_notice_about_bidding_asks_for_no_bid_after_the_end(
    client: Browser, people: dict[str, Person], contested_auction: int, facts: tuple[str, dict[str, Any]], state: State
) -> None:
    kind, values = facts
    add_notice(people["alice"].id, contested_auction, kind, 1, **values)
    alice = sign_in(client, "alice")
    before = words_of(alice, NOTICES)
    assert "Bidding is over by now" not in before
    assert kind != "bid_given_up" or "While bidding is open" in before
    end(contested_auction, state)
    words = words_of(alice, NOTICES)
    assert "While bidding is open" not in words and "Bidding is over by now" in words
    what = {"rank_out": "it took ₩125,000 to get back in.", "bid_given_up": "failure on our side. It doesn’t count."}
    assert what[kind] in words
    assert f'href="/auctions/{contested_auction}/results"' in text_of(alice, f"{NOTICES}/latest")
