"""Cancelling a concert: all its auctions are void at once, whatever crashes, and everybody is told once."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from cashticket.auction.values import Refused, State
from cashticket.catalogue.browsing import EVERYTHING
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.listings import search_result
from cashticket.catalogue.plans import Plan
from cashticket.engine.interface import StoreUnavailable
from cashticket.extensions import db
from cashticket.locale import to_moment
from cashticket.models import Auction, Award, Notification, OperatorAct
from cashticket.models.columns import utcnow
from cashticket.settlement import awards, telling
from cashticket.settlement.cancelling import Cancelled, NotCancellable, foresee
from cashticket.work import telling as telling_work
from cashticket.work.cancelling import AnnouncedConcert, HalfCancelled, cancel, cancel_and_announce
from cashticket.work.closing import close_and_settle
from cashticket.work.publishing import publish
from cashticket.work.voiding import void_and_announce
from tests.staging.auctions import Stage
from tests.staging.rows import HOUR, add_concert
from tests.staging.settlement import story_of

WHY = "the singer is ill"
BIDS = (("carol", 100_000), ("bob", 105_000), ("alice", 110_000))


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A settled auction, where alice bought and bob may buy, and one that still runs, where all three bid again."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in BIDS:
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    db.session.rollback()
    alice = db.session.scalars(select(Award.id).where(Award.person_id == stage.people["alice"])).one()
    awards.buy(alice, stage.people["alice"], utcnow())
    return stage


@pytest.fixture
def running(stage: Stage) -> int:
    auction = stage.open_auction()
    for name, amount in BIDS:
        stage.bid(name, amount, auction)
    return auction


def call_off(stage: Stage, why: str = WHY, operator: str = "olga") -> AnnouncedConcert:
    return cancel_and_announce(stage.engine, stage.concert_id, why, operator, utcnow(), lambda *_: None)


def told(stage: Stage) -> Counter[tuple[int, str]]:
    """How often each person was told that an auction is void: (auction, name) → notices."""
    db.session.rollback()
    names = {person: name for name, person in stage.people.items()}
    rows = db.session.execute(
        select(Notification.auction_id, Notification.person_id).where(Notification.kind == "voided")
    )
    return Counter((auction, names[person]) for auction, person in rows)


def acts() -> list[OperatorAct]:
    db.session.rollback()
    return list(db.session.scalars(select(OperatorAct).order_by(OperatorAct.id)))


def assert_all_is_void_and_told_once(stage: Stage, *auctions: int) -> None:
    for auction in auctions:
        assert stage.row(auction).state == "voided" and stage.row(auction).telling_since is None
        assert stage.engine.read(auction).state is State.VOIDED
    assert told(stage) == {(auction, name): 1 for auction in auctions for name, _ in BIDS}
    assert [act.act for act in acts()].count("concert cancel") == 1


def test_every_auction_is_void_running_ones_too_and_everybody_is_told_once(stage: Stage, running: int) -> None:
    done = call_off(stage)
    assert done.cancelled == Cancelled(stage.concert_id, WHY, (stage.id, running), (stage.id, running))
    assert [(refund.seat, refund.price) for refund in done.refunds] == [("VIP-1", 110_000)]
    assert isinstance(stage.engine.place_bid(running, stage.people["mallory"], 1, 200_000, "late"), Refused)
    assert_all_is_void_and_told_once(stage, stage.id, running)
    assert [bid.amount for bid in stage.recorded(running)] == [100_000, 105_000, 110_000]


def test_who_did_it_and_why_is_kept_for_the_concert_and_for_each_auction(stage: Stage, running: int) -> None:
    call_off(stage, f"  {WHY} ")
    first, *others = acts()
    assert (first.act, first.subject) == ("concert cancel", f"concert {stage.concert_id}")
    assert first.facts == {"auctions": [stage.id, running]}
    assert {act.subject for act in others} == {f"auction {stage.id}", f"auction {running}"}
    assert {(act.operator, act.why) for act in acts()} == {("olga", WHY)}


def test_cancelling_again_changes_nothing_and_keeps_the_first_reason(stage: Stage, running: int) -> None:
    call_off(stage)
    story, count = story_of(stage.id), len(acts())
    again = call_off(stage, "another reason", "mallory")
    assert again.cancelled.repeated and again.cancelled.why == WHY and again.announced == ()
    assert [(each.auction_id, each.price) for each in again.refunds] == [(stage.id, 110_000)], "a repeat tells refunds"
    assert again.withdrawn == 1
    assert story_of(stage.id) == story and len(acts()) == count
    assert_all_is_void_and_told_once(stage, stage.id, running)


def test_a_repeat_names_what_is_to_be_given_back_whoever_told_the_bidders(stage: Stage, running: int) -> None:
    cancel(stage.concert_id, WHY, "olga", utcnow())
    for auction in (stage.id, running):
        telling_work.tell_all(stage.engine, auction, lambda *_: None)
    again = call_off(stage)
    assert again.announced == () and again.withdrawn == 1
    assert [(refund.seat, refund.price) for refund in again.refunds] == [("VIP-1", 110_000)]


def test_an_auction_that_was_void_before_keeps_its_reason_and_tells_nobody_again(stage: Stage, running: int) -> None:
    void_and_announce(stage.engine, running, "fraud", "oscar", utcnow())
    done = call_off(stage)
    assert done.cancelled.to_tell == (stage.id,) and done.cancelled.auction_ids == (stage.id, running)
    assert_all_is_void_and_told_once(stage, stage.id, running)
    assert [act.why for act in acts() if act.subject == f"auction {running}"] == ["fraud"]


def test_a_cancelled_concert_gets_no_more_auctions(stage: Stage, running: int) -> None:
    call_off(stage)
    now = to_moment(stage.engine.clock())
    plan = Plan(stage.concert_id, 2, 100_000, 5_000, now, now + HOUR)
    with pytest.raises(NotPublishable, match="is cancelled"):
        publish(stage.engine, plan, now)
    assert len(db.session.scalars(select(Auction.id)).all()) == 2


def test_a_concert_without_auctions_is_cancelled_too(app: Flask) -> None:
    concert = add_concert().id
    assert foresee(concert) == {}
    assert cancel(concert, WHY, "olga", utcnow()) == Cancelled(concert, WHY, (), ())
    assert cancel(concert, "again", "olga", utcnow()) == Cancelled(concert, WHY, (), (), repeated=True)


def test_lists_of_concerts_know_which_are_cancelled_and_why(stage: Stage) -> None:
    others = [add_concert().id, add_concert().id]
    void_and_announce(stage.engine, stage.id, "fraud", "olga", utcnow(), lambda *_: None)
    assert {page.cancelled for page in search_result(utcnow(), EVERYTHING).pages} == {None}
    cancel(others[0], WHY, "olga", utcnow())
    call_off(stage, why="no singer")
    whys = {page.concert.id: page.cancelled for page in search_result(utcnow(), EVERYTHING).pages}
    assert whys == {stage.concert_id: "no singer", others[0]: WHY, others[1]: None}


def test_a_look_ahead_counts_for_each_auction_and_changes_nothing(stage: Stage, running: int) -> None:
    foreseen = foresee(stage.concert_id)
    assert list(foreseen) == [stage.id, running] and acts() == []
    assert (foreseen[stage.id].bought, foreseen[stage.id].refunds, foreseen[stage.id].offered) == (1, 110_000, 1)
    assert foreseen[running].state is State.OPEN and stage.row(running).state == "open"


def test_what_cannot_be_cancelled_is_said(stage: Stage) -> None:
    for why in ("", " ", "x" * 501):
        with pytest.raises(NotCancellable, match="Say why"):
            cancel(stage.concert_id, why, "olga", utcnow())
    with pytest.raises(NotCancellable, match="no concert 4711"):
        cancel(4711, WHY, "olga", utcnow())
    with pytest.raises(NotCancellable, match="no concert 4711"):
        foresee(4711)
    assert acts() == []


class Death(Exception):
    """Ends the command at a step."""


STEPS = {
    "before the commit": ("sql", "UPDATE auctions SET telling_since"),
    "after the ledger, before the live store": ("verb", "finish"),
    "after the live store, before anybody else is told": ("tell", 1),
    "when one auction is told and the other runs": ("verb", "finish", 3),
    "when some of the other are told": ("tell", 4),
}


@pytest.fixture
def dies_at(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the command die once at a step."""

    def at(kind: str, what: Any = 1, nth: int = 1) -> None:
        count = iter(range(1, 1_000_000))
        wanted = what if kind == "tell" else nth

        def passing() -> None:
            if next(count) == wanted:
                raise Death

        if kind == "sql":

            def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
                if statement.startswith(what):
                    passing()

            event.listen(db.engine, "before_cursor_execute", before)
            return
        owner, name = (stage.engine, what) if kind == "verb" else (telling, "tell_batch")
        real = getattr(owner, name)

        def dying(*given: Any, **named: Any) -> Any:
            passing()
            return real(*given, **named)

        monkeypatch.setattr(owner, name, dying)

    return at


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("finisher", ["the command again", "the watch"])
def test_after_a_crash_at_any_step_the_rest_is_done_and_everybody_is_told_once(
    stage: Stage,
    running: int,
    dies_at: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    finisher: str,
) -> None:
    monkeypatch.setattr(telling, "BATCH", 1)
    dies_at(*STEPS[step])
    with pytest.raises(Death):
        call_off(stage)
    is_cancelled = any(act.act == "concert cancel" for act in acts())
    states = {stage.row(auction).state for auction in (stage.id, running)}
    assert is_cancelled == (step != "before the commit") == (states == {"voided"})
    if finisher == "the command again" or not is_cancelled:
        call_off(stage)
    else:
        for auction in telling.auctions_to_tell():
            telling_work.tell_all(stage.engine, auction, lambda *_: None)
    assert_all_is_void_and_told_once(stage, stage.id, running)


def test_while_the_live_store_is_away_the_ledger_is_void_and_the_command_says_to_repeat_it(
    stage: Stage, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(stage.engine, "finish", away)
        with pytest.raises(HalfCancelled, match="repeat"):
            call_off(stage)
    assert {stage.row(auction).state for auction in (stage.id, running)} == {"voided"}
    call_off(stage)
    assert_all_is_void_and_told_once(stage, stage.id, running)


def test_two_operators_cancel_while_a_third_publishes(app: Flask, stage: Stage, running: int) -> None:
    now, start = to_moment(stage.engine.clock()), Barrier(3)
    plan = Plan(stage.concert_id, 2, 100_000, 5_000, now, now + HOUR)
    refused: list[NotPublishable] = []

    def add() -> None:
        try:
            publish(stage.engine, plan, now)
        except NotPublishable as error:
            refused.append(error)

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(timeout=60)
            act()
            db.session.remove()

    calls = (lambda: call_off(stage), lambda: call_off(stage, "once more", "oscar"), add)
    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    call_off(stage)
    db.session.rollback()
    states = db.session.scalars(select(Auction.state)).all()
    assert set(states) == {"voided"} and len(states) == (2 if refused else 3)
    assert [act.act for act in acts()].count("concert cancel") == 1
    assert set(told(stage).values()) == {1}
