"""The ladder: all winning bids by pages, the same bytes for everybody."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.auction.values import Accepted, State
from cashticket.models import Person
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import PIECE, counting

SEATS, BIDDERS = 120, 130
FIRST_PERSON = 1_000


@pytest.fixture
def auction(app: Flask) -> int:
    """An auction with 120 seats and 130 bidders, the best first."""
    people = range(FIRST_PERSON, FIRST_PERSON + BIDDERS)
    auction_id = open_auction(seats=SEATS, people=people)
    for person in people:
        amount = 100_000 + 5_000 * (people[-1] - person)
        assert isinstance(current_engine().place_bid(auction_id, person, 1, amount, "request"), Accepted)
    return auction_id


def ranks(text: str) -> list[int]:
    return [int(rank) for rank in re.findall(r'data-alias="\w+"><td>(\d+)</td>', text)]


def links(text: str) -> dict[str, str]:
    found = re.findall(r'<a href="([^"]+)" rel="(first|prev|next|last)">', text)
    return {rel: address.replace("&amp;", "&") for address, rel in found}


def test_fifty_winning_bids_stand_on_a_page_and_losing_ones_on_none(auction: int, client: Browser) -> None:
    path = f"/auctions/{auction}/ladder?lang=en"
    pages = [client.get(f"{path}&page={page}").get_data(as_text=True) for page in (1, 2, 3)]
    assert [ranks(page) for page in pages] == [[*range(1, 51)], [*range(51, 101)], [*range(101, 121)]]
    assert "Page 2 of 3" in pages[1] and "120 winning bids" in pages[1]


def test_links_lead_through_all_pages_without_a_script(auction: int, client: Browser) -> None:
    path = f"/auctions/{auction}/ladder?lang=ko"
    middle = links(client.get(f"{path}&page=2").get_data(as_text=True))
    assert middle == {"first": path, "prev": path, "next": f"{path}&page=3", "last": f"{path}&page=3"}
    assert links(client.get(path).get_data(as_text=True)).keys() == {"next", "last"}
    assert links(client.get(middle["last"]).get_data(as_text=True)).keys() == {"first", "prev"}


@pytest.mark.parametrize("page", ["0", "4", "999999", "1000000", "-1", "01", "x", "", "%30", "2 ", "1.0"])
def test_a_page_that_is_not_there_is_404(auction: int, client: Browser, page: str) -> None:
    assert client.get(f"/auctions/{auction}/ladder?page={page}").status_code == 404


def test_everybody_gets_the_same_bytes_and_no_cookie(
    auction: int, client: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    alice, path = sign_in(browser(), "alice"), f"/auctions/{auction}/ladder?lang=en&page=2"
    answers = [reader.get(path) for reader in (client, alice)]
    stranger, hers = (re.sub(r"\d\d:\d\d:\d\d", "", answer.get_data(as_text=True)) for answer in answers)
    assert stranger == hers and "csrf" not in hers and "alice" not in hers.lower()
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Cookie" not in answer.headers.get("Vary", "") and "Set-Cookie" not in answer.headers


def test_its_language_is_that_of_the_address_alone(auction: int, browser: Callable[[], Browser]) -> None:
    reader = browser()
    reader.set_cookie("lang", "en")
    assert "쪽" in reader.get(f"/auctions/{auction}/ladder").get_data(as_text=True)
    assert "Page 1 of 3" in reader.get(f"/auctions/{auction}/ladder?lang=en").get_data(as_text=True)


def test_the_piece_is_the_one_on_the_page(auction: int, client: Browser) -> None:
    path = f"/auctions/{auction}/ladder?lang=ko"
    with counting() as counted:
        piece = client.get(path, headers=PIECE).get_data(as_text=True)
    assert counted == {"sql": 0, "redis": 2}
    assert piece.lstrip().startswith('<section id="ladder"')
    assert ranks(piece) == ranks(client.get(path).get_data(as_text=True))


def test_without_bids_the_first_page_says_so(app: Flask, client: Browser) -> None:
    auction_id = open_auction(seats=5)
    page = client.get(f"/auctions/{auction_id}/ladder?lang=en")
    assert page.status_code == 200 and "No bids yet" in page.get_data(as_text=True)
    assert client.get(f"/auctions/{auction_id}/ladder?lang=en&page=2").status_code == 404


def test_the_board_links_to_it_where_bids_are_not_shown(auction: int, client: Browser) -> None:
    board = client.get(f"/auctions/{auction}/board?lang=en").get_data(as_text=True)
    assert f'href="/auctions/{auction}/ladder?lang=en"' in board


def test_after_the_end_it_leads_to_the_results(auction: int, client: Browser) -> None:
    current_engine().finish(auction, State.SETTLED)
    answer = client.get(f"/auctions/{auction}/ladder?lang=ko")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/auctions/{auction}/results")
    assert answer.headers["Cache-Control"] == "public, max-age=1"


def test_a_lost_auction_is_503_and_an_unknown_one_404(app: Flask, client: Browser) -> None:
    lost = open_auction(in_engine=False)
    answer = client.get(f"/auctions/{lost}/ladder?lang=ko")
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert client.get(f"/auctions/{lost + 1}/ladder?lang=ko").status_code == 404


def test_a_settled_auction_whose_keys_are_gone_leads_to_the_results(settled_auction: int, client: Browser) -> None:
    answer = client.get(f"/auctions/{settled_auction}/ladder?lang=ko")
    assert answer.location == f"/auctions/{settled_auction}/results"
