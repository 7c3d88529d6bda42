"""Sequence numbers without a recorded bid for which the ledger has a reason: gaps and quarantined entries."""

from collections.abc import Iterator
from dataclasses import dataclass

from cashticket.ledger import gaps
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.models import Quarantined, SequenceGap


@dataclass(slots=True)
class Explained:
    """The gaps of an auction in sequence, its quarantined entries, and the numbers of these."""

    gaps: list[SequenceGap]
    quarantined: list[Quarantined]
    numbers: set[int]

    @property
    def unplaced(self) -> int:
        """Unresolved entries that stand for a bid whose number is not known."""
        return sum(entry.sequence is None and entry.resolved_at is None for entry in self.quarantined)

    @property
    def resolved(self) -> int:
        """How many entries an operator has decided about."""
        return sum(entry.resolved_at is not None for entry in self.quarantined)

    def without_reason(self, first: int, last: int) -> Iterator[int]:
        """Yield the numbers from `first` to `last` that are in no gap and of no entry."""
        for gap in self.gaps:
            if gap.last >= first and gap.first <= last:
                yield from self._not_quarantined(first, gap.first - 1)
                first = gap.last + 1
        yield from self._not_quarantined(first, last)

    def _not_quarantined(self, first: int, last: int) -> Iterator[int]:
        return (number for number in range(first, last + 1) if number not in self.numbers)


def explained_numbers(auction_id: int) -> Explained:
    """Read the gaps and the quarantined entries of an auction."""
    entries = list(quarantined_entries(auction_id))
    return Explained(list(gaps.gaps_of(auction_id)), entries, {entry.sequence for entry in entries if entry.sequence})
