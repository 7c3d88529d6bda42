"""The auction page is the same bytes for everybody; what belongs to one reader comes in one answer after it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cashticket.models import Person
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import counting, send

MOMENTS = re.compile(r"now-ms=\"\d+\"|\d\d:\d\d:\d\d")


def bytes_of(answer: TestResponse) -> str:
    """The answer without the moment at which it was made."""
    return MOMENTS.sub("", answer.get_data(as_text=True))


def test_strangers_bidders_and_forged_cookies_get_the_same_bytes(auction: int, alice: Browser, client: Browser) -> None:
    assert send(alice, auction, 130_000).status_code == 201
    path = f"/auctions/{auction}"
    forged = client.get(path, headers={"Cookie": "cashticket=x.y.z"})
    answers = [client.get(path), alice.get(path), forged]
    assert len({bytes_of(answer) for answer in answers}) == 1
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        assert "csrf" not in answer.get_data(as_text=True) and "alice" not in bytes_of(answer).lower()


@pytest.mark.parametrize("path", ["/auctions/{lost}", "/auctions/{lost}?lang=en", "/auctions/999999"])
def test_its_errors_read_no_session_either(app: Flask, alice: Browser, client: Browser, path: str) -> None:
    path = path.format(lost=open_auction(in_engine=False))
    mine, theirs = alice.get(path), client.get(path)
    code = re.compile(r"[0-9a-f]{32}")
    assert code.sub("", bytes_of(mine)) == code.sub("", bytes_of(theirs)) and mine.status_code in (404, 503)
    assert "Cookie" not in mine.headers.get("Vary", "") and "Set-Cookie" not in mine.headers


def test_the_page_costs_three_statements_whoever_reads_it(auction: int, alice: Browser) -> None:
    alice.get(f"/auctions/{auction}")
    with counting() as counted:
        alice.get(f"/auctions/{auction}")
    assert counted["sql"] <= 3


def test_the_own_part_is_private_and_costs_at_most_five_statements(auction: int, alice: Browser) -> None:
    send(alice, auction, 130_000)
    # The first one brings the scripts to the store.
    alice.get(f"/auctions/{auction}/standing")
    with counting() as counted:
        answer = alice.get(f"/auctions/{auction}/standing?lang=ko&with=account")
    assert answer.headers["Cache-Control"] == "no-store" and "Cookie" in answer.headers["Vary"]
    assert counted["sql"] <= 5 and counted["redis"] <= 3
    text = answer.get_data(as_text=True)
    assert text.lstrip().startswith('<section id="standing"')
    assert re.findall(r'<div id="(\w+)"[^>]*hx-swap-oob="outerMorph"', text) == ["header", "flashes", "bidder"]


def test_a_stranger_gets_an_own_part_without_a_cookie_and_without_sql(auction: int, client: Browser) -> None:
    with counting() as counted:
        answer = client.get(f"/auctions/{auction}/standing?lang=ko&with=account")
    text = answer.get_data(as_text=True)
    assert counted["sql"] == 0 and "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    assert f'href="/login?next=/auctions/{auction}"' in text and "csrf" not in text


def test_an_ended_session_gets_the_part_of_a_stranger_and_loses_its_cookie_with_the_next_page(
    auction: int, people: dict[str, Person], browser: Callable[[], Browser]
) -> None:
    phone, tablet, laptop = (sign_in(browser(), "alice") for _ in range(3))
    laptop.post("/me/profile/sign-out-elsewhere", data={"csrf_token": laptop.token("/me/profile")})
    answer = phone.get(f"/auctions/{auction}/standing?with=account")
    text = answer.get_data(as_text=True)
    assert f'href="/login?next=/auctions/{auction}"' in text and "csrf" not in text
    # A page asks this by itself, perhaps while the answer to a form brings the cookie of a new session.
    assert "Set-Cookie" not in answer.headers
    answer = tablet.get("/me/header")
    text = answer.get_data(as_text=True)
    assert 'href="/login?next=/"' in text and "csrf" not in text and "data-session" not in text
    assert "Set-Cookie" not in answer.headers
    for browser_of_alice in (phone, tablet):
        answer = browser_of_alice.get("/me")
        assert answer.status_code == 303 and "cashticket=;" in answer.headers["Set-Cookie"]


def test_the_header_alone_leads_back_where_it_was_asked_and_nowhere_else(
    auction: int, alice: Browser, client: Browser
) -> None:
    for wish, target in ((f"/auctions/{auction}/results", f"/auctions/{auction}/results"), ("//evil.example", "/")):
        assert f'href="/login?next={target}"' in client.get("/me/header", query_string={"next": wish}).get_data(True)
    answer = alice.get("/me/header")
    assert 'id="header"' in answer.get_data(True) and "csrf_token" in answer.get_data(True)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_language_of_the_page_follows_query_and_cookie_and_is_remembered_by_the_own_part(
    auction: int, client: Browser
) -> None:
    page = client.get(f"/auctions/{auction}?lang=en")
    assert "Live prices" in page.get_data(True) and "Set-Cookie" not in page.headers
    found = re.search(r'hx-get="([^"]+remember[^"]+)"', page.get_data(True))
    assert found
    client.get(found[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert "Live prices" in client.get(f"/auctions/{auction}").get_data(True)


def test_signing_in_brings_the_language_of_the_account_to_pages_that_read_no_session(
    auction: int, people: dict[str, Person], client: Browser
) -> None:
    alice = people["alice"].id
    in_one_unit(lambda session: setattr(session.get_one(Person, alice), "locale", "en"))
    assert "Live prices" in sign_in(client, "alice").get(f"/auctions/{auction}").get_data(True)
