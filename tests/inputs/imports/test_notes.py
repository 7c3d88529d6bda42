"""What a row says and an import does not take is told, and what was moved or named twice is recognised."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from cashticket.catalogue import organisers
from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.extensions import db
from cashticket.models import Auction
from cashticket.wiring import current_engine
from cashticket.work import publishing
from tests.inputs.imports.files import TERMS, TERMS_HEADING

ROW: dict[str, Any] = dict(zip(TERMS_HEADING, TERMS, strict=True))
CONCERT = {name: ROW[name] for name in TERMS_HEADING[:4]}


def notes(app: Flask, folder: Path, *rows: dict[str, Any]) -> list[str]:
    """What an import of the rows tells, each as `row 2: genre` and the sentence."""
    path = folder / "season.json"
    path.write_text(json.dumps(rows), "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(path)])
    assert result.exit_code == 0, result.output
    return [line.removeprefix("Note: ") for line in result.stderr.splitlines() if line.startswith("Note: ")]


def auctions() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Auction)) or 0


def test_what_is_said_otherwise_than_it_is_stored_is_told_within_a_file_and_later(app: Flask, tmp_path: Path) -> None:
    first = ROW | {"genre": "재즈", "age_limit": 14, "purchase_hours": 6}
    other = {"genre": "록", "age_limit": 19, "cancel_until": "2041-04-09T10:00", "description": "새 설명"}
    assert notes(app, tmp_path, first, first | other | {"seats": 5}) == [
        "row 2: genre: '록' is not taken; the concert is there already with '재즈'.",
        "row 2: age_limit: 19 is not taken; the concert is there already with 14.",
        "row 2: description: '새 설명' is not taken; the concert is there already with none.",
        "row 2: cancel_until: 2041-04-09 10:00 is not taken; the concert is there already with 2041-04-09 17:00.",
    ]
    assert notes(app, tmp_path, first) == []
    assert notes(app, tmp_path, ROW | {"purchase_hours": 8, "benefits": "굿즈"}) == [
        "row 1: purchase_hours: 8 is not taken; the auction is there already with 6.",
        "row 1: benefits: '굿즈' is not taken; the auction is there already with none.",
    ]


def test_a_poster_and_an_organiser_that_come_later_are_told(app: Flask, tmp_path: Path) -> None:
    Image.new("RGB", (300, 400)).save(tmp_path / "p.png")
    organisers.save(OrganiserFacts(name="등불기획"))
    assert notes(app, tmp_path, CONCERT) == []
    assert notes(app, tmp_path, CONCERT | {"poster": "p.png", "organiser": "등불기획"}) == [
        "row 1: organiser: is not taken; the concert keeps the one that it has.",
        "row 1: poster: is not taken; the concert keeps the drawn one.",
    ]


def test_two_rows_of_the_same_terms_are_told_to_be_one_auction(app: Flask, tmp_path: Path) -> None:
    told = "row 2: has concert and terms of row 1, so both are one auction; give each a zone to publish two."
    assert notes(app, tmp_path, ROW, ROW) == [told] and auctions() == 1
    assert notes(app, tmp_path, ROW | {"zone": "A"}, ROW | {"zone": "B"}) == [] and auctions() == 3


def test_what_lies_in_the_past_is_told_of_what_is_new_alone(app: Flask, tmp_path: Path) -> None:
    old = CONCERT | {"title": "지난 밤", "starts": "2021-04-10T19:00"}
    past = (old, ROW | {"opens": "2021-04-01T12:00", "closes": "2041-04-03T12:00"})
    assert notes(app, tmp_path, *past) == [
        "row 1: starts: 2021-04-10 19:00 lies in the past, so pages list it no more.",
        "row 2: opens: 2021-04-01 12:00 lies in the past, so bidding begins at once.",
    ]
    assert notes(app, tmp_path, *past) == []


def test_an_auction_whose_end_was_moved_is_not_published_again(app: Flask, tmp_path: Path) -> None:
    span, moment = ROW | {"zone": "A"}, ROW | {"zone": "B", "closes": "2041-04-03T12:00"}
    assert notes(app, tmp_path, span, moment) == []
    for auction_id, closes_at in db.session.execute(select(Auction.id, Auction.closes_at)).all():
        for hours in (1, 2):
            later: datetime = closes_at + timedelta(hours=hours)
            publishing.extend(current_engine(), auction_id, later, "outage", "olga")
    told = "closes: 2041-04-03 12:00 is not taken; the auction is there already with 2041-04-03 14:00."
    assert notes(app, tmp_path, span, moment) == [f"row 1: {told}", f"row 2: {told}"]
    assert auctions() == 2
