"""State machine, first part: set-up, clock, and work that may die on its way."""

import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from cashticket.catalogue.concerts import NotPublishable
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.settlement.awards import AwardNotFound, NotAllowed
from cashticket.work.rebuilding import NotRebuildable
from tests.storm.stateful.deaths import Died, Moment, doomed
from tests.storm.stateful.model import Happening, ModelAuction, Stops, dies
from tests.storm.stateful.rebuilding import faults
from tests.storm.stateful.seats import ModelConcert
from tests.storm.stateful.stores import Stores
from tests.storm.stateful.strategies import BASE, DEADLINE

REPLICA_LAG = 4
"""Bids that a replica may lack at most."""


def unfinished(machine: "Machine") -> bool:
    """Precondition: an auction is not settled yet."""
    return bool(machine.concert.unfinished())


def awarded(machine: "Machine") -> bool:
    """Precondition: a seat has been awarded."""
    return bool(machine.concert.awards)


class Machine(RuleBasedStateMachine):
    """The stores, the model of one concert, and a clock for both. `tally` counts what happened, over all sequences.

    With `over` the auctions are settled before the first step.
    """

    def __init__(self, stores: Stores, tally: Counter[str], *, over: bool) -> None:
        super().__init__()
        self.stores, self.tally, self.over = stores, tally, over
        self.concert = ModelConcert(DEADLINE)
        self.requests: list[tuple[ModelAuction, int, int, str]] = []
        self.versions: dict[int, tuple[int, Any]] = {}
        self.copies: dict[int, list[Any]] = defaultdict(list)
        self.replicas: dict[int, deque[Any]] = defaultdict(lambda: deque(maxlen=REPLICA_LAG))
        self.away_since: dict[int, int] = {}
        self.times_back = 0
        self.now = stores.engine.now_ms = stores.engine.numbered_ms = BASE

    def teardown(self) -> None:
        self.tally["sequences"] += 1
        self.tally["auctions settled"] += sum(auction.ledger_state == "settled" for auction in self.concert.auctions)
        self.tally["seats handed over"] += sum(award.previous is not None for award in self.concert.awards)
        self.tally["seats awarded"] += len(self.concert.awards)
        self.stores.reset()

    def auction(self, number: int) -> ModelAuction:
        return self.concert.auctions[number % len(self.concert.auctions)]

    def set_clock(self, now: int) -> None:
        self.now = self.stores.engine.now_ms = now

    def do(self, happenings: Iterable[Happening], moment: Moment | None, work: Callable[[Any], object]) -> None:
        """Do work that may die at `moment`, in the product and in the model; both must end in the same way."""
        try:
            expected = "died" if dies(happenings, moment) else "done"
        except Stops as error:
            expected = str(error)
        with doomed(self.stores.engine, db.engine, moment) as engine:
            actual = outcome(work, engine)
        db.session.remove()
        self.tally[f"{work.__name__} {actual}"] += 1
        if actual == "died" and moment:
            self.tally[f"died {moment[1]} {moment[0]}"] += 1
        assert actual == expected, f"the product says {actual}, the model {expected}"

    def can_be_copied(self, auction: ModelAuction) -> bool:
        """Whether the live store may go back to what it has of this auction now."""
        takes_bids = auction.in_store and auction.state == "open" and not auction.paused
        return takes_bids and auction.ledger_state == "open" and not faults(auction)

    def forget_copies(self, auction: ModelAuction) -> None:
        """What came since the copies is no longer only what is missing in them."""
        self.copies[auction.id].clear()
        self.replicas[auction.id].clear()

    def person(self, number: int) -> int:
        return self.stores.people[number % len(self.stores.people)]

    def request(self) -> str:
        return f"Request-{len(self.requests)}"

    def best_of(self, auction: ModelAuction, person: int) -> int:
        return auction.own(person) or 0


class NoAlarm:
    def wait(self, seconds: float) -> None:
        raise AssertionError("a single round waits for nobody")


ENDS: dict[type[BaseException], str] = {
    LedgerGap: "gap",
    UnknownAuction: "unknown",
    AwardNotFound: "not found",
    NotRebuildable: "refused",
    NotPublishable: "refused",
}


def outcome(work: Callable[[Any], object], engine: Any) -> str:
    """How the work ended, in the words of the model."""
    try:
        work(engine)
    except NotAllowed as error:
        return error.reason
    except Died as error:
        # The error's frames hold cursors, which would keep SQLite locked after their connection is closed.
        traceback.clear_frames(error.__traceback__)
        return "died"
    except tuple(ENDS) as error:
        return next(name for kind, name in ENDS.items() if isinstance(error, kind))
    return "done"
