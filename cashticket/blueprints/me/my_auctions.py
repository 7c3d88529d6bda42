"""The auctions one person bid in, as my page shows them: how each stands now, or what became of it.

While bidding is open the live store is asked, because it knows of a bid before the ledger does. When it does not
answer, the recorded bids are shown without a place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cashticket.auction.rules import chances_left
from cashticket.auction.values import State
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.ledger import person_queries, queries
from cashticket.live.pieces import StandingView, standing_context
from cashticket.models import Auction, RecordedBid
from cashticket.settlement.outcomes import Outcome, outcome_of
from cashticket.wiring import current_engine


@dataclass(frozen=True, slots=True)
class MyAuction:
    """An auction one bid in, with the recorded bids, oldest first. `standing` is the place now (None: not known),
    `outcome` what became of it (None: not final)."""

    auction: Auction
    bids: Sequence[RecordedBid]
    standing: StandingView | None = None
    outcome: Outcome | None = None

    @property
    def status(self) -> str:
        """final, closing, winning or out; unknown while the live store does not tell."""
        if self.outcome is not None:
            return "final"
        if self.standing is None:
            return "unknown"
        return str(self.standing["status"]) if self.standing["snapshot"].state is State.OPEN else "closing"

    @property
    def amount(self) -> int:
        """The newest bid, in won."""
        return self.standing["amount"] if self.standing else self.bids[-1].amount

    @property
    def chances_left(self) -> int:
        return self.standing["chances_left"] if self.standing else chances_left(len(self.bids))

    @property
    def needs_me(self) -> bool:
        """Out, while bidding is open and a chance is left."""
        return self.status == "out" and self.chances_left > 0


def running(person_id: int, now: datetime) -> list[MyAuction]:
    """The auctions not final yet in which a person bid: those that need the person first, then by their end."""
    begun = [auction for auction in queries.live_auctions() if auction.opens_at <= now]
    bids = person_queries.bids_by_auction(person_id, [auction.id for auction in begun])
    standings = _standings(person_id, begun)
    mine = [
        MyAuction(auction, bids[auction.id], standings.get(auction.id))
        for auction in begun
        if bids[auction.id] or auction.id in standings
    ]
    return sorted(mine, key=lambda each: not each.needs_me)


def finished(person_id: int, most: int, skip: int = 0) -> list[MyAuction]:
    """Settled and voided auctions, the latest first, with their outcomes."""
    return _with_outcomes(person_id, person_queries.finished_auctions(person_id, most, skip))


def in_line(person_id: int, now: datetime) -> list[MyAuction]:
    """Where a person waits for a seat that becomes free; each outcome has the position."""
    found = _with_outcomes(person_id, person_queries.auctions_without_award(person_id, now))
    return [each for each in found if each.outcome and each.outcome.kind == "in_line"]


def _with_outcomes(person_id: int, auctions: Sequence[Auction]) -> list[MyAuction]:
    bids = person_queries.bids_by_auction(person_id, [auction.id for auction in auctions])
    return [MyAuction(auction, bids[auction.id], outcome=outcome_of(auction, person_id)) for auction in auctions]


def _standings(person_id: int, auctions: Sequence[Auction]) -> dict[int, StandingView]:
    """Where a person stands in those of the auctions the person bid in, as far as the live store tells."""
    engine, found = current_engine(), {}
    for auction in auctions:
        try:
            if engine.place(auction.id, person_id).sequence:
                found[auction.id] = standing_context(engine, auction.id, person_id)
        except UnknownAuction:
            continue
        except (StoreUnavailable, OutcomeUnknown):
            # Asking again for every auction would keep the reader waiting.
            break
    return found
