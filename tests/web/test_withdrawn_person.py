"""What a person sees whose standing was withdrawn, who comes in, and everybody in the public record."""

import csv
import io

import pytest
from flask import Flask

from cashticket.ledger.recording import record_waiting
from cashticket.wiring import current_engine
from cashticket.work.closing import close_and_settle
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage, open_auction
from tests.web.bidding import PIECE, send
from tests.web.my_page import words_of


@pytest.fixture
def withdrawn(app: Flask, alice: Browser, bob: Browser) -> int:
    """An auction of one seat in which alice's bid of 120,000 won was taken out, and bob's of 110,000 came in."""
    auction_id = open_auction(seats=1)
    for browser, amount in ((bob, 110_000), (alice, 120_000)):
        browser.get(f"/auctions/{auction_id}")
        assert send(browser, auction_id, amount).status_code == 201
    leader = current_engine().read(auction_id).top[0].person
    assert current_engine().withdraw(auction_id, leader).entry
    record_waiting(current_engine(), auction_id)
    return auction_id


def standing(browser: Browser, auction_id: int) -> str:
    return browser.get(f"/auctions/{auction_id}/standing", headers=PIECE).get_data(as_text=True)


def test_the_person_reads_that_the_bid_was_taken_out(alice: Browser, withdrawn: int) -> None:
    piece = standing(alice, withdrawn)
    assert "입찰이 순위에서 빠졌어요" in piece and "아직 입찰하지 않았어요" not in piece
    words = words_of(alice, "/me/bids")
    assert "Your bid was taken out of the order" in words and "₩120,000" in words
    assert "do not answer" not in words


def test_who_comes_in_is_winning_and_has_a_notice(bob: Browser, withdrawn: int) -> None:
    assert 'data-position="winning"' in standing(bob, withdrawn)
    words = words_of(bob, "/me/notifications")
    assert "You moved into the seats" in words and "₩110,000" in words


def test_somebody_else_reads_nothing_of_it(mallory: Browser, withdrawn: int) -> None:
    assert "빠졌어요" not in standing(mallory, withdrawn)


def test_the_record_shows_it_by_alias_and_never_why(app: Flask, client: Browser) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("mallory", 130_000), ("alice", 125_000)):
        stage.bid(name, amount)
    assert stage.engine.withdraw(stage.id, stage.people["mallory"], stage._ends[stage.id] - 400).entry
    close_and_settle(stage.engine, stage.id)
    page = client.get(f"/auctions/{stage.id}/record").get_data(as_text=True)
    assert "순위에서 빠짐" in page
    lines = client.get(f"/auctions/{stage.id}/record.csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert [(row["sequence"], row["withdrawal"]) for row in rows] == [("1", "no"), ("2", "no"), ("3", "yes")]
    assert rows[2]["alias"] == rows[0]["alias"] and rows[2]["amount"] == "130000"
