"""While a line is paused, nothing says that a seat which was given up goes to the next or stayed unsold."""

import pytest

from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards, line_pauses
from tests.fixtures.people import Browser
from tests.staging.rows import HOUR
from tests.staging.settlement import award_of
from tests.web.bidding import PIECE
from tests.web.my_page import words_of
from tests.web.test_unsold_seats import give_up, outcome

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAUSED = "The waitlist is paused for now: once it goes on"
OPERATOR = ("a phone call", "olga")


@pytest.fixture
def paused(settled_auction: int) -> int:
    """Alice and bob have the two seats, carol waits; the line is paused."""
    line_pauses.pause(settled_auction, *OPERATOR, utcnow())
    return settled_auction


@pytest.mark.parametrize("state", ["declined", "lapsed", "cancelled"])
def test_an_outcome_says_that_the_seat_is_held_until_the_line_goes_on(
    alice: Browser, people: dict[str, Person], paused: int, state: str
) -> None:
    give_up(state, paused, people["alice"])
    for text in (outcome(alice, paused), words_of(alice, "/me/bids")):
        assert PAUSED in text and "unsold" not in text and "went to" not in text
    line_pauses.resume(paused, *OPERATOR, utcnow())
    assert PAUSED not in outcome(alice, paused) and "went to the next" in outcome(alice, paused)


@pytest.mark.parametrize("move", ["decline", "cancel"])
@pytest.mark.parametrize("is_piece", [True, False], ids=["piece", "form"])
def test_the_answer_to_whoever_gives_a_seat_up_says_so(
    alice: Browser, people: dict[str, Person], paused: int, move: str, is_piece: bool
) -> None:
    award_id = award_of(paused, people["alice"].id).id
    if move == "cancel":
        awards.buy(award_id, people["alice"].id, utcnow())
    form = {"csrf_token": alice.token("/me/tickets")}
    answer = alice.post(f"/awards/{award_id}/{move}?lang=en", data=form, headers=PIECE if is_piece else {})
    text = answer.get_data(as_text=True) if is_piece else words_of(alice, "/me/tickets")
    assert PAUSED in text
    assert ("Your ticket is cancelled." if move == "cancel" else "You declined the seat.") in text


def test_the_seat_history_says_that_nobody_was_offered_the_seat(
    alice: Browser, people: dict[str, Person], paused: int
) -> None:
    give_up("declined", paused, people["alice"])
    text = words_of(alice, f"/auctions/{paused}/lineage")
    assert "no holder" in text and "nobody has been offered it" in text
    assert "unsold" not in text and "nobody was left" not in text


def test_no_seat_is_promised_after_the_deadline(alice: Browser, people: dict[str, Person], paused: int) -> None:
    give_up("declined", paused, people["alice"])
    before = utcnow() - HOUR / 2
    in_one_unit(lambda session: setattr(session.get_one(Auction, paused).concert, "cancel_until", before))
    text = outcome(alice, paused)
    assert PAUSED not in text and "stayed unsold" in text
