"""Both sides of a check: what the live store says of an auction, and what the ledger says.

The live store's order is read first, after its last sequence. Because the last accepted bid always ranks, the order is
complete up to that sequence, or up to the highest one in it. The list is read next and the ledger last, so that a bid
moving from the list to the ledger meanwhile is seen twice, never missed.
"""

from dataclasses import dataclass

from cashticket.auction.values import Entry, PoisonEntry, RankedBid
from cashticket.engine.interface import Engine, Snapshot
from cashticket.ledger import gaps, queries
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.models import Auction, Quarantined, RecordedBid


@dataclass(frozen=True, slots=True)
class Sides:
    """`before` and `after` are the live store's state at the start and at the end of the reading."""

    row: Auction
    before: Snapshot
    order: list[RankedBid]
    waiting: list[Entry | PoisonEntry]
    bids: list[RecordedBid]
    quarantined: list[Quarantined]
    given_up: set[int]
    recorded_after: int
    after: Snapshot

    @property
    def through(self) -> int:
        """The sequence up to which `order` is complete."""
        return max([self.before.sequence, *(ranked.sequence for ranked in self.order)])

    @property
    def unreadable(self) -> int:
        """How many unreadable entries, waiting or quarantined, stand for a bid whose number is not known."""
        poison = sum(isinstance(entry, PoisonEntry) for entry in self.waiting)
        return poison + sum(entry.sequence is None and entry.resolved_at is None for entry in self.quarantined)


def read_sides(engine: Engine, row: Auction, before: Snapshot) -> Sides:
    """Read both sides of an auction that both know. Raises LedgerGap, and what stores raise while they are away."""
    order = engine.order(row.id)
    waiting = engine.peek(row.id, max(1, engine.backlog([row.id]).get(row.id, 0)))
    queries.forget()
    fresh = queries.auction(row.id)
    if fresh is None:
        raise LedgerGap(f"auction {row.id} vanished from the ledger during the check")
    bids, quarantined = list(queries.bids(row.id)), list(quarantined_entries(row.id))
    recorded_after = queries.recorded_sequence(row.id) or 0
    given_up = {number for gap in gaps.gaps_of(row.id) for number in range(gap.first, gap.last + 1)}
    return Sides(fresh, before, order, waiting, bids, quarantined, given_up, recorded_after, engine.read(row.id))
