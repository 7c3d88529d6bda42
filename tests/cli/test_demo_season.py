"""The demo's season: plausible concerts, one auction that was really held, and nothing added by a repeat."""

import html
import re

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select

from cashticket import redis_keys
from cashticket.accounts import people
from cashticket.auction.values import State
from cashticket.cli.demo import bidders, running_auction
from cashticket.cli.demo.evenings import ENDED, SEASON
from cashticket.cli.demo.season import is_season_auction, seed_season
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import person_queries, queries
from cashticket.models import Auction, Award, Concert, RecordedBid
from cashticket.wiring import current_engine
from cashticket.work.check.compare import check
from tests.fixtures.people import Browser
from tests.staging.rows import DAY
from tests.staging.settlement import position

pytestmark = pytest.mark.sweep


@pytest.fixture
def season(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A seeded installation with few robots: hashing forty passwords would only take time."""
    monkeypatch.setattr(bidders, "ROBOT_COUNT", 4)
    running_auction.seed()
    seeded: dict[str, int] = seed_season()
    db.session.rollback()
    return seeded


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def ended() -> Auction:
    auctions = select(Auction).join(Auction.concert).where(Concert.title == ENDED.title)
    return db.session.scalars(auctions).one()


def test_a_season_spans_months_genres_and_cities(season: dict[str, int]) -> None:
    assert season == {"concerts_added": len(SEASON) + 1}
    concerts = db.session.scalars(select(Concert).order_by(Concert.starts_at)).all()
    assert len(concerts) >= 13 and concerts[-1].starts_at - concerts[0].starts_at > 90 * DAY
    assert len({concert.genre for concert in concerts}) >= 8
    assert len({concert.venue.split()[0] for concert in concerts}) >= 8
    assert len({(concert.title, concert.artist) for concert in concerts}) == len(concerts)


def test_english_readers_read_every_name_in_english_and_no_name_is_missing(
    season: dict[str, int], client: Browser
) -> None:
    for concert in db.session.scalars(select(Concert)).all():
        names = (concert.title_en, concert.artist_en, concert.venue_en)
        assert all(names) and not re.search("[가-힣]", " ".join(map(str, names))), concert.title
    page = client.get("/concerts/?lang=en").get_data(as_text=True)
    assert all(html.escape(evening.title_en) in page and evening.title not in page for evening in (*SEASON, ENDED))


def test_every_auction_says_what_its_seats_are(season: dict[str, int], client: Browser) -> None:
    auctions = db.session.scalars(select(Auction)).all()
    assert len(auctions) == 9
    for auction in auctions:
        assert auction.zone and auction.view and auction.benefits and auction.concert.title
        assert auction.face_price is not None and auction.face_price > auction.minimum
    page = client.get(f"/auctions/{running_auction.seed()['auction']}").get_data(as_text=True)
    assert running_auction.SEAT_FACTS.zone in page and "143,000원" in page


def test_auctions_run_and_open_in_minutes_and_in_weeks(season: dict[str, int]) -> None:
    boards = [current_engine().read(each) for each in current_engine().auctions()]
    states = [board.state for board in boards]
    assert states.count(State.OPEN) >= 2 and states.count(State.SCHEDULED) >= 4
    waits = [board.terms.opens_at_ms - board.now_ms for board in boards if board.state is State.SCHEDULED]
    assert 0 < min(waits) <= 300_000 and max(waits) > 7 * 86_400_000


def test_the_ended_auction_went_through_the_real_thing(season: dict[str, int]) -> None:
    auction = ended()
    assert auction.state == "settled" and check(current_engine(), auction.id).faults == []
    states = sorted(award.state for award in db.session.scalars(select(Award)))
    assert {"bought", "declined", "offered"} <= set(states)
    assert count(RecordedBid) > 6


def test_the_guests_have_something_to_decide(season: dict[str, int]) -> None:
    alice, bob = (people.find_by_email(email) for email, _ in bidders.GUESTS)
    assert alice is not None
    assert bob is not None
    for guest in (alice, bob):
        [award] = person_queries.tickets_of(guest.id)
        assert award.state == "offered", guest.name
    [bobs] = person_queries.tickets_of(bob.id)
    assert bobs.previous_id is not None, "handed over from whoever declined"
    waiting = [robot for robot in range(1, 5) if position(ended().id, robot_id(robot)) is not None]
    assert waiting, "somebody stands in line"


def robot_id(number: int) -> int:
    robot = people.find_by_email(bidders.robot_email(number))
    assert robot is not None
    return robot.id


def test_a_repeat_adds_nothing(season: dict[str, int]) -> None:
    before = count(Concert), count(Auction), count(Award)
    assert seed_season() == {"concerts_added": 0}
    assert (count(Concert), count(Auction), count(Award)) == before


def test_an_interrupted_seeding_is_completed(season: dict[str, int], redis_client: redis.Redis) -> None:
    lost = next(auction for auction in queries.live_auctions() if is_season_auction(auction)).id
    redis_client.delete(redis_keys.terms(lost), redis_keys.state(lost))
    with pytest.raises(UnknownAuction):
        current_engine().read(lost)
    seed_season()
    assert current_engine().read(lost).bidders == 0


def test_the_pages_show_it(season: dict[str, int], client: Browser) -> None:
    home, concerts = (client.get(path).get_data(as_text=True) for path in ("/", "/concerts/"))
    assert all(evening.title in concerts for evening in (SEASON[2], SEASON[7]))
    assert "badge-open" in home and "badge-scheduled" in home and "badge-settled" in home
