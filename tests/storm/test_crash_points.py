"""At every step of a bid, a drain, a settlement, a cancellation and a hand-over a process is killed, fails, or stands
still while another does its work. Done again, the work comes out as if nothing had happened: every promise holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.auction.values import Accepted
from cashticket.extensions import db
from cashticket.ledger import award_queries
from cashticket.models import Award
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from tests.fixtures.databases import empty
from tests.fixtures.people import Browser, make_person, sign_in
from tests.servers.redis_server import RedisServer
from tests.stage import Stage
from tests.storm import crash_points, history
from tests.storm.checkers import violations
from tests.storm.crash_points import HOWS, KILL, REACHED, STALL, Point
from tests.storm.crash_units import DONE, UNITS, House, SignedIn, Worker
from tests.storm.ending import Ending, Story
from tests.storm.history import Recorder
from tests.storm.observing import bid, ending_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

# In this order the two best are alice and mallory; carol and bob wait in line, and three were pushed out on the way.
BIDS = (("alice", 100_000), ("bob", 105_000), ("carol", 110_000), ("mallory", 115_000), ("alice", 120_000))
OVERLAP_SECONDS = 0.15


@dataclass
class Scene:
    """An application on stores that are shared with other processes, and one auction with its history."""

    app: Flask
    house: House
    alice: SignedIn
    alice_id: int
    stage: Stage
    recorder: Recorder
    path: Path

    @property
    def id(self) -> int:
        return self.stage.id

    def bids(self) -> None:
        """Everybody bids; in an auction that is over, just before its end."""
        engine, end = self.stage.engine, self.stage.engine.read(self.id).ends_at_ms
        now_ms = end - 500 if end <= engine.clock() else None
        for name, amount in BIDS:
            person = self.stage.people[name]
            assert isinstance(bid(self.recorder, engine, self.id, person, amount, f"{amount}", now_ms), Accepted)

    def award_of(self, name: str) -> Award:
        db.session.remove()
        person = self.stage.people[name]
        return next(each for each in award_queries.awards_of(self.id) if each.person_id == person)

    def do(self, unit: str, *facts: Any) -> Any:
        """The unit, in this process."""
        return UNITS[unit](self.app, *facts)

    def interrupt(self, point: Point, how: str, unit: str, *facts: Any) -> list[Any]:
        """Do the unit in a process of its own that is interrupted there, then again as whoever starts it anew does.
        What each of those who got through was told. Fails when the point was never reached."""
        told = []
        worker = Worker(self.house, unit, facts, (point, how))
        others: list[Worker] = []
        try:
            assert worker.said() == REACHED, f"{unit} never came to where {point.name}"
            if how == STALL:
                others.append(Worker(self.house, unit, facts))
                others[0].ended(OVERLAP_SECONDS if point.locked else 30)
                worker.go_on()
            if how == KILL:
                assert worker.said() is None
            told += [_told(each) for each in (worker, *others) if how != KILL]
        finally:
            for each in (worker, *others):
                each.remove()
        return [*told, self.do(unit, *facts)]

    def judged(self) -> Ending:
        """How the auction ended; AssertionError when a promise is broken or the product's own check complains."""
        ending = ending_of(self.stage.engine, self.id)
        assert violations(Story(history.read(self.path), [ending])) == []
        checked = self.app.test_cli_runner().invoke(args=["auction", "check", str(self.id)])
        assert checked.exit_code == 0, checked.output
        return ending


def _told(worker: Worker) -> Any:
    said = worker.said()
    assert said is not None and said[0] == DONE, "the process did not get through"
    return said[1]


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def house(request: pytest.FixtureRequest, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> House:
    """One database of each kind and one live store for all points: every point has an auction of its own there."""
    with redis_server.client() as client:
        client.flushall()
    folder = tmp_path_factory.mktemp("crash")
    if request.param == "mariadb":
        url = request.getfixturevalue("migrated_mariadb")
        empty(url)
        return House(url, redis_server.url, folder)
    copy = folder / "crash.db"
    copy.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return House(f"sqlite:///{copy}", redis_server.url, folder)


@pytest.fixture(scope="module")
def alice(house: House) -> tuple[SignedIn, int]:
    """alice signed in, and her id."""
    with _application(house) as app:
        alice_id = make_person("alice").id
        browser = sign_in(app.test_client(), "alice")
        token, cookie = browser.token("/no-such-page"), browser.get_cookie("cashticket")
        assert cookie is not None
        return SignedIn(cookie.value, token), alice_id


@pytest.fixture
def scene(house: House, alice: tuple[SignedIn, int], tmp_path: Path) -> Iterator[Scene]:
    """A running auction of 2 seats."""
    with _scene(house, alice, tmp_path, ends_in_ms=3_600_000) as scene:
        yield scene


@pytest.fixture
def over(house: House, alice: tuple[SignedIn, int], tmp_path: Path) -> Iterator[Scene]:
    """An auction of 2 seats that ended a moment ago, with bids that wait to be recorded."""
    with _scene(house, alice, tmp_path, ends_in_ms=-1_000) as scene:
        scene.bids()
        yield scene


@contextmanager
def _application(house: House) -> Iterator[Flask]:
    app = house.app()
    app.test_client_class = Browser
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _scene(house: House, alice: tuple[SignedIn, int], folder: Path, ends_in_ms: int) -> Iterator[Scene]:
    path = folder / "history.jsonl"
    recorder = Recorder(path, "everybody")
    try:
        with _application(house) as app:
            yield Scene(app, house, *alice, Stage(app, ends_in_ms=ends_in_ms), recorder, path)
    finally:
        recorder.close()


def every(*points: Point) -> Any:
    """Each of these points, and each way in which it may go wrong there."""
    cases = [(point, how) for point in points for how in HOWS]
    return pytest.mark.parametrize(("point", "how"), cases, ids=[f"{how}-{point.name}" for point, how in cases])


def introduce_alice(scene: Scene) -> None:
    """By a bid that is refused."""
    status, answer = scene.do("bid", scene.alice, scene.id, 1, "too-low")
    assert (status, answer["reason"]) == (422, "below_minimum")


def bid_once(scene: Scene, point: Point, how: str) -> None:
    """alice bids through the door and is interrupted; she sends the same request until she has an answer."""
    facts = (scene.alice, scene.id, 100_000, "alice-1")
    asked = {"auction": scene.id, "person": scene.alice_id, "amount": 100_000, "request_id": "alice-1"}
    pending = scene.recorder.invoke("bid", **asked)
    answers = scene.interrupt(point, how, "bid", *facts)
    pending.unknown("interrupted")
    assert all(status in (200, 201) for status, _ in answers), answers
    assert len({tuple(sorted({**answer, "replayed": None}.items())) for _, answer in answers}) == 1
    scene.do("drain")
    ending = scene.judged()
    assert [(row.person, row.nth, row.amount) for row in ending.rows] == [(scene.alice_id, 1, 100_000)]


@every(*crash_points.BID)
def test_an_interrupted_bid_counts_once_and_has_one_answer(scene: Scene, point: Point, how: str) -> None:
    introduce_alice(scene)
    bid_once(scene, point, how)


@every(*crash_points.FIRST_BID_AFTER_A_RESTART)
def test_an_interrupted_bid_on_a_store_without_its_scripts_counts_once(
    scene: Scene, redis_server: RedisServer, point: Point, how: str
) -> None:
    introduce_alice(scene)
    with redis_server.client() as client:
        client.script_flush()
    bid_once(scene, point, how)


@every(*crash_points.FIRST_BID_OF_A_STRANGER)
def test_an_interrupted_first_bid_of_a_stranger_counts_once(scene: Scene, point: Point, how: str) -> None:
    bid_once(scene, point, how)


@every(*crash_points.DRAIN)
def test_an_interrupted_drain_records_every_bid_once(scene: Scene, point: Point, how: str) -> None:
    scene.bids()
    scene.interrupt(point, how, "drain")
    ending = scene.judged()
    assert [row.amount for row in ending.rows] == [amount for _, amount in BIDS]
    assert len(ending.alerts) == 3


@every(*crash_points.SETTLE)
def test_an_interrupted_settlement_gives_every_seat_once(over: Scene, point: Point, how: str) -> None:
    over.interrupt(point, how, "settle", over.id)
    ending = over.judged()
    assert ending.state == "settled"
    assert [right.person for right in ending.rights] == [over.stage.people[name] for name in ("alice", "mallory")]


@every(*crash_points.CANCEL)
def test_an_interrupted_cancellation_hands_the_seat_over_once(over: Scene, point: Point, how: str) -> None:
    over.do("settle", over.id)
    now, award = datetime.now(UTC), over.award_of("alice")
    for move in ("buy", "cancel"):
        over.recorder.invoke("move", award=award.id, person=award.person_id, move=move).unknown("interrupted")
    awards.buy(award.id, award.person_id, now)
    told = over.interrupt(point, how, "cancel", award.id, award.person_id, now)
    assert set(told) == {"cancelled"}
    over.judged()
    assert over.award_of("carol").previous_id == award.id


@every(*crash_points.HAND_OVER)
def test_an_interrupted_hand_over_offers_the_seat_once(over: Scene, point: Point, how: str) -> None:
    over.do("settle", over.id)
    award = over.award_of("mallory")
    past = datetime.now(UTC) - timedelta(seconds=1)
    in_one_unit(lambda session: session.execute(update(Award).where(Award.id == award.id).values(expires_at=past)))
    over.interrupt(point, how, "hand_over", over.id)
    over.judged()
    assert over.award_of("mallory").state == "lapsed"
    assert over.award_of("carol").previous_id == award.id
