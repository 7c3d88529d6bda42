"""English readers read a concert's English title, artist and venue wherever it is named; without one, the Korean."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Auction, Concert, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.notify.notices import write
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage
from tests.staging.every_mail import KEYS

ENGLISH = {"title_en": "Night of the Han", "artist_en": "The Lights", "venue_en": "River Hall"}


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A running auction of a concert with a Korean name and an English one."""
    stage = Stage(app)
    concert = db.session.get_one(Concert, stage.concert_id)
    concert.title, concert.artist, concert.venue = "한강의 밤", "등불", "강변홀"
    for name, value in ENGLISH.items():
        setattr(concert, name, value)
    db.session.commit()
    page_cache().drop()
    return stage


@pytest.mark.parametrize("path", ["/", "/concerts/", "/concerts/{concert}", "/auctions/{auction}"])
def test_pages_name_it_in_the_readers_language(stage: Stage, client: Browser, path: str) -> None:
    path = path.format(concert=stage.concert_id, auction=stage.id)
    korean = client.get(f"{path}?lang=ko").get_data(as_text=True)
    english = client.get(f"{path}?lang=en").get_data(as_text=True)
    for name, word in (("한강의 밤", "Night of the Han"), ("등불", "The Lights"), ("강변홀", "River Hall")):
        assert name in korean and word not in korean, path
        assert word in english and name not in english, path


def test_cities_and_genres_that_we_know_are_written_in_the_readers_language(stage: Stage, client: Browser) -> None:
    concert = db.session.get_one(Concert, stage.concert_id)
    concert.city, concert.genre = "서울", "새로운 장르"
    db.session.commit()
    page_cache().drop()
    for path in (f"/concerts/{stage.concert_id}", "/concerts/", "/concerts/?city=서울"):
        english = client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
        korean = client.get(f"{path}{'&' if '?' in path else '?'}lang=ko").text
        assert ">Seoul<" in english and ">새로운 장르<" in english and ">서울<" in korean and "Seoul" not in korean
    assert "Night of the Han" in english, "the filter takes the city as it is stored"


def test_the_ladder_and_the_review_name_it(
    stage: Stage, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    alice = sign_in(browser(), "alice")
    for path in (f"/auctions/{stage.id}/ladder?lang=en", f"/auctions/{stage.id}/confirm?amount=100000&lang=en"):
        page = alice.get(path).get_data(as_text=True)
        assert "Night of the Han" in page and "한강의 밤" not in page, path


def test_what_has_no_english_name_is_called_as_in_korean(stage: Stage, client: Browser) -> None:
    db.session.get_one(Concert, stage.concert_id).artist_en = None
    db.session.commit()
    page_cache().drop()
    page = client.get(f"/concerts/{stage.concert_id}?lang=en").get_data(as_text=True)
    assert "등불" in page and "River Hall" in page


def test_a_search_finds_it_by_either(stage: Stage, client: Browser) -> None:
    for words in ("lights", "ㄷㅂ", "river 한강"):
        page = client.get("/concerts/", query_string={"q": words}).get_data(as_text=True)
        assert f'href="/concerts/{stage.concert_id}"' in page, words


@pytest.mark.parametrize(("locale", "title"), [("ko", "한강의 밤"), ("en", "Night of the Han")])
def test_mails_and_alerts_name_it_in_the_language_of_their_reader(stage: Stage, locale: str, title: str) -> None:
    auction = db.session.get_one(Auction, stage.id)
    person = Person(name="alice", email="alice@example.com", locale=locale)
    facts = {"seat": "VIP-1", "rank": 1, "price": 100_000, "expires_at": (utcnow() + timedelta(days=1)).isoformat()}
    notice = Notification(kind=NoticeKind.WON, auction_id=stage.id, facts=facts)
    letter = write(notice, person, auction, "https://example.com", KEYS)
    assert [each for each in ("한강의 밤", "Night of the Han") if each in letter.subject + letter.body] == [title]
    assert queries.titles([stage.id]) == {stage.id: {"ko": "한강의 밤", "en": "Night of the Han"}}


def test_a_command_takes_and_prints_it(app: Flask) -> None:
    words = ["--title", "밤", "--artist", "등불", "--venue", "홀", "--title-en", "Night", "--venue-en", "Hall"]
    starts = ["--starts", "2041-04-10T19:00"]
    result = app.test_cli_runner().invoke(args=["concert", "add", *words, *starts, "--json"])
    row = json.loads(result.stdout)
    assert (row["title_en"], row["artist_en"], row["venue_en"]) == ("Night", None, "Hall")


def test_an_import_takes_it_and_says_which_is_wrong(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "season.csv"
    heading = "title,artist,venue,starts,title_en,artist_en,venue_en,city"
    file.write_text(f"{heading}\n밤,등불,홀,2041-04-10T19:00,Night,Lights,Hall,서울\n", "utf-8")
    run = app.test_cli_runner()
    [row] = json.loads(run.invoke(args=["concert", "import", str(file), "--json"]).stdout)
    assert (row["title_en"], row["artist_en"], row["venue_en"], row["city"]) == ("Night", "Lights", "Hall", "서울")
    for name, wrong in (("title_en", "x" * 201), ("venue_en", "a\x1bb"), ("city", "y" * 61)):
        cells = {"title_en": "", "artist_en": "", "venue_en": "", "city": ""} | {name: wrong}
        file.write_text(f"{heading}\n숲,등불,홀,2041-04-10T19:00,{','.join(cells.values())}\n", "utf-8")
        result = run.invoke(args=["concert", "import", str(file)])
        assert result.exit_code != 0 and f"row 1: {name}:" in result.output, name
