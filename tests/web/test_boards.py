"""What the board says: free seats until there are none, then where the winning bids end, and after the end that it is
final."""

import re

import pytest
from flask import Flask

from cashticket.auction.values import Accepted, State
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction

FIRST_PERSON = 1_000
GAP = re.compile(r'class="gap gap-(\w+)"')


def auction_with(bidders: int, seats: int = 2) -> int:
    """An auction in which so many people have bid, the best first, and the last of them 100,000 won."""
    people = range(FIRST_PERSON, FIRST_PERSON + bidders)
    auction_id = open_auction(seats=seats, people=people)
    for person in people:
        amount = 100_000 + 5_000 * (people[-1] - person)
        assert isinstance(current_engine().place_bid(auction_id, person, 1, amount, "request"), Accepted)
    return auction_id


def board(client: Browser, auction: int, language: str = "en") -> str:
    answer = client.get(f"/auctions/{auction}/board?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_free_seats_are_said_until_all_are_taken(app: Flask, client: Browser) -> None:
    text = board(client, auction_with(2, seats=3))
    assert "1 seat is still free: every bid from ₩100,000 is winning" in text
    assert "Winning down to here" not in text and 'class="nth"' not in text
    assert "아직 2석이 비어 있어요. 100,000원부터" in board(client, auction_with(1, seats=3), "ko")


def test_the_line_stands_below_the_row_that_marks_it(app: Flask, client: Browser) -> None:
    text = board(client, auction_with(4, seats=2))
    assert "still free" not in text
    marked, line = text.index('<b class="nth">Cut-off</b>'), text.index("Winning down to here")
    assert text.index("<td>2</td>") < marked < line < text.index("<td>3</td>")
    assert text.count('class="nth"') == 1


@pytest.mark.parametrize(
    ("bidders", "gaps"), [(7, []), (8, ["narrow"]), (16, ["narrow"]), (17, ["narrow", "wide"])], ids=str
)
def test_of_many_rows_some_may_be_left_out_and_a_link_leads_to_all(
    app: Flask, client: Browser, bidders: int, gaps: list[str]
) -> None:
    text = board(client, auction_with(bidders, seats=18))
    assert GAP.findall(text) == gaps
    assert (f"See all {bidders} winning bids" in text) is bool(gaps)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_board_names_an_internal_number(app: Flask, client: Browser, language: str) -> None:
    text = board(client, auction_with(3), language)
    assert "변경" not in text and "change" not in text


def test_after_the_end_the_board_is_final(app: Flask, client: Browser) -> None:
    auction, empty, free = auction_with(3), auction_with(0), auction_with(1)
    running = board(client, auction)
    assert "Live prices" in running and "As of" in running and "Final" not in running
    for each in (auction, empty, free):
        current_engine().finish(each, State.SETTLED)
    text = board(client, auction)
    assert "Final ranks" in text and "<dt>Final cut-off</dt>" in text and "Final cut-off ₩105,000" in text
    assert "Live prices" not in text and "As of" not in text and "Winning down to here" not in text
    assert "Nobody bid in this auction" in board(client, empty)
    assert "1 seat stayed free" in board(client, free)
