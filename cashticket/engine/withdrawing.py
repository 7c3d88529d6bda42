"""The verb by which an operator takes a standing out of a running auction, and its answer."""

from dataclasses import dataclass
from typing import Protocol

from cashticket.auction.values import Entry, Reason


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did: its entry, or why there is none. Without either, the person did not stand. `refusal` is
    CLOSED after the end, FULL when the auction has no number left."""

    entry: Entry | None = None
    refusal: Reason | None = None


class WithdrawingEngine(Protocol):
    """A part of `Engine`."""

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        """Take the standing of a person out of the order, as an entry with the next number. The end does not move, and
        the person gets no chance back. A repeat finds nothing to withdraw. Raises UnknownAuction, Paused."""
