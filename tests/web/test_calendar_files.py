"""Calendar files: of an auction for everybody, of an award for its owner alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cashticket.extensions import db
from cashticket.models import Auction, Award, Person
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
    in_one_unit(lambda session: session.execute(update(Award).values(state="lapsed")))
    assert alice.get(path).status_code == 404
