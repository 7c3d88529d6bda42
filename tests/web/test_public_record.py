"""The public record of an ended auction: every accepted bid by alias, as pages and as CSV, the same for everybody."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.auction.aliases import alias
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Auction, GivenUpBid, Person, SequenceGap
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.work.closing import close_and_settle
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage, open_auction
from tests.staging.rows import END, add_people, change_person
from tests.staging.settlement import add_ended_auction, add_settled_auction

ROW = re.compile(r'<tr id="bid-(\d+)"')


def page(browser: Browser, auction: int, query: str = "", status: int = 200) -> str:
    answer = browser.get(f"/auctions/{auction}/record{query}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def numbers(text: str) -> list[int]:
    return [int(number) for number in ROW.findall(text)]


def cells(browser: Browser, auction: int) -> list[dict[str, str]]:
    """The rows of the CSV by column."""
    answer = browser.get(f"/auctions/{auction}/record.csv")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeffsequence,alias,")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def settle(stage: Stage) -> None:
    """Let the auction of the stage end now."""
    stage.engine.close(stage.id, now_ms=stage.engine.read(stage.id).ends_at_ms)
    close_and_settle(stage.engine, stage.id)


def long_auction(bids: int, **fields: object) -> int:
    """The id of a settled auction in which so many people bid once."""
    people = add_people(bids)
    state = {"state": State.SETTLED, "settled_at": END}
    return add_ended_auction([(person, 100_000) for person in people], **state | fields)


def test_every_accepted_bid_is_in_the_record_under_an_alias(app: Flask) -> None:
    stage, reader = Stage(app), Browser(app)
    opened = stage.engine.read(stage.id).terms.opens_at_ms
    bids = (("alice", 100_000), ("bob", 110_000), ("alice", 120_000))
    for number, (name, amount) in enumerate(bids, 1):
        stage.bid(name, amount, now_ms=stage.engine.clock() + number)
    settle(stage)
    rows, salt = cells(reader, stage.id), stage.row().alias_salt
    names = [alias(salt, stage.id, stage.people[name]) for name, _ in bids]
    assert [row["alias"] for row in rows] == names
    assert [(row["sequence"], row["bid"], row["amount"]) for row in rows] == [
        ("1", "1", "100000"),
        ("2", "1", "110000"),
        ("3", "2", "120000"),
    ]
    assert [(row["rank"], row["final_rank"], row["kept"]) for row in rows] == [
        ("1", "", "yes"),
        ("1", "2", "yes"),
        ("1", "1", "yes"),
    ]
    assert [row["cutoff"] for row in rows] == ["100000", "100000", "110000"]
    recorded = [iso(bid.at_ms) for bid in stage.recorded()]
    assert [row["at"] for row in rows] == recorded and all(at > iso(opened) for at in recorded)
    text = page(reader, stage.id, "?lang=en")
    assert numbers(text) == [1, 2, 3] and all(name in text for name in names)
    assert "₩120,000" in text and "Cut-off ₩110,000" in text


def test_nobody_is_named_and_whoever_left_stays_an_alias(app: Flask) -> None:
    stage, reader = Stage(app), Browser(app)
    for name, amount in (("alice", 100_000), ("bob", 110_000)):
        stage.bid(name, amount)
    settle(stage)
    before = reader.get(f"/auctions/{stage.id}/record.csv").data
    change_person(stage.people["alice"], closed_at=utcnow(), name="")
    assert reader.get(f"/auctions/{stage.id}/record.csv").data == before
    answers = before.decode() + page(reader, stage.id).partition("<main")[2]
    assert not re.search("alice|bob|@", answers)


@pytest.mark.parametrize("path", ["record", "record?page=2&lang=en", "record.csv"])
def test_everybody_gets_the_same_bytes_and_no_cookie(
    people: dict[str, Person], browser: Callable[[], Browser], path: str
) -> None:
    address = f"/auctions/{long_auction(60)}/{path}"
    answers = [each.get(address) for each in (browser(), sign_in(browser(), "alice"))]
    assert answers[0].data == answers[1].data and answers[0].status_code == 200
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        assert b"csrf" not in answer.data


@pytest.mark.parametrize("path", ["record", "record?page=2", "record.csv"])
def test_an_unchanged_record_is_answered_by_304_until_it_changes(app: Flask, client: Browser, path: str) -> None:
    auction = long_auction(60)
    first = client.get(f"/auctions/{auction}/{path}")
    again = client.get(f"/auctions/{auction}/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"") and again.headers["ETag"] == first.headers["ETag"]
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction), "state", State.VOIDED))
    after = client.get(f"/auctions/{auction}/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200


def test_every_number_is_on_exactly_one_page(app: Flask, client: Browser) -> None:
    auction = long_auction(120)
    pages = [numbers(page(client, auction, f"?page={number}")) for number in (1, 2, 3)]
    assert [number for each in pages for number in each] == list(range(1, 121))
    assert [len(each) for each in pages] == [50, 50, 20]
    path = f"/auctions/{auction}/record"
    links = dict(re.findall(r'href="([^"]+)" rel="(first|prev|next|last)"', page(client, auction, "?page=2&lang=en")))
    assert links == {f"{path}?lang=en": "prev", f"{path}?page=3&amp;lang=en": "last"}
    assert [row["sequence"] for row in cells(client, auction)] == [str(number) for number in range(1, 121)]


@pytest.mark.parametrize("number", ["0", "4", "-1", "1e3", "x", "", "01", "9" * 30])
def test_a_page_that_there_is_not_leads_to_those_that_there_are(app: Flask, client: Browser, number: str) -> None:
    auction = long_auction(120)
    text = page(client, auction, f"?page={number}&lang=en", status=404)
    assert "The record has 3 pages." in text and f'href="/auctions/{auction}/record?lang=en"' in text


@pytest.mark.parametrize("path", ["record", "record.csv"])
def test_there_is_no_record_before_the_end(app: Flask, client: Browser, path: str) -> None:
    auction = open_auction()
    answer = client.get(f"/auctions/{auction}/{path}")
    assert (answer.status_code, answer.location) == (302, f"/auctions/{auction}")
    assert client.get(f"/auctions/999999/{path}").status_code == 404


def test_a_voided_auction_keeps_its_record_and_says_so(app: Flask, client: Browser) -> None:
    auction = long_auction(2, state=State.VOIDED, settled_at=None, voided_at=END)
    text = page(client, auction, "?lang=en")
    assert "The organiser voided this auction" in text and numbers(text) == [1, 2]
    assert [row["final_rank"] for row in cells(client, auction)] == ["", ""]
    assert "Nobody bid in this auction." in page(client, long_auction(0), "?lang=en")


def test_bids_that_could_not_be_kept_are_rows_and_given_up_numbers_are_named(app: Flask, client: Browser) -> None:
    person, other = add_people(2)
    auction = add_ended_auction([(person, 100_000)], state=State.SETTLED, recorded_sequence=5)
    lost = GivenUpBid(
        auction_id=auction, sequence=3, person_id=other, nth=1, amount=190_000, at_ms=1, request_id="r", reason="secret"
    )
    gap = SequenceGap(auction_id=auction, first=2, last=5, reason="secret too")
    in_one_unit(lambda session: session.add_all([lost, gap]))
    db.session.remove()
    text = page(client, auction, "?lang=en")
    assert "under the numbers 2 to 5" in text and "could not be kept, so it does not count" in text
    assert "₩190,000" in text and "secret" not in text
    assert [(row["sequence"], row["kept"], row["rank"]) for row in cells(client, auction)] == [
        ("1", "yes", "1"),
        ("3", "no", ""),
    ]


def test_the_results_lead_to_the_record(app: Flask, client: Browser) -> None:
    auction = add_settled_auction([(person, 100_000) for person in add_people(2)])
    for query in ("", "?lang=en"):
        results = client.get(f"/auctions/{auction}/results{query}").get_data(as_text=True)
        assert f'href="/auctions/{auction}/record{query}"' in results
    assert f'href="/auctions/{auction}/results?lang=en"' in page(client, auction, "?lang=en")
