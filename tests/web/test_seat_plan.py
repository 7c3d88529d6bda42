"""The plan of the seats: one drawing for everybody, kept for good, and one's own row and number in words."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.settlement import award_of
from tests.web.my_page import words_of
from tests.web.test_seat_facts import announce, text_of

SENTENCES = {"ko": "1위는 1열, 2위는 2열.", "en": "No. 1 in row 1, no. 2 in row 2."}


@pytest.fixture
def block(app: Flask) -> int:
    """A running auction of 2 seats, one behind the other."""
    return open_auction(rows="2x1")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_shows_the_plan_and_says_the_same_in_words(client: Browser, block: int, language: str) -> None:
    page = text_of(client, f"/auctions/{block}", language)
    assert SENTENCES[language] in page and page.count("plan.js") == 1
    addresses = re.findall(r'(?:srcset|src)="(/auctions/\d+/plan\.svg[^"]+)"', page)
    dark, light = (client.get(address.replace("&amp;", "&")) for address in addresses)
    assert dark.status_code == light.status_code == 200 and dark.data != light.data
    for drawing in (dark, light):
        assert drawing.content_type == "image/svg+xml; charset=utf-8"
        assert drawing.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert SENTENCES[language] in drawing.get_data(as_text=True)
    width, height = re.search(r'viewBox="0 0 (\d+) (\d+)"', light.text).groups()  # type: ignore[union-attr]
    assert f'width="{width}" height="{height}"' in page


def test_everybody_gets_the_same_drawing_and_no_cookie(
    browser: Callable[[], Browser], people: dict[str, Person], block: int
) -> None:
    path = f"/auctions/{block}/plan.svg?lang=ko"
    answers = [browser().get(path), sign_in(browser(), "alice").get(path)]
    assert answers[0].data == answers[1].data
    for answer in answers:
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    again = browser().get(path, headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("query", ["", "?v=000000000000", "?v=%3Cscript%3E", "?ground=%3Cb%3E&lang=xx"])
def test_an_address_that_names_no_present_drawing_is_kept_for_a_minute(client: Browser, block: int, query: str) -> None:
    answer = client.get(f"/auctions/{block}/plan.svg{query}")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.data == client.get(f"/auctions/{block}/plan.svg").data


def test_there_is_no_plan_without_rows(client: Browser, auction: int) -> None:
    assert client.get(f"/auctions/{auction}/plan.svg").status_code == 404
    assert client.get("/auctions/4711/plan.svg").status_code == 404
    page = text_of(client, f"/auctions/{auction}", "ko")
    assert "plan" not in page.replace("plan-", "") and "배치도" not in page


def test_the_review_and_my_bids_say_which_seat_it_would_be(
    client: Browser, people: dict[str, Person], block: int
) -> None:
    alice = sign_in(client, "alice")
    path = f"/auctions/{block}/confirm?amount=100000"
    assert "No. 1 gets row 1, number 1." in words_of(alice, path)
    token = alice.token(f"/auctions/{block}/confirm?amount=100000")
    form = {"amount": "100000", "request_id": "first", "csrf_token": token}
    assert alice.post(f"/auctions/{block}/bids", data=form, headers={"Accept": "application/json"}).status_code == 201
    assert "row 1, number 1" in words_of(alice, "/me/bids")


def test_whoever_won_reads_row_and_number_of_the_seat(
    browser: Callable[[], Browser], people: dict[str, Person], settled_auction: int
) -> None:
    announce(settled_auction, {"rows": "2x1"})
    for name, place in (("alice", "row 1, number 1"), ("bob", "row 2, number 1")):
        person = sign_in(browser(), name)
        award = award_of(settled_auction, people[name].id).id
        for path in ("/me/tickets", f"/awards/{award}/confirm"):
            assert f"Row and number {place}" in words_of(person, path)
        assert f"is {place}." in words_of(person, f"/auctions/{settled_auction}/outcome")
    assert "배치도" in text_of(browser(), f"/auctions/{settled_auction}/results", "ko")
    assert "is row" not in words_of(sign_in(browser(), "carol"), f"/auctions/{settled_auction}/outcome")
