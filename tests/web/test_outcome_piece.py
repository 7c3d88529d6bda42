"""One's own outcome beside the results: private, with a link to the own row, and shown to nobody else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template
from sqlalchemy import update

from cashticket.extensions import db
from cashticket.models import Auction, OperatorAct, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.outcomes import outcome_of
from cashticket.work.voiding import void_and_announce
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage, open_auction
from tests.staging.rows import add_people
from tests.staging.settlement import add_settled_auction, award_of
from tests.web.bidding import PIECE


@pytest.fixture
def signed_in(browser: Callable[[], Browser], people: dict[str, Person]) -> Callable[[str], Browser]:
    return lambda name: sign_in(browser(), name)


def piece(browser: Browser, auction: int) -> str:
    answer = browser.get(f"/auctions/{auction}/outcome?lang=en", headers=PIECE)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert not any(cookie.startswith("lang=") for cookie in answer.headers.getlist("Set-Cookie"))
    return answer.get_data(as_text=True)


def test_the_piece_says_what_became_of_the_readers_own_bid(
    settled_auction: int, signed_in: Callable[[str], Browser]
) -> None:
    alice, carol, mallory = (piece(signed_in(name), settled_auction) for name in ("alice", "carol", "mallory"))
    assert "VIP-1" in alice and "₩150,000" in alice and 'data-rank="1"' in alice
    assert "My final rank: 3" in carol and "Waitlist no. 1" in carol
    assert "didn’t bid" in mallory and "data-rank" not in mallory


def state_line(app: Flask, auction: int, person: int) -> str:
    """The state line of the auction page, as this person reads it after the end."""
    with app.test_request_context("/?lang=en"):
        outcome = outcome_of(db.session.get_one(Auction, auction), person, utcnow())
        return render_template("auctions/_state_line.html", position="settled", outcome=outcome)


def test_a_winner_is_congratulated_and_whoever_is_offered_a_seat_in_line_is_not(
    app: Flask, settled_auction: int, people: dict[str, Person], signed_in: Callable[[str], Browser]
) -> None:
    alice, carol = people["alice"].id, people["carol"].id
    assert "Congratulations, you won VIP-1" in state_line(app, settled_auction, alice)
    awards.decline(award_of(settled_auction, alice).id, alice, utcnow())
    line, text = state_line(app, settled_auction, carol), piece(signed_in("carol"), settled_auction)
    assert "You’ve been offered VIP-1" in line and "won" not in re.sub('class="[^"]*"', "", line)
    assert "became free, and you can buy it at your own bid of ₩130,000." in text and "You won" not in text
    awards.buy(award_of(settled_auction, carol).id, carol, utcnow())
    assert "VIP-1 is yours" in state_line(app, settled_auction, carol)


def test_somebody_far_down_is_led_to_the_page_of_the_own_row(
    signed_in: Callable[[str], Browser], people: dict[str, Person]
) -> None:
    alice, me = signed_in("alice"), people["alice"].id
    bids = [(person, 200_000) for person in add_people(59)] + [(me, 150_000)]
    text = piece(alice, add_settled_auction(bids, seats=2))
    assert "/results?page=2#rank-60" in text


def test_without_a_session_the_piece_asks_to_sign_in(settled_auction: int, client: Browser) -> None:
    text = piece(client, settled_auction)
    assert f'href="/login?next=/auctions/{settled_auction}/results"' in text and "rank" not in text


def test_before_the_settlement_the_piece_says_that_nothing_is_final(signed_in: Callable[[str], Browser]) -> None:
    auction = open_auction(starts_in_ms=-2 * 3_600_000, ends_in_ms=-1_000)
    assert "not final yet" in piece(signed_in("alice"), auction)


def test_a_voided_auction_says_so_once_to_its_bidders(
    settled_auction: int, signed_in: Callable[[str], Browser]
) -> None:
    in_one_unit(lambda session: setattr(session.get_one(Auction, settled_auction), "state", "voided"))
    page = signed_in("carol").get(f"/auctions/{settled_auction}/results?lang=en").get_data(as_text=True)
    own = piece(signed_in("carol"), settled_auction)
    assert (page + own).count("money already paid is refunded") == 1 and "are void" in own


def test_everybody_reads_why_an_auction_was_taken_back(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    stage.bid("alice", 110_000)
    void_and_announce(stage.engine, stage.id, "The <b>hall</b> burned down", "olga", utcnow())
    for page in ("results", "record"):
        text = client.get(f"/auctions/{stage.id}/{page}?lang=en").get_data(as_text=True)
        assert text.count("Reason given: The &lt;b&gt;hall&lt;/b&gt; burned down") == 1 and "olga" not in text


def test_a_reason_that_was_given_to_an_earlier_release_is_told_to_nobody(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    void_and_announce(stage.engine, stage.id, "between us", "olga", utcnow())
    in_one_unit(lambda session: session.execute(update(OperatorAct).values(facts={"was": "open"})))
    for page in ("results", "record"):
        assert "between us" not in client.get(f"/auctions/{stage.id}/{page}").get_data(as_text=True)


def test_a_winner_who_pays_less_than_the_own_bid_reads_why(
    signed_in: Callable[[str], Browser], people: dict[str, Person]
) -> None:
    bids = [(people["alice"].id, 200_000), (people["bob"].id, 150_000)]
    uniform, as_bid = (add_settled_auction(bids, seats=2, pricing=each) for each in ("uniform", "pay_as_bid"))
    why = "Your bid was ₩200,000. All winners pay the lowest winning bid, ₩150,000."
    alice, bob = signed_in("alice"), signed_in("bob")
    assert why in piece(alice, uniform)
    assert "All winners pay" not in piece(bob, uniform) + piece(alice, as_bid)


def test_an_unknown_auction_has_no_outcome(client: Browser) -> None:
    assert client.get("/auctions/999/outcome", headers=PIECE).status_code == 404


def test_without_a_script_the_results_lead_to_my_bids(settled_auction: int, client: Browser) -> None:
    text = client.get(f"/auctions/{settled_auction}/results?lang=en").get_data(as_text=True)
    assert 'href="/me/bids"' in text and f'hx-get="/auctions/{settled_auction}/outcome?lang=en&amp;with=account' in text


def test_one_request_brings_the_outcome_and_the_account_of_the_reader(
    settled_auction: int, signed_in: Callable[[str], Browser], browser: Callable[[], Browser]
) -> None:
    path = f"/auctions/{settled_auction}/outcome?lang=en&with=account"
    own, stranger = (each.get(path, headers=PIECE).get_data(as_text=True) for each in (signed_in("alice"), browser()))
    assert 'id="outcome"' in own and 'action="/logout"' in own and 'hx-swap-oob="outerMorph"' in own
    assert "logout" not in stranger and f'href="/login?next=/auctions/{settled_auction}/results"' in stranger


def test_a_language_chosen_on_the_results_is_remembered_by_the_piece(
    settled_auction: int, browser: Callable[[], Browser]
) -> None:
    reader = browser()
    page = reader.get(f"/auctions/{settled_auction}/results?lang=en")
    assert "remember=yes" in page.get_data(as_text=True) and "Set-Cookie" not in page.headers
    reader.get(f"/auctions/{settled_auction}/outcome?lang=en&with=account&remember=yes", headers=PIECE)
    assert '<html lang="en">' in reader.get(f"/auctions/{settled_auction}/results").get_data(as_text=True)
