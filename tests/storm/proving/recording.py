"""Smoke run, second part: recording and rebuilding, with deaths, overlapping drains and unknown people."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.ledger.quarantine import quarantined_entries, record_entry
from cashticket.ledger.recording import record_waiting
from cashticket.work.rebuilding import rebuild
from tests.staging.rows import add_person
from tests.storm.proving.bidding import steps
from tests.storm.proving.stage import Death, SmokeStage, before_statement, die

OVERLAP_SECONDS = 20.0
GIVEN_UP = 5


class InterceptedEngine(OneStore):
    """The engine as a drain sees it, with calls wrapped around some of its verbs."""

    def __init__(self, engine: Any, **around: Callable[[Callable[[], Any]], Any]) -> None:
        self._engine, self._around = engine, around

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._engine, verb)
        around = self._around.get(verb)
        return real if around is None else lambda *given: around(lambda: real(*given))


def drain_deaths(stage: SmokeStage) -> None:
    """A drain dies at its insert, between commit and trim, and after the trim; another starts each time."""
    auction = stage.open()
    now = stage.opens(auction)
    alice, bob, carol, dave = stage.people[:4]
    stage.bids(auction, [(alice, steps(0)), (bob, steps(1)), (carol, steps(2)), (alice, steps(3))], now)

    def then_die(trim: Callable[[], Any]) -> None:
        trim()
        die()

    for around in (lambda trim: die(), then_die):
        _dying(lambda around=around: record_waiting(InterceptedEngine(stage.engine, trim=around), auction))  # type: ignore[misc]
        stage.bids(auction, [(dave, steps(4)), (bob, steps(5))] if around is not then_die else [], now + 100)
    stage.bids(auction, [(carol, steps(6)), (dave, steps(7))], now + 200)
    with before_statement("INSERT INTO bids", die):
        _dying(lambda: record_waiting(stage.engine, auction))
    stage.settle(auction)


def _dying(work: Callable[[], Any]) -> None:
    try:
        work()
    except Death:
        db.session.remove()


def overlapping_drains(stage: SmokeStage) -> None:
    """Two drains at once: one with an old view of the list, one overtaken at its fence; bids arrive while they trim."""
    auction = stage.open()
    now = stage.opens(auction)
    alice, bob, carol, dave, erin = stage.people[:5]
    stage.bids(auction, [(alice, steps(0)), (bob, steps(1)), (carol, steps(2))], now)
    old = stage.engine.peek(auction, 500)
    stage.record(auction)
    stage.bids(auction, [(alice, steps(3)), (dave, steps(4))], now + 10)

    def after_one_more(trim: Callable[[], Any]) -> Any:
        stage.bid(auction, erin, steps(5), now + 20)
        return trim()

    record_waiting(InterceptedEngine(stage.engine, peek=lambda peek: old, trim=after_one_more), auction)
    stage.record(auction)
    # These displace nobody: a second notice would be refused by a key, and hide that the bids are recorded twice.
    stage.bids(auction, [(bob, steps(2)), (carol, steps(3))], now + 30)
    if db.engine.dialect.name != "sqlite":  # in SQLite one writer blocks all others
        with before_statement("UPDATE auctions SET", lambda: _overtake(stage, auction)):
            record_waiting(stage.engine, auction)
    stage.settle(auction)


def _overtake(stage: SmokeStage, auction: int) -> None:
    """Another drain records everything, including one more bid."""
    stage.bid(auction, stage.people[4], steps(9), stage.opens(auction) + 50)

    def drain() -> None:
        with stage.app.app_context():
            stage.record(auction)

    other = Thread(target=drain)
    other.start()
    other.join(OVERLAP_SECONDS)


def unreadable_and_unknown(stage: SmokeStage) -> None:
    """The list holds a text that is no bid, and a bid by somebody the ledger does not know yet.

    An operator has the second one recorded once the account exists.
    """
    auction = stage.open()
    now = stage.opens(auction)
    alice, bob = stage.people[:2]
    newcomer = _next_person_id()
    stage.engine.introduce(auction, newcomer, Permission.OK, 1, 1)
    stage.bids(auction, [(alice, steps(3)), (bob, steps(4))], now)
    with stage.store() as client:
        client.rpush(redis_keys.bids(auction), "no bid at all")
    stage.bids(auction, [(newcomer, steps(0)), (alice, steps(5))], now + 10)
    stage.record(auction)
    assert add_person("newcomer").id == newcomer
    for entry in quarantined_entries(auction):
        if entry.resolved_at is None:
            record_entry(auction, entry.id, "the account came back", "operator")
    stage.settle(auction)


def _next_person_id() -> int:
    """Id of the next account: one is made and rolled back."""
    last = add_person("nobody").id
    return int(last) + 1


def lost_store(stage: SmokeStage) -> None:
    """The live store loses an auction whose bids are all recorded; it is rebuilt and goes on."""
    auction = stage.open(running=True)
    alice, bob, carol, dave = stage.people[:4]
    for number, person in enumerate((alice, bob, carol, alice)):
        stage.bid(auction, person, steps(number), request=f"kept-{number}")
    stage.record(auction)
    with stage.store() as client:
        client.delete(*client.keys(f"*{{auction:{auction}}}*"))
    rebuild(stage.engine, auction, replace=False, backlog_max=GIVEN_UP, account_for=lambda facts: None)
    for person in stage.people:
        stage.engine.introduce(auction, person, Permission.OK, 1, 1)
    for number, person in enumerate((alice, bob, carol, alice)):
        stage.bid(auction, person, steps(number), request=f"kept-{number}")
    stage.bids(auction, [(dave, steps(6)), (bob, steps(7)), (alice, steps(9)), (alice, steps(12))])
    stage.record(auction)
