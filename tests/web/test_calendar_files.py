"""Calendar files: of an auction for everybody, of an award for its owner alone."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.extensions import db
from cashticket.models import Auction, Award, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def lines_of(browser: Browser, path: str) -> list[str]:
    answer = browser.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    return answer.get_data().replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_file_of_an_auction_is_the_same_for_everybody_and_says_that_the_end_may_move(
    client: Browser, alice: Browser, live_auction: Auction
) -> None:
    path = f"/auctions/{live_auction.id}/calendar.ics?lang=en"
    lines = lines_of(client, path)
    assert lines == lines_of(alice, path) and "Set-Cookie" not in alice.get(path).headers
    assert client.get(path).headers["Cache-Control"].startswith("public")
    assert f"DTSTART:{live_auction.ends_at:%Y%m%dT%H%M%SZ}" in lines and lines.count("BEGIN:VALARM") == 2
    assert "can move to later" in " ".join(lines)
    assert f'href="{path}"' in client.get(f"/auctions/{live_auction.id}?lang=en").get_data(as_text=True)
    later = live_auction.ends_at + timedelta(minutes=5)
    in_one_unit(lambda session: session.execute(update(Auction).values(ends_at=later)))
    moved = lines_of(client, path)
    assert [line for line in lines if line.startswith("UID")] == [line for line in moved if line.startswith("UID")]
    versions = [next(int(line[9:]) for line in each if line.startswith("SEQUENCE:")) for each in (lines, moved)]
    assert versions[1] == versions[0] + 300 and f"DTSTART:{later:%Y%m%dT%H%M%SZ}" in moved
    assert client.get("/auctions/999999/calendar.ics").status_code == 404


def test_the_file_of_an_award_is_for_its_owner_alone(
    client: Browser, alice: Browser, mallory: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    award = db.session.scalars(select(Award).where(Award.person_id == people["alice"].id)).one()
    path = f"/awards/{award.id}/calendar.ics"
    lines = lines_of(alice, path)
    assert lines.count("BEGIN:VEVENT") == 2 and f"DTSTART:{award.expires_at:%Y%m%dT%H%M%SZ}" in lines
    assert f'href="{path}"' in alice.get("/me/tickets").get_data(as_text=True)
    assert mallory.get(path).status_code == 404 and client.get(path).status_code == 303
    in_one_unit(lambda session: session.execute(update(Award).values(state="bought")))
    assert lines_of(alice, path).count("BEGIN:VEVENT") == 1


def values(lines: list[str], name: str) -> list[str]:
    return [line.removeprefix(f"{name}:") for line in lines if line.startswith(f"{name}:")]


def is_taken_out(before: list[str], after: list[str]) -> bool:
    """Whether `after` takes exactly the appointments of `before` out of a calendar, and rings for none."""
    versions = zip(values(before, "SEQUENCE"), values(after, "SEQUENCE"), strict=True)
    return (
        "STATUS:CANCELLED" not in before
        and values(after, "UID") == values(before, "UID")
        and values(after, "STATUS") == ["CANCELLED"] * len(values(after, "UID"))
        and all(int(old) < int(new) for old, new in versions)
        and "BEGIN:VALARM" not in after
    )


@pytest.mark.parametrize("command", ["auction void", "concert cancel"])
def test_the_file_of_a_void_auction_takes_both_moments_out_of_calendars_and_says_why(
    app: Flask, client: Browser, live_auction: Auction, command: str
) -> None:
    path, ids = f"/auctions/{live_auction.id}/calendar.ics?lang=en", (live_auction.id, live_auction.concert_id)
    before, tag = lines_of(client, path), client.get(path).headers["ETag"]
    subject = ids[command == "concert cancel"]
    result = app.test_cli_runner().invoke(args=[*command.split(), str(subject), "--why", "the singer, is ill"])
    assert result.exit_code == 0, result.output
    after = lines_of(client, path)
    assert is_taken_out(before, after) and client.get(path, headers={"If-None-Match": tag}).status_code == 200
    text = " ".join(after)
    assert "Auction void: " in text and "Bidding ends" not in text and "can move to later" not in text
    assert "the singer\\, is ill" in text


@pytest.mark.parametrize("state", ["lapsed", "declined", "revoked", "voided", "run out"])
def test_the_file_of_a_lost_seat_takes_its_moments_out_of_calendars(
    alice: Browser, people: dict[str, Person], settled_auction: int, state: str
) -> None:
    award = db.session.scalars(select(Award).where(Award.person_id == people["alice"].id)).one()
    path = f"/awards/{award.id}/calendar.ics?lang=en"
    before = lines_of(alice, path)
    change = {"expires_at": utcnow() - timedelta(seconds=1)} if state == "run out" else {"state": state}
    in_one_unit(lambda session: session.execute(update(Award).values(**change)))
    after = lines_of(alice, path)
    assert is_taken_out(before, after) and "Last moment to buy" not in " ".join(after)
    assert values(after, "DTSTART")[1:] == values(before, "DTSTART")[1:]
