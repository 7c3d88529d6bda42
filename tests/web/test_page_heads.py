"""What programs read of a page before anybody opens it: its description, its title where a link is shared, its icon."""

import html
import io
import re

import pytest
from flask import Flask
from PIL import Image

from cashticket import config
from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PROPERTY = re.compile(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', re.DOTALL)


def head(client: Browser, path: str) -> dict[str, str]:
    """The named facts of the head of a page."""
    return facts_of(client.get(path).get_data(as_text=True))


def facts_of(page: str) -> dict[str, str]:
    return {name: html.unescape(content) for name, content in PROPERTY.findall(page.partition("</head>")[0])}


@pytest.mark.parametrize("path", ["/", "/concerts/", "/login", "/signup", "/no-such-page"])
def test_every_page_says_what_it_is(client: Browser, path: str) -> None:
    facts = head(client, f"{path}?q=1")
    assert facts["description"] == facts["og:description"] and "VIP석" in facts["description"]
    assert facts["og:title"] and facts["og:site_name"] == "CashTicket"
    assert facts["og:locale"] == "ko_KR" and head(client, f"{path}?lang=en")["og:locale"] == "en_US"


def shared_pages() -> list[str]:
    auction = db.session.get_one(Auction, open_auction())
    return ["/", "/concerts/", f"/concerts/{auction.concert_id}", f"/auctions/{auction.id}"]


def test_a_page_for_everybody_names_its_address_at_the_configured_host(
    app: Flask, client: Browser, settings: config.Settings
) -> None:
    for path in shared_pages():
        # The number may be written in two ways; the page is kept under one of them.
        written = path.replace("concerts/", "concerts/00") if path[-1].isdigit() else path
        elsewhere = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        answer = client.get(f"{written}?q=1&lang=en", headers=elsewhere)
        facts = facts_of(answer.text)
        assert facts["og:url"] == settings.base_url + path
        assert "evil.example" not in "".join(facts.values())


@pytest.mark.parametrize(
    "path", ["/login", "/signup", "/reset", "/reset/secret-token", "/confirm/secret-token", "/no-such-page"]
)
def test_no_other_page_names_its_address(client: Browser, path: str) -> None:
    facts = head(client, path)
    assert "og:url" not in facts and "secret-token" not in "".join(facts.values())


@pytest.mark.parametrize("path", ["/me", "/me/bids", "/me/tickets", "/me/profile", "/me/notifications"])
def test_no_page_of_one_person_names_its_address(client: Browser, people: dict[str, Person], path: str) -> None:
    facts = head(sign_in(client, "alice"), path)
    assert facts["description"] and "og:url" not in facts
    assert people["alice"].email not in "".join(facts.values())


def test_a_shared_concert_names_itself(client: Browser) -> None:
    concert = add_concert(title='Spring "Night" <live>', artist="A & B", venue="The\nHall")
    facts = head(client, f"/concerts/{concert.id}")
    assert facts["og:title"] == 'Spring "Night" <live>'
    assert facts["og:description"].startswith("A & B · The Hall · 20")


def test_a_shared_auction_names_its_concert(app: Flask, client: Browser) -> None:
    auction = db.session.get_one(Auction, open_auction())
    concert = auction.concert
    facts = head(client, f"/auctions/{auction.id}")
    assert facts["og:title"].startswith(concert.title) and facts["og:description"].startswith(concert.artist)


def shared_with_a_picture() -> list[str]:
    auction = db.session.get_one(Auction, open_auction())
    return [f"/concerts/{auction.concert_id}", f"/auctions/{auction.id}", f"/auctions/{auction.id}/ladder"]


def test_a_shared_concert_and_its_auction_show_one_picture_at_the_configured_host(
    app: Flask, client: Browser, settings: config.Settings
) -> None:
    pictures = set()
    for path in shared_with_a_picture():
        for query in ("", "?lang=en"):
            facts = facts_of(client.get(path + query, headers={"Host": "evil.example"}).text)
            assert (facts["og:image:width"], facts["og:image:height"]) == ("1200", "630")
            assert (facts["og:image:type"], facts["twitter:card"]) == ("image/png", "summary_large_image")
            assert "한여름 밤의 공연" in facts["og:image:alt"]
            pictures.add(facts["og:image"])
    (picture,) = pictures
    assert picture.startswith(f"{settings.base_url}/concerts/")
    shown = client.get(picture.removeprefix(settings.base_url), buffered=True)
    assert shown.status_code == 200 and Image.open(io.BytesIO(shown.data)).size == (1200, 630)


@pytest.mark.parametrize("path", ["/", "/concerts/", "/login", "/no-such-page"])
def test_no_other_page_has_a_picture(client: Browser, path: str) -> None:
    assert "og:image" not in head(client, path)


def test_a_title_in_two_lines_stays_text_beside_the_picture(client: Browser) -> None:
    concert = add_concert(title='Spring\n"Night" <live>')
    facts = head(client, f"/concerts/{concert.id}")
    assert 'Spring "Night" <live>' in facts["og:image:alt"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_page_can_be_passed_on_without_scripts(client: Browser, settings: config.Settings, lang: str) -> None:
    for path in shared_with_a_picture()[:2]:
        page = client.get(f"{path}?lang={lang}").text
        assert re.search(f'<input [^>]*value="{settings.base_url}{path}" readonly>', page)


def test_the_icon_is_at_its_oldest_address_too(client: Browser) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200 and answer.data[:4] == b"\0\0\1\0"
    assert "public" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    again = client.get("/favicon.ico", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_search_engines_are_told_to_leave_own_pages_and_pieces_alone(client: Browser) -> None:
    answer = client.get("/robots.txt")
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.mimetype == "text/plain" and "Set-Cookie" not in answer.headers
    assert lines[0] == "User-agent: *" and {"Disallow: /me", "Disallow: /auctions/*/standing"} <= set(lines)
    assert not {"Disallow: /", "Disallow: /concerts/", "Disallow: /auctions/"} & set(lines)
