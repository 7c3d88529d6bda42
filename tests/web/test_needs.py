"""The piece that says what needs its reader now, on pages that are the same for everybody."""

import re
from typing import Any

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from tests.fixtures.people import Browser
from tests.staging.settlement import award_of
from tests.web.live_sockets import bid

PATH = "/me/needs"


def record(app: Flask, auction: Auction) -> None:
    while record_waiting(app.extensions["engine"], auction.id):
        pass


def needs(browser: Browser, lang: str = "ko") -> list[str]:
    """The lines of the piece, each as plain words; none when it is hidden."""
    answer = browser.get(f"{PATH}?lang={lang}", headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    piece = answer.get_data(as_text=True)
    assert piece.lstrip().startswith('<section id="needs"')
    rows = re.findall(r'<li class="need.*?</li>', piece, re.DOTALL)
    assert bool(rows) == (" hidden>" not in piece.partition(">")[0] + ">")
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_who_is_out_and_can_still_win_is_told_where_and_with_which_bid(
    app: Flask, live_auction: Auction, people: dict[str, Person], alice: Browser, bob: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    record(app, live_auction)
    assert needs(alice) == []
    bid(app, live_auction, people["bob"], 130_000)
    [line] = needs(alice)
    assert "한여름 밤의 공연" in line and "120,000원" in line and "130,000" not in line
    [line] = needs(alice, "en")
    assert "₩120,000" in line and "outbid" in line
    assert needs(bob) == []
    bid(app, live_auction, people["alice"], 140_000)
    assert needs(alice) == []


def test_who_has_no_chance_left_is_not_asked_to_bid(
    app: Flask, live_auction: Auction, people: dict[str, Person], alice: Browser
) -> None:
    for amount in (110_000, 115_000, 120_000):
        bid(app, live_auction, people["alice"], amount)
    bid(app, live_auction, people["bob"], 130_000)
    record(app, live_auction)
    assert needs(alice) == []


@pytest.mark.parametrize("bar", [{"is_staff": True}, {"blocked_at": utcnow()}], ids=["staff", "blocked"])
def test_who_may_not_bid_is_nowhere_asked_to_bid_more(
    app: Flask, live_auction: Auction, people: dict[str, Person], alice: Browser, bar: dict[str, Any]
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    record(app, live_auction)
    assert needs(alice) and "금액 올리기" in alice.get("/me/bids").get_data(as_text=True)
    person = db.session.get_one(Person, people["alice"].id)
    for field, value in bar.items():
        setattr(person, field, value)
    db.session.commit()
    assert needs(alice) == []
    page = alice.get("/me/bids").get_data(as_text=True)
    assert "낙찰 순위 밖" in page and "금액 올리기" not in page


def test_who_is_too_young_for_one_concert_is_not_asked_to_bid_more_there(
    app: Flask, live_auction: Auction, people: dict[str, Person], alice: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    record(app, live_auction)
    auction = db.session.get_one(Auction, live_auction.id)
    auction.concert.age_limit = 19
    db.session.get_one(Person, people["alice"].id).birth_date = auction.concert.starts_at.date()
    db.session.commit()
    assert needs(alice) == []


def test_the_piece_says_whether_it_names_every_auction_in_which_its_reader_is_out(
    app: Flask, live_auction: Auction, people: dict[str, Person], alice: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    record(app, live_auction)
    piece = alice.get(PATH).get_data(as_text=True)
    assert " data-all" in piece and f'data-auction="{live_auction.id}"' in piece
    monkeypatch.setattr("cashticket.blueprints.me.needs.AUCTIONS_ASKED", 1)
    assert " data-all" not in alice.get(PATH).get_data(as_text=True)


def test_a_seat_to_buy_is_told_with_its_end_until_it_is_bought(
    settled_auction: int, people: dict[str, Person], alice: Browser, bob: Browser, carol: Browser
) -> None:
    [line] = needs(alice)
    assert "VIP-1" in line and "150,000원" in line and "Spring Night" in line and "까지" in line
    assert len(needs(bob)) == 1 and needs(carol) == []
    awards.buy(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    awards.decline(award_of(settled_auction, people["bob"].id).id, people["bob"].id, utcnow())
    assert needs(alice) == needs(bob) == []
    [line] = needs(carol)
    assert "VIP-2" in line and "130,000원" in line


def test_strangers_get_an_empty_piece_and_no_cookie(client: Browser) -> None:
    assert needs(client) == []
    assert "Set-Cookie" not in client.get(PATH).headers


@pytest.mark.parametrize("path", ["/", "/concerts/", "/concerts/?q=밤"])
def test_the_pages_for_everybody_load_it_for_the_signed_in_alone(
    client: Browser, alice: Browser, people: dict[str, Person], path: str
) -> None:
    assert "/me/needs" not in client.get(path).get_data(as_text=True)
    page = alice.get(path).get_data(as_text=True)
    assert 'hx-get="/me/needs?lang=ko"' in page
