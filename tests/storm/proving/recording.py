"""The proving course, second part: the way into the ledger and back, with deaths, doubles and strangers on it."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.extensions import db
from cashticket.ledger.quarantine import quarantined_entries, record_entry
from cashticket.ledger.recording import record_waiting
from cashticket.work.rebuilding import rebuild
from tests.staging.rows import add_person
from tests.storm.proving.bidding import steps
from tests.storm.proving.stage import Death, Ground, before_statement, die

OVERLAP_SECONDS = 20.0
GIVEN_UP = 5


class Between:
    """The engine as a drain sees it, with something happening around one of its verbs."""

    def __init__(self, engine: Any, **around: Callable[[Callable[[], Any]], Any]) -> None:
        self._engine, self._around = engine, around

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._engine, verb)
        around = self._around.get(verb)
        return real if around is None else lambda *given: around(lambda: real(*given))


def deaths(ground: Ground) -> None:
    """A drain dies at its insert, between commit and trim, and after the trim; another begins anew each time."""
    auction = ground.open()
    now = ground.opens(auction)
    alice, bob, carol, dave = ground.people[:4]
    ground.bids(auction, [(alice, steps(0)), (bob, steps(1)), (carol, steps(2)), (alice, steps(3))], now)

    def then_die(trim: Callable[[], Any]) -> None:
        trim()
        die()

    for around in (lambda trim: die(), then_die):
        _dying(lambda around=around: record_waiting(Between(ground.engine, trim=around), auction))  # type: ignore[misc]
        ground.bids(auction, [(dave, steps(4)), (bob, steps(5))] if around is not then_die else [], now + 100)
    ground.bids(auction, [(carol, steps(6)), (dave, steps(7))], now + 200)
    with before_statement("INSERT INTO bids", die):
        _dying(lambda: record_waiting(ground.engine, auction))
    ground.settle(auction)


def _dying(work: Callable[[], Any]) -> None:
    try:
        work()
    except Death:
        db.session.remove()


def doubles(ground: Ground) -> None:
    """Two drains at once: one with an old view of the list, one overtaken at its fence; bids arrive while they trim."""
    auction = ground.open()
    now = ground.opens(auction)
    alice, bob, carol, dave, erin = ground.people[:5]
    ground.bids(auction, [(alice, steps(0)), (bob, steps(1)), (carol, steps(2))], now)
    old = ground.engine.peek(auction, 500)
    ground.record(auction)
    ground.bids(auction, [(alice, steps(3)), (dave, steps(4))], now + 10)

    def after_one_more(trim: Callable[[], Any]) -> Any:
        ground.bid(auction, erin, steps(5), now + 20)
        return trim()

    record_waiting(Between(ground.engine, peek=lambda peek: old, trim=after_one_more), auction)
    ground.record(auction)
    # These displace nobody: a second notice would be refused by a key, and hide that the bids are recorded twice.
    ground.bids(auction, [(bob, steps(2)), (carol, steps(3))], now + 30)
    if db.engine.dialect.name != "sqlite":  # where whoever writes keeps everybody else from beginning to
        with before_statement("UPDATE auctions SET", lambda: _overtake(ground, auction)):
            record_waiting(ground.engine, auction)
    ground.settle(auction)


def _overtake(ground: Ground, auction: int) -> None:
    """Another drain records everything, one more bid included."""
    ground.bid(auction, ground.people[4], steps(9), ground.opens(auction) + 50)

    def drain() -> None:
        with ground.app.app_context():
            ground.record(auction)

    other = Thread(target=drain)
    other.start()
    other.join(OVERLAP_SECONDS)


def strangers(ground: Ground) -> None:
    """The list holds a text that is no bid, and a bid of somebody whom the ledger came to know later; an operator
    has it recorded after all."""
    auction = ground.open()
    now = ground.opens(auction)
    alice, bob = ground.people[:2]
    newcomer = _next_person_id()
    ground.engine.introduce(auction, newcomer, Permission.OK, 1, 1)
    ground.bids(auction, [(alice, steps(3)), (bob, steps(4))], now)
    with ground.store() as client:
        client.rpush(redis_keys.bids(auction), "no bid at all")
    ground.bids(auction, [(newcomer, steps(0)), (alice, steps(5))], now + 10)
    ground.record(auction)
    assert add_person("newcomer").id == newcomer
    for entry in quarantined_entries(auction):
        if entry.resolved_at is None:
            record_entry(auction, entry.id, "the account came back", "operator")
    ground.settle(auction)


def _next_person_id() -> int:
    """The id of the next account: one is made and taken back."""
    last = add_person("nobody").id
    return int(last) + 1


def lost_store(ground: Ground) -> None:
    """The live store loses an auction whose bids are all recorded; it is rebuilt, asked again, and goes on."""
    auction = ground.open(running=True)
    alice, bob, carol, dave = ground.people[:4]
    for number, person in enumerate((alice, bob, carol, alice)):
        ground.bid(auction, person, steps(number), request=f"kept-{number}")
    ground.record(auction)
    with ground.store() as client:
        client.delete(*client.keys(f"*{{auction:{auction}}}*"))
    rebuild(ground.engine, auction, replace=False, backlog_max=GIVEN_UP, account_for=lambda facts: None)
    for person in ground.people:
        ground.engine.introduce(auction, person, Permission.OK, 1, 1)
    for number, person in enumerate((alice, bob, carol, alice)):
        ground.bid(auction, person, steps(number), request=f"kept-{number}")
    ground.bids(auction, [(dave, steps(6)), (bob, steps(7)), (alice, steps(9)), (alice, steps(12))])
    ground.record(auction)
