"""`flask concert import` with auctions and posters: all or nothing, every fault at once, a repeat adds nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from cashticket.catalogue.import_files.table import ROWS_MAX
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction, Concert, OperatorAct, Seat
from cashticket.wiring import current_engine

HEADING = "title,artist,venue,starts,genre,age_limit,poster,seats,minimum,step,opens,closes,soft_close,pricing"
SPRING = '봄밤,등불,한강홀,2041-04-10T19:00,재즈,14,,2,"100,000",5000,2041-04-01T12:00,+2d,60,uniform'
SUMMER = "여름밤,등불,한강홀,2041-07-10T19:00,,,,,,,,,,"
AUTUMN = "가을밤,등불,한강홀,2041-10-10T19:00,,,,1,50000,1000,now,+1h,,"


def run(app: Flask, file: Path, *more: str) -> Result:
    return app.test_cli_runner().invoke(args=["concert", "import", str(file), *more])


def done(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "season.csv"
    path.write_text("\r\n".join((HEADING, SPRING, SUMMER, AUTUMN)), "utf-8-sig", newline="")
    return path


def stored(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_season_is_added_with_its_auctions(app: Flask, file: Path) -> None:
    spring, summer, autumn = done(run(app, file, "--json"))
    assert (spring["genre"], summer["auctions"], len(autumn["auctions"])) == ("재즈", [], 1)
    row = db.session.get_one(Auction, spring["auctions"][0])
    assert (row.seats, row.minimum, row.step, row.pricing, row.soft_close_seconds) == (2, 100_000, 5_000, "uniform", 60)
    assert row.closes_at - row.opens_at == timedelta(days=2)
    assert current_engine().read(row.id).terms == terms_of(row) and stored(Seat) == 3
    running = db.session.get_one(Auction, autumn["auctions"][0])
    assert abs(current_engine().clock() - to_ms(running.opens_at)) < 60_000


def test_the_same_file_again_adds_nothing(app: Flask, file: Path) -> None:
    done(run(app, file, "--json"))
    again = run(app, file, "--json")
    assert done(again) == [] and "3 of them were there already" in again.stderr
    assert (stored(Concert), stored(Auction)) == (3, 2)


def test_terms_added_to_a_known_concert_publish_its_auction(app: Flask, file: Path) -> None:
    done(run(app, file, "--json"))
    more = [*SUMMER.split(",")[:4], "", "", "", "5", "1000", "1000", "now", "+1d", "", ""]
    file.write_text(f"{HEADING}\n{','.join(more)}", "utf-8")
    assert "0 concerts and 1 auctions added" in run(app, file).stderr
    assert (stored(Concert), stored(Auction)) == (3, 3)


def test_json_says_the_same(app: Flask, tmp_path: Path) -> None:
    terms = {"seats": 3, "minimum": 100_000, "step": 5_000, "opens": "2041-04-01T12:00", "closes": "2041-04-03T12:00"}
    concert = {"title": "봄밤", "artist": "등불", "venue": "한강홀", "starts": "2041-04-10T19:00", "age_limit": 14}
    path = tmp_path / "season.json"
    path.write_text(json.dumps([concert | terms]), "utf-8")
    [added] = done(run(app, path, "--json"))
    assert added["age_limit"] == 14 and db.session.get_one(Auction, added["auctions"][0]).seats == 3


def test_a_row_may_name_a_ceiling_which_then_tells_auctions_apart(app: Flask, file: Path) -> None:
    def import_spring(maximum: str) -> list[int]:
        file.write_text(f"{HEADING},maximum\n{SPRING},{maximum}", "utf-8")
        done(run(app, file, "--json"))
        db.session.rollback()
        return list(db.session.scalars(select(Auction.maximum).order_by(Auction.id)))

    assert import_spring("") == [10_000_000]
    assert import_spring("") == import_spring("10000000") == [10_000_000]
    assert import_spring("250000") == [10_000_000, 250_000]
    assert import_spring("") == [10_000_000, 250_000]
    file.write_text(f"{HEADING},maximum\n{SPRING},99999", "utf-8")
    assert "row 1: maximum: lies below the minimum" in run(app, file).stderr


def test_a_row_may_say_what_the_seats_are_and_two_zones_are_two_auctions(app: Flask, file: Path) -> None:
    def import_zones(*zones: str) -> list[str | None]:
        rows = [f'{SPRING},{zone},정면,"굿즈, 사진","150,000"' for zone in zones]
        file.write_text("\n".join((f"{HEADING},zone,view,benefits,face_price", *rows)), "utf-8")
        done(run(app, file, "--json"))
        db.session.rollback()
        return list(db.session.scalars(select(Auction.zone).order_by(Auction.id)))

    assert import_zones("A구역", "B구역") == import_zones("A구역", "B구역") == ["A구역", "B구역"]
    row = db.session.scalars(select(Auction)).first()
    assert row and (row.view, row.benefits, row.face_price) == ("정면", "굿즈, 사진", 150_000)
    file.write_text(f"{HEADING},rows,maximum\n{SPRING},2x1,777000", "utf-8")
    done(run(app, file, "--json"))
    assert list(db.session.scalars(select(Auction.rows).where(Auction.maximum == 777_000))) == ["2x1"]
    file.write_text(f"{HEADING},zone,face_price,rows\n{SPRING},{'가' * 41},0,5x4", "utf-8")
    refused = run(app, file)
    assert "row 1: face_price: '0' is no whole number from 1" in refused.stderr
    assert "row 1: zone: The zone must have at most 40 characters" in refused.stderr
    assert "row 1: rows: The rows have 20 seats in all, not 2" in refused.stderr


def test_a_row_may_say_how_long_winners_and_offered_people_may_buy(app: Flask, file: Path) -> None:
    file.write_text(f"{HEADING},purchase_hours,offer_hours\n{SPRING},48,6", "utf-8")
    done(run(app, file, "--json"))
    row = db.session.scalars(select(Auction)).one()
    assert (row.purchase_hours, row.offer_hours) == (48, 6)
    file.write_text(f"{HEADING},purchase_hours,offer_hours\n{SPRING},169,0", "utf-8")
    refused = run(app, file)
    assert "row 1: purchase_hours: '169' is no whole number from 1 to 168" in refused.stderr
    assert "row 1: offer_hours: '0' is no whole number from 1 to 168" in refused.stderr


def test_a_dry_run_tells_and_adds_nothing(app: Flask, file: Path) -> None:
    result = run(app, file, "--dry-run", "--json")
    assert [(row["title"], row["id"]) for row in done(result)] == [("봄밤", None), ("여름밤", None), ("가을밤", None)]
    assert "3 concerts and 2 auctions would be added" in result.stderr
    assert (stored(Concert), stored(Auction), stored(OperatorAct)) == (0, 0, 0)
    assert current_engine().auctions() == [] and not app.extensions["settings"].posters.exists()


def test_every_fault_is_told_with_its_row_and_nothing_is_added(app: Flask, file: Path) -> None:
    rows = [
        "A,B,C,next week,,,,,,,,,,",
        "A,B,C,2041-04-10T19:00,,adult,,,,,,,,",
        ",B,C,2041-04-10T19:00,,,,,,,,,,",
        "A,B,C,2041-04-10T19:00,,,,0,x,5000,later,+1w,,dutch",
        "A,B,C,2041-04-10T19:00,,,,5,,,,,,",
        "A,B,C,2041-04-10T19:00,,,no.jpg,,,,,,,",
    ]
    file.write_text("\n".join((HEADING, SPRING, *rows)), "utf-8")
    result = run(app, file)
    faults = [
        "row 2: starts: 'next week'",
        "row 3: age_limit: 'adult'",
        "row 4: title: is missing",
        "row 5: seats: '0'",
        "row 5: minimum: 'x'",
        "row 5: opens: 'later'",
        "row 5: closes: '+1w'",
        "row 5: pricing: 'dutch'",
        "row 6: minimum: is missing",
        "row 6: closes: is missing",
    ]
    assert result.exit_code == 1 and result.stdout == ""
    lines = result.stderr.splitlines()
    assert [fault for fault in faults if not any(line.startswith(fault) for line in lines)] == []
    assert lines[-1].startswith("Error: Nothing was added from season.csv: row 2: starts:") and "more" in lines[-1]
    assert stored(Concert) == stored(Auction) == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,B,C,2041-04-10T19:00,,,,5,1000,1000,now,2041-04-10T18:00,,", "deadline"),
        ("A,B,C,2001-04-10T19:00,,,,5,1000,1000,now,+1h,,", "already started"),
        ("A,B,C,2041-04-10T19:00,,,,5,1000,1000,2041-04-02T10:00,2041-04-01T10:00,,", "close after it opens"),
        ("A,B,C,2041-04-10T19:00,,,missing.jpg,,,,,,,", "poster: The poster"),
    ],
)
def test_what_can_only_be_told_beside_other_rows_is_told_with_the_row_too(
    app: Flask, file: Path, row: str, words: str
) -> None:
    file.write_text("\n".join((HEADING, SPRING, row)), "utf-8")
    result = run(app, file)
    assert result.exit_code == 1 and "row 2: " in result.stderr and words in result.stderr
    assert stored(Concert) == stored(Auction) == stored(Seat) == 0 and current_engine().auctions() == []


def test_posters_beside_the_file_are_taken_in(app: Flask, file: Path) -> None:
    Image.new("RGB", (600, 800), "navy").save(file.with_name("spring.png"))
    file.write_text(f"{HEADING}\n{SPRING.replace(',14,,', ',14,spring.png,')}", "utf-8")
    [added] = done(run(app, file, "--json"))
    assert (app.extensions["settings"].posters / f"{added['poster']}-640.webp").exists()
    listed = app.test_cli_runner().invoke(args=["concert", "list", "--json"]).stdout
    file.write_text(listed, "utf-8")
    assert done(run(app, file, "--json")) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff" * 100, "0xFF is not UTF-8"),
        (b"title,artist,Title\nA,B,C", "title twice"),
        (b"x" * 5_000_001, "larger than 5 MB"),
        (("title\n" + "A\n" * (ROWS_MAX + 1)).encode(), "at most 5000"),
        (b'{"title": "A"}', "array"),
        (b'title,artist\n"A', "CSV"),
        (b"[1e999999, NaN", "JSON"),
    ],
    ids=range(7),
)
def test_an_unreadable_file_is_refused_with_what_to_do(app: Flask, file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    result = run(app, file)
    assert result.exit_code == 1 and words in result.stderr.splitlines()[-1]
    assert stored(Concert) == 0


def test_a_list_separated_by_semicolons_is_read(app: Flask, file: Path) -> None:
    file.write_text("Title; Artist;VENUE;starts-at\nA;B, C;D;2041-04-10T19:00\n\n;;;\n", "utf-8")
    [added] = done(run(app, file, "--json"))
    assert added["artist"] == "B, C"


def test_a_store_that_fails_in_the_middle_is_gone_on_with_by_a_repeat(app: Flask, file: Path) -> None:
    class Failing(RedisEngine):
        """Opens one auction, then is unreachable."""

        def open(self, terms: Any) -> bool:
            if self.auctions():
                raise StoreUnavailable("away")
            return super().open(terms)

    engine = app.extensions["engine"]
    app.extensions["engine"] = Failing(connect(app.extensions["settings"].redis_url))
    result = run(app, file)
    assert result.exit_code == 1 and result.stdout == ""
    assert "1 of 2 auctions are open" in result.stderr and "import the same file again" in result.stderr
    app.extensions["engine"] = engine
    assert run(app, file).exit_code == 0
    assert (stored(Concert), stored(Auction)) == (3, 2) and len(current_engine().auctions()) == 2
    [act] = db.session.scalars(select(OperatorAct))
    assert len(act.facts["auctions"]) == 2, "kept by the run that stored them"


def test_concerts_alone_need_no_live_store(app: Flask, file: Path) -> None:
    app.extensions["engine"] = RedisEngine(connect("unix:///nowhere/redis.sock"))
    file.write_text(f"{HEADING}\n{SUMMER}", "utf-8")
    assert len(done(run(app, file, "--json"))) == 1
    file.write_text(f"{HEADING}\n{SPRING}", "utf-8")
    result = run(app, file)
    assert result.exit_code == 1 and "live store" in result.stderr and stored(Auction) == 0


def test_the_import_is_kept_as_an_act(app: Flask, file: Path) -> None:
    added = done(run(app, file, "--json", "--operator", "olga"))
    run(app, file)
    [act] = db.session.scalars(select(OperatorAct))
    assert (act.operator, act.act, act.subject) == ("olga", "concert import", "season.csv")
    assert act.facts["concerts"] == [row["id"] for row in added]


def test_concerts_are_listed_by_filters_and_as_a_spreadsheet(app: Flask, file: Path) -> None:
    done(run(app, file, "--json"))

    def titles(*words: str) -> list[str]:
        shown = app.test_cli_runner().invoke(args=["concert", "list", "--json", *words]).stdout
        return [row["title"] for row in json.loads(shown)]

    assert (
        titles("--genre", "재즈") == titles("--search", "등불 봄") == titles("--before", "2041-05-01T00:00") == ["봄밤"]
    )
    assert titles("--after", "2041-07-10T19:00") == ["여름밤", "가을밤"]
    raw = app.test_cli_runner().invoke(args=["concert", "list", "--csv"]).stdout_bytes
    lines = raw.decode("utf-8-sig").splitlines()
    assert raw.startswith(b"\xef\xbb\xbf") and lines[0].startswith("id,title,artist") and len(lines) == 4
