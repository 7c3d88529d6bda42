"""What an auction asks of its bidders: `auction add` and imports take it, `show` and lists print it."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.extensions import db
from cashticket.models import Auction
from tests.cli.auctions import add, run, stored
from tests.cli.test_concert_commands import assert_one_line, data
from tests.staging.sms import Phones

HEADING = "title,artist,venue,starts,seats,minimum,step,opens,closes"
SPRING = "봄밤,등불,한강홀,2041-04-10T19:00,2,100000,5000,2041-04-01T12:00,+2d"


@pytest.fixture
def sms(app: Flask, tmp_path: Path) -> Phones:
    """Phones can be proven."""
    return Phones(app, tmp_path / "sms")


def imported(app: Flask, file: Path, *cells: str) -> IdentityTerm:
    file.write_text(f"{HEADING},본인확인\n" + "\n".join(f"{SPRING},{cell}" for cell in cells), "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(file), "--json"])
    assert result.exit_code == 0, result.output
    db.session.rollback()
    return db.session.scalars(select(Auction.identity)).one()


def test_the_term_is_taken_as_typed_and_shown(app: Flask, sms: Phones, concert: int) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], identity_url="local:")
    for term in IdentityTerm:
        added = data(add(app, concert, identity=term.value))
        shown = data(run(app, "show", str(added["id"]), "--json"))
        assert added["identity"] == shown["identity"] == term


def test_a_proven_phone_is_asked_for_where_it_can_be_proven(app: Flask, concert: int, tmp_path: Path) -> None:
    assert data(add(app, concert))["identity"] == "none"
    Phones(app, tmp_path / "sms")
    assert data(add(app, concert))["identity"] == "phone"


def test_nobody_publishes_an_auction_in_which_nobody_could_bid(app: Flask, concert: int) -> None:
    assert_one_line(add(app, concert, identity="phone"), "SMS_URL")
    assert_one_line(add(app, concert, identity="identity"), "IDENTITY_URL")
    assert stored(Auction) == 0


def test_an_import_takes_the_term_and_an_empty_cell_is_the_usual_one(app: Flask, sms: Phones, tmp_path: Path) -> None:
    assert imported(app, tmp_path / "season.csv", "none") is IdentityTerm.NONE
    auctions = app.test_cli_runner().invoke(args=["concert", "list", "--auctions", "--csv"]).stdout
    [row] = csv.DictReader(io.StringIO(auctions.removeprefix("\ufeff")))
    assert row["identity"] == "none"


def test_an_import_without_the_term_asks_for_the_usual_one(app: Flask, sms: Phones, tmp_path: Path) -> None:
    assert imported(app, tmp_path / "season.csv", "") is IdentityTerm.PHONE


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("face", "neither none nor phone nor identity"),
        ("phone", "SMS_URL is not set"),
        ("identity", "IDENTITY_URL is not set"),
    ],
)
def test_an_import_tells_what_it_cannot_take(app: Flask, tmp_path: Path, cell: str, words: str) -> None:
    file = tmp_path / "season.csv"
    file.write_text(f"{HEADING},identity\n{SPRING},{cell}", "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(file)])
    assert result.exit_code != 0 and "row 1: identity: " in result.output and words in result.output
    assert stored(Auction) == 0
