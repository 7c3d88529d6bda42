"""Records what is still held of an auction's answered bids, in sequence: what waits in its list or is witnessed.

Where a number is missing in between and no witness holds its bid, the number is given up as a row if the caller allows
it; otherwise recording stops there, as a drain does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cashticket.auction.number_rules import Range, runs
from cashticket.auction.values import Entry, PoisonEntry
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger import gaps, queries
from cashticket.ledger.fence import Contradiction, LedgerGap, recorded_through
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.setting_aside import set_aside_contradiction


@dataclass(slots=True)
class Recorded:
    """How many entries left the list, how many bids of witnesses were recorded, how many entries were set aside, and
    which numbers were given up."""

    from_list: int = 0
    from_witnesses: int = 0
    set_aside: int = 0
    given_up: list[Range] = field(default_factory=list)


class HeldBids:
    """Records the held bids of one auction. Every method may be repeated after a crash at any point."""

    def __init__(
        self, engine: Engine, auction_id: int, witnessed: Mapping[int, Entry], *, gives_up_after: int, sets_aside: bool
    ) -> None:
        """Only numbers above `gives_up_after` are given up. `sets_aside`: waiting bids that contradict the ledger are
        quarantined; otherwise Contradiction is raised."""
        self._engine, self._auction_id, self._witnessed = engine, auction_id, witnessed
        self._gives_up_after, self._sets_aside = gives_up_after, sets_aside
        self.recorded = Recorded()

    def record_list(self) -> None:
        """Record the whole list, and before each entry what is missing there. Raises LedgerGap."""
        while True:
            try:
                moved = record_waiting(self._engine, self._auction_id)
                self.recorded.from_list += moved
                if not moved and not self._engine.peek(self._auction_id, 1):
                    return
            except Contradiction as error:
                if not self._sets_aside:
                    raise
                self._set_aside(error.entries)
            except LedgerGap:
                head = self._engine.peek(self._auction_id, 1)
                if not head or isinstance(head[0], PoisonEntry):
                    raise
                self.record_through(head[0].sequence - 1, "neither in the ledger nor in the list of the live store")

    def record_through(self, through: int, reason: str) -> None:
        """Record the bids of witnesses up to this number and give up the numbers between them, for `reason`. The list
        must not hold any of these numbers. Raises LedgerGap."""
        recorded = self._recorded()
        for run in runs(entry for number, entry in self._witnessed.items() if recorded < number <= through):
            try:
                self._record(run)
            except Contradiction:
                raise
            except LedgerGap:
                self._give_up(run[0].sequence - 1, reason)
                self._record(run)
        self._give_up(through, reason)
        queries.forget()

    def _recorded(self) -> int:
        queries.forget()
        return recorded_through(db.session(), self._auction_id)

    def _record(self, run: Sequence[Entry]) -> None:
        source = _Source(run)
        while record_waiting(source, self._auction_id):
            pass
        self.recorded.from_witnesses += len(run)

    def _give_up(self, through: int, reason: str) -> None:
        recorded = self._recorded()
        if through <= recorded:
            return
        if recorded < self._gives_up_after:
            raise LedgerGap(
                f"auction {self._auction_id}: bids {recorded + 1} to {through} are neither in the ledger nor in the "
                "list, and no witness holds them"
            )
        if gap := gaps.give_up(self._auction_id, through, reason):
            self.recorded.given_up.append((gap.first, gap.last))

    def _set_aside(self, entries: Sequence[Entry]) -> None:
        set_aside_contradiction(self._auction_id, entries)
        self.recorded.set_aside += len(entries)
        self._engine.trim(self._auction_id, max(entry.sequence for entry in entries))


class _Source:
    """Bids that witnesses hold, as a list to record from."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = list(entries)

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return list(self._entries[:count])

    def trim(self, auction_id: int, through_sequence: int) -> int:
        before = len(self._entries)
        self._entries = [entry for entry in self._entries if entry.sequence > through_sequence]
        return before - len(self._entries)

    def discard(self, auction_id: int, raw: str) -> bool:
        return False
