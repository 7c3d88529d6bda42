"""Voiding: an auction is taken back before or after it was settled; nobody keeps a seat, everybody gets one notice."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket import jobs
from cashticket.auction.values import Refused, State
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.ledger import results
from cashticket.locale import to_moment
from cashticket.models import Auction, Award, Notification, OperatorAct, Person
from cashticket.models.columns import utcnow
from cashticket.notify.notices import write
from cashticket.settlement import awards, handover
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import settle
from cashticket.settlement.voiding import Foreseen, NotVoidable, Refund
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import foresee, void, void_and_announce
from tests.staging.auctions import Stage
from tests.staging.engine import order_of
from tests.staging.every_mail import KEYS
from tests.staging.settlement import story_of, tell_everybody

BIDS = (("carol", 100_000), ("bob", 105_000), ("alice", 110_000))
WHY = "the hall burned down"


@pytest.fixture
def running(app: Flask) -> Stage:
    """Alice and bob are winning, carol is next."""
    stage = Stage(app)
    for name, amount in BIDS:
        stage.bid(name, amount)
    return stage


@pytest.fixture
def settled(app: Flask) -> Stage:
    """Alice bought, bob was offered, carol is in line."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in BIDS:
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    awards.buy(award(stage, "alice").id, stage.people["alice"], utcnow())
    return stage


def award(stage: Stage, name: str) -> Award:
    db.session.rollback()
    return db.session.scalars(select(Award).where(Award.person_id == stage.people[name])).one()


def notified(stage: Stage) -> list[str]:
    """Who has a notice that it was voided, in the order of their names."""
    db.session.rollback()
    names = {person: name for name, person in stage.people.items()}
    people = db.session.scalars(select(Notification.person_id).where(Notification.kind == "voided"))
    return sorted(names[person] for person in people)


def acts() -> list[OperatorAct]:
    db.session.rollback()
    return list(db.session.scalars(select(OperatorAct)))


def test_bidding_stops_at_once_and_every_bidder_is_told(running: Stage) -> None:
    done = void_and_announce(running.engine, running.id, WHY, "olga", utcnow())
    assert running.row().state == "voided" and running.engine.read(running.id).state is State.VOIDED
    assert isinstance(running.engine.place_bid(running.id, running.people["mallory"], 1, 200_000, "late"), Refused)
    assert notified(running) == ["alice", "bob", "carol"] and done.told_now == 3
    assert not done.voided.refunds and not done.voided.repeated
    assert running.row().telling_since is None


def test_every_accepted_bid_reaches_the_ledger_all_the_same(running: Stage) -> None:
    void(running.engine, running.id, WHY, "olga", utcnow())
    assert [bid.amount for bid in running.recorded()] == [100_000, 105_000, 110_000]
    assert running.engine.peek(running.id, 10) == []


def test_a_voided_auction_awards_nothing(running: Stage) -> None:
    void(running.engine, running.id, WHY, "olga", utcnow())
    answer = settle(running.id, order_of(running.engine, running.id), 3, utcnow())
    assert isinstance(answer, NotReady) and answer.reason == "voided"
    close_and_settle(running.engine, running.id)
    assert running.winners() == {} and running.row().state == "voided"


def test_bought_seats_are_refunded_and_offered_ones_withdrawn(settled: Stage) -> None:
    done = void(settled.engine, settled.id, WHY, "olga", utcnow())
    bought, offered = award(settled, "alice"), award(settled, "bob")
    assert (bought.state, offered.state, bought.live, offered.live) == ("voided", "voided", None, None)
    assert (done.refunds, done.withdrawn) == ((Refund(settled.id, bought.id, "VIP-1", 110_000),), 1)
    story = story_of(settled.id)
    assert story[-2:] == [(offered.id, "voided"), (bought.id, "voided")] and (bought.id, "bought") in story
    assert settled.engine.read(settled.id).state is State.VOIDED


def test_nobody_can_buy_cancel_or_be_offered_a_seat_any_more(settled: Stage) -> None:
    void(settled.engine, settled.id, WHY, "olga", utcnow())
    for name, move in (("bob", awards.buy), ("bob", awards.decline), ("alice", awards.cancel)):
        with pytest.raises(awards.NotAllowed, match="voided"):
            move(award(settled, name).id, settled.people[name], utcnow())
    assert (
        handover.offer_freed(settled.id, utcnow()) == []
        and awards.lapse_all_expired(to_moment(4_000_000_000_000)) == []
    )


def test_whoever_held_a_seat_may_win_another_auction_of_the_concert(settled: Stage) -> None:
    void(settled.engine, settled.id, WHY, "olga", utcnow())
    again = settled.open_auction(ends_in_ms=-500)
    settled.bid("alice", 100_000, again)
    close_and_settle(settled.engine, again)
    assert settled.winners(again) == {"VIP-1": "alice"}


def test_a_buyer_reads_what_is_given_back(settled: Stage) -> None:
    void_and_announce(settled.engine, settled.id, WHY, "olga", utcnow())
    db.session.rollback()
    alice = db.session.get_one(Person, settled.people["alice"])
    mine = select(Notification).where(Notification.kind == "voided", Notification.person_id == alice.id)
    auction = db.session.get_one(Auction, settled.id)
    letter = write(db.session.scalars(mine).one(), alice, auction, "https://tickets.example", KEYS)
    assert auction.concert.title in letter.subject and "VIP-1" in letter.body and "110,000원" in letter.body


def test_the_act_is_kept_with_operator_reason_and_refunds(settled: Stage) -> None:
    void(settled.engine, settled.id, f" {WHY} ", "olga", utcnow())
    [act] = acts()
    assert (act.act, act.operator, act.subject, act.why) == ("auction void", "olga", f"auction {settled.id}", WHY)
    assert (act.facts["was"], act.facts["withdrawn"]) == ("settled", 1)
    assert [refund["price"] for refund in act.facts["refunds"]] == [110_000]


def test_voiding_again_changes_nothing(settled: Stage) -> None:
    first = void(settled.engine, settled.id, WHY, "olga", utcnow())
    story = story_of(settled.id)
    tell_everybody(settled.id, utcnow())
    assert notified(settled) == ["alice", "bob", "carol"]
    second = void(settled.engine, settled.id, "once more", "mallory", utcnow())
    tell_everybody(settled.id, utcnow())
    assert second.repeated and (second.refunds, second.withdrawn) == (first.refunds, first.withdrawn)
    assert story_of(settled.id) == story and len(acts()) == 1 and notified(settled) == ["alice", "bob", "carol"]


def test_nothing_is_deleted(settled: Stage) -> None:
    before = len(settled.recorded()), len(results.results(settled.id, 1, 100))
    void(settled.engine, settled.id, WHY, "olga", utcnow())
    assert (len(settled.recorded()), len(results.results(settled.id, 1, 100))) == before


@pytest.mark.parametrize("verb", ["peek", "trim", "finish"])
def test_an_interrupted_voiding_is_completed_by_repeating_it(running: Stage, verb: str) -> None:
    class Away(OneStore):
        """The engine, away for one verb."""

        def __getattr__(self, name: str) -> object:
            if name != verb:
                return getattr(running.engine, name)

            def away(*arguments: object) -> None:
                raise StoreUnavailable("away")

            return away

    with pytest.raises(StoreUnavailable):
        void(Away(), running.id, WHY, "olga", utcnow())  # type: ignore[arg-type]
    assert running.row().state == "voided"
    void_and_announce(running.engine, running.id, WHY, "olga", utcnow())
    assert running.engine.read(running.id).state is State.VOIDED and len(running.recorded()) == 3
    assert notified(running) == ["alice", "bob", "carol"] and len(acts()) == 1


def test_the_watch_tells_a_live_store_that_was_away(running: Stage) -> None:
    from cashticket.settlement import voiding

    voiding.void(running.id, WHY, "olga", utcnow())
    close_and_settle(running.engine, running.id)
    assert running.engine.read(running.id).state is State.VOIDED


@pytest.mark.parametrize("why", ["", "  ", "x" * 501])
def test_voiding_needs_a_reason(running: Stage, why: str) -> None:
    with pytest.raises(NotVoidable, match="why"):
        void(running.engine, running.id, why, "olga", utcnow())
    assert running.row().state == "open" and acts() == []


def test_an_unknown_auction_is_not_voided(app: Flask) -> None:
    with pytest.raises(NotVoidable, match="4711"):
        void(app.extensions["engine"], 4711, WHY, "olga", utcnow())


def test_holders_are_told_in_the_unit_that_takes_their_seats(settled: Stage) -> None:
    void(settled.engine, settled.id, WHY, "olga", utcnow())
    assert notified(settled) == ["alice", "bob"]
    jobs.tell(settled.id)
    assert notified(settled) == ["alice", "bob", "carol"] and settled.row().telling_since is None


def test_the_job_completes_what_a_crash_of_the_command_left(running: Stage) -> None:
    from cashticket.settlement import voiding

    voiding.void(running.id, WHY, "olga", utcnow())
    jobs.tell(running.id)
    assert running.engine.read(running.id).state is State.VOIDED and len(running.recorded()) == 3
    assert notified(running) == ["alice", "bob", "carol"]


def test_a_dry_run_counts_and_changes_nothing(settled: Stage) -> None:
    assert foresee(settled.id) == Foreseen(State.SETTLED, offered=1, bought=1, refunds=110_000, bidders=3)
    assert settled.row().state == "settled" and acts() == [] and notified(settled) == []


def test_the_command_shows_its_progress(app: Flask, settled: Stage) -> None:
    run = app.test_cli_runner()
    dry = json.loads(run.invoke(args=["auction", "void", str(settled.id), "--why", WHY, "--dry-run", "--json"]).stdout)
    assert dry == {"id": settled.id, "state": "settled", "offered": 1, "bought": 1, "refunds": 110_000, "bidders": 3}
    done = run.invoke(args=["auction", "void", str(settled.id), "--why", WHY, "--json"])
    assert json.loads(done.stdout)["mails"] == 1 and "1 of 1 bidders without a seat are told" in done.stderr
