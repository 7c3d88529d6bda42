"""At every step of eight units of work a process is killed, fails, or stands still while another does its work.

The units are a bid, a drain, a settlement, telling its result, sending mail, a cancellation, a hand-over, and what the
guard does after the live store went back to an older copy of itself. Done again, each leaves what an uninterrupted one
leaves, and every promise holds.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from cashticket.auction.values import Accepted
from cashticket.extensions import db
from cashticket.models import Award, Notification, OutboxMessage
from cashticket.models.outbox import MessageState, Source
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.work.messages import message_id
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import emptied_mariadb
from tests.fixtures.people import Browser, make_person, sign_in
from tests.storm.crash import points
from tests.storm.crash.going_back import go_back, left
from tests.storm.crash.points import HOWS, KILL, STALL, Point
from tests.storm.crash.scene import BIDS, Scene, application, one_auction
from tests.storm.crash.units import CrashStores, SignedIn

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(500)]

DATABASES = ("sqlite", "mariadb")


@pytest.fixture(scope="module", params=DATABASES)
def stores(
    request: pytest.FixtureRequest, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> CrashStores:
    """One database of each kind and one live store for all points. Every point has its own auction there."""
    with redis_server.client() as client:
        client.flushall()
    folder = tmp_path_factory.mktemp("crash")
    if request.param == "mariadb":
        return CrashStores(emptied_mariadb(request), redis_server.url, folder)
    copy = folder / "crash.db"
    copy.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return CrashStores(f"sqlite:///{copy}", redis_server.url, folder)


@pytest.fixture(scope="module")
def alice(stores: CrashStores) -> tuple[SignedIn, int]:
    """alice's session, and her id."""
    with application(stores) as app:
        alice_id = make_person("alice").id
        browser = sign_in(cast(Browser, app.test_client()), "alice")
        token, cookie = browser.token("/no-such-page"), browser.get_cookie("cashticket")
        assert cookie is not None
        return SignedIn(cookie.value, token), alice_id


@pytest.fixture
def scene(stores: CrashStores, alice: tuple[SignedIn, int], tmp_path: Path) -> Iterator[Scene]:
    """A running auction of 2 seats."""
    with one_auction(stores, alice, tmp_path, ends_in_ms=3_600_000) as scene:
        yield scene


@pytest.fixture
def over(stores: CrashStores, alice: tuple[SignedIn, int], tmp_path: Path) -> Iterator[Scene]:
    """An auction of 2 seats that ended a second ago, with bids that wait to be recorded."""
    with one_auction(stores, alice, tmp_path, ends_in_ms=-1_000) as scene:
        scene.bids()
        yield scene


def every(*points: Point, hows: tuple[str, ...] = HOWS, on_sqlite: tuple[str, ...] = (KILL,)) -> pytest.MarkDecorator:
    """Parametrizes a test with these points and every kind of interruption, or those in `hows`, on both databases. CI
    interrupts in all ways on that of production; on SQLite in those of `on_sqlite`, and the rest are trials."""
    cases = [
        pytest.param(
            database,
            point,
            how,
            id=f"{database}-{how}-{point.name}",
            marks=[pytest.mark.trial] if database == "sqlite" and how not in on_sqlite else [],
        )
        for database in DATABASES
        for point in points
        for how in hows
    ]
    return pytest.mark.parametrize(("stores", "point", "how"), cases, indirect=["stores"])


def introduce_alice(scene: Scene) -> None:
    """Introduces alice to the auction by a refused bid."""
    status, answer = scene.do("bid", scene.alice, scene.id, 1, "too-low")
    assert (status, answer["reason"]) == (422, "below_minimum")


def bid_once(scene: Scene, point: Point, how: str) -> None:
    """alice bids through the door and is interrupted; she sends the same request until she has an answer."""
    facts = (scene.alice, scene.id, 100_000, "alice-1")
    question = {"auction": scene.id, "person": scene.alice_id, "amount": 100_000, "request_id": "alice-1"}
    pending = scene.recorder.invoke("bid", **question)
    answers = scene.interrupt(point, how, "bid", *facts)
    pending.unknown("interrupted")
    assert all(status in (200, 201) for status, _ in answers), answers
    assert len({tuple(sorted({**answer, "replayed": None}.items())) for _, answer in answers}) == 1
    scene.do("drain")
    ending = scene.judged()
    assert [(row.person, row.nth, row.amount) for row in ending.rows] == [(scene.alice_id, 1, 100_000)]


@every(*points.BID)
def test_an_interrupted_bid_counts_once_and_has_one_answer(scene: Scene, point: Point, how: str) -> None:
    introduce_alice(scene)
    bid_once(scene, point, how)


@every(*points.FIRST_BID_AFTER_A_RESTART)
def test_an_interrupted_bid_on_a_store_without_its_scripts_counts_once(
    scene: Scene, redis_server: RedisServer, point: Point, how: str
) -> None:
    introduce_alice(scene)
    with redis_server.client() as client:
        client.script_flush()
    bid_once(scene, point, how)


@every(*points.FIRST_BID_OF_A_STRANGER)
def test_an_interrupted_first_bid_of_a_stranger_counts_once(scene: Scene, point: Point, how: str) -> None:
    bid_once(scene, point, how)


@every(*points.DRAIN)
def test_an_interrupted_drain_records_every_bid_once(scene: Scene, point: Point, how: str) -> None:
    scene.bids()
    scene.interrupt(point, how, "drain")
    ending = scene.judged()
    assert [row.amount for row in ending.rows] == [amount for _, amount in BIDS]
    assert len(ending.alerts) == 3


@every(*points.SETTLE)
def test_an_interrupted_settlement_gives_every_seat_once(over: Scene, point: Point, how: str) -> None:
    over.interrupt(point, how, "settle", over.id)
    ending = over.judged()
    assert ending.state == "settled"
    assert [award.person for award in ending.award_rows] == [over.stage.people[name] for name in ("alice", "mallory")]


@every(*points.TELL)
def test_an_interrupted_telling_tells_everybody_once(over: Scene, point: Point, how: str) -> None:
    over.do("settle", over.id)
    over.interrupt(point, how, "tell", over.id)
    over.judged()
    notices = select(Notification).where(Notification.auction_id == over.id, Notification.kind != "rank_out")
    stored = list(db.session.scalars(notices))
    mails = select(OutboxMessage.reference).where(OutboxMessage.reference.in_([each.id for each in stored]))
    assert Counter(each.person_id for each in stored) == Counter(over.stage.people.values())
    assert Counter(db.session.scalars(mails)) == Counter(each.id for each in stored)
    assert over.stage.row().telling_since is None


@every(*points.MAIL, hows=(KILL, STALL))
def test_an_interrupted_deliverer_sends_every_winners_mail(over: Scene, point: Point, how: str) -> None:
    over.do("deliver")
    over.do("settle", over.id)
    won = select(Notification.id).where(Notification.auction_id == over.id, Notification.kind == "won")
    of_winners = OutboxMessage.reference.in_(won), OutboxMessage.source == Source.NOTICE
    letters = {message_id(each) for each in db.session.scalars(select(OutboxMessage).where(*of_winners))}
    over.interrupt(point, how, "deliver")
    db.session.rollback()
    states = select(OutboxMessage.state).where(*of_winners)
    assert len(letters) == 2 and list(db.session.scalars(states)) == [MessageState.SENT] * 2
    copies = Counter(each for each in over.letters() if each in letters)
    assert copies.keys() == letters and sum(copies.values()) <= len(letters) + 1


@every(*points.CANCEL)
def test_an_interrupted_cancellation_hands_the_seat_over_once(over: Scene, point: Point, how: str) -> None:
    over.do("settle", over.id)
    now, award = datetime.now(UTC), over.award_of("alice")
    for move in ("buy", "cancel"):
        over.recorder.invoke("move", award=award.id, person=award.person_id, move=move).unknown("interrupted")
    awards.buy(award.id, award.person_id, now)
    answer = over.interrupt(point, how, "cancel", award.id, award.person_id, now)
    assert set(answer) == {"cancelled"}
    over.judged()
    assert over.award_of("carol").previous_id == award.id


@every(*points.HAND_OVER)
def test_an_interrupted_hand_over_offers_the_seat_once(over: Scene, point: Point, how: str) -> None:
    over.do("settle", over.id)
    award = over.award_of("mallory")
    past = datetime.now(UTC) - timedelta(seconds=1)
    in_one_unit(lambda session: session.execute(update(Award).where(Award.id == award.id).values(expires_at=past)))
    over.interrupt(point, how, "hand_over", over.id)
    over.judged()
    assert over.award_of("mallory").state == "lapsed"
    assert over.award_of("carol").previous_id == award.id


def guarded(scene: Scene, redis_server: RedisServer, *interruption: Any) -> dict[str, Any]:
    """What the guard leaves after the live store went back, interrupted or not, once everything is recorded."""
    with redis_server.client() as client:
        # A guard looks after all auctions, so those of other points must go.
        client.flushall()
        scene.publish()
        go_back(scene, client)
    if interruption:
        scene.interrupt(*interruption, "guard", scene.id)
    else:
        scene.do("guard", scene.id)
    scene.do("drain")
    scene.judged()
    return left(scene)


@pytest.fixture(scope="module")
def whole(stores: CrashStores, alice: tuple[SignedIn, int], redis_server: RedisServer, tmp_path_factory: Any) -> Any:
    """What a guard leaves that nothing interrupts."""
    with one_auction(stores, alice, tmp_path_factory.mktemp("whole"), ends_in_ms=3_600_000) as scene:
        return guarded(scene, redis_server)


def test_a_guard_accounts_for_every_answered_bid(whole: dict[str, Any]) -> None:
    assert whole["bids"] == [
        (1, "alice", "100000"),
        (2, "bob", "105000"),
        (3, "carol", "110000"),
        (5, "alice", "120000"),
    ]
    assert whole["order"] == [("alice", 120_000, 5), ("carol", 110_000, 3), ("bob", 105_000, 2)]
    assert whole["chances"] == {"alice": 1, "bob": 2, "carol": 2, "mallory": 3}
    assert (whole["gaps"], whole["given up"], whole["mails"]) == ([(4, 4)], [(2, "mallory", 130_000)], ["bid_given_up"])
    assert (whole["outages"], whole["paused"], whole["numbers"]) == ([(1, "restarted")], "", (5, 5))
    assert whole["the ends moved by what was given back"] and whole["everything is accounted for here"]


# A guard speaks with the live store far more than with the database.
@every(*points.GUARD, hows=(KILL, STALL), on_sqlite=())
def test_an_interrupted_guard_leaves_what_a_whole_one_leaves(
    scene: Scene, redis_server: RedisServer, whole: dict[str, Any], point: Point, how: str
) -> None:
    assert guarded(scene, redis_server, point, how) == whole
    alice, last = scene.stage.people["alice"], BIDS[-1][1]
    again = scene.stage.engine.place_bid(scene.id, alice, 1, last, f"{last}")
    assert isinstance(again, Accepted) and again.replayed and again.sequence == 5
    assert scene.stage.bid("mallory", 135_000).sequence == 6
