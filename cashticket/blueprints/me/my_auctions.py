"""The auctions one person bid in, as my page shows them: the present standing or the result.

Running auctions are read from the live store, which has a bid before the ledger has it. While it does not answer, the
recorded bids are shown without a place.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from cashticket.accounts import rights
from cashticket.auction.rules import chances_left
from cashticket.auction.values import Permission
from cashticket.blueprints.request import store_silence
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger import person_queries, queries
from cashticket.live.pieces import StandingView, standing_context
from cashticket.models import Auction, Person, RecordedBid
from cashticket.models.reading_copy import require
from cashticket.settlement.outcomes import Outcome, outcomes_of
from cashticket.wiring import current_engine


@dataclass(frozen=True, slots=True)
class MyAuction:
    """An auction with the person's recorded bids, oldest first. `standing` is None while it is unknown, `outcome` until
    the result is final. `may_bid`: nothing bars the person from bidding there."""

    auction: Auction
    bids: Sequence[RecordedBid]
    standing: StandingView | None = None
    outcome: Outcome | None = None
    may_bid: bool = True

    @property
    def status(self) -> str:
        """final, closing, winning or out; unknown while the live store does not answer."""
        if self.outcome is not None:
            return "final"
        if self.standing is None:
            return "unknown"
        return str(self.standing["status"]) if self.standing["snapshot"].goes_on else "closing"

    @property
    def amount(self) -> int:
        """The newest bid, in won."""
        return self.standing["amount"] if self.standing else self.bids[-1].amount

    @property
    def chances_used(self) -> int:
        """As the ledger counts them."""
        return queries.chances_used(self.bids)

    @property
    def chances_left(self) -> int:
        return self.standing["chances_left"] if self.standing else chances_left(self.chances_used)

    @property
    def needs_me(self) -> bool:
        """Whether the person is out while bidding is open, may bid, has a chance left, and could still win a seat with
        it."""
        if not self.may_bid or self.standing is None or self.status != "out" or not self.chances_left:
            return False
        return self.standing["to_win"] <= self.standing["snapshot"].terms.maximum


def running(person: Person, now: datetime) -> list[MyAuction]:
    """The unfinished auctions in which a person bid: those that need the person first, then by their end."""
    open_auctions = [auction for auction in queries.live_auctions() if auction.opens_at <= now]
    bids = person_queries.bids_by_auction(person.id, [auction.id for auction in open_auctions])
    standings = _standings(person.id, open_auctions)
    mine = [
        MyAuction(auction, bids[auction.id], standings.get(auction.id))
        for auction in open_auctions
        if bids[auction.id] or auction.id in standings
    ]
    # The live store knows of an end at once.
    require(all(auction.status in ("winning", "out") for auction in mine))
    return sorted(_as_allowed(person, mine), key=lambda auction: not auction.needs_me)


def needing(person: Person, limit: int) -> tuple[list[MyAuction], bool]:
    """Of the `limit` unfinished auctions in which the person bid last, those that need the person: out, while they can
    still win. Then whether these are all. One SQL statement, two while they are out, and three round trips for each
    auction."""
    auctions = person_queries.unfinished_auctions(person.id, limit)
    standings = _standings(person.id, auctions)
    mine = [MyAuction(auction, (), standings[auction.id]) for auction in auctions if auction.id in standings]
    are_all = len(auctions) < limit and not store_silence.is_any_silent()
    return [auction for auction in _as_allowed(person, mine) if auction.needs_me], are_all


def _as_allowed(person: Person, mine: list[MyAuction]) -> list[MyAuction]:
    """What `mine` says once it is known where the person may bid. One SQL statement while any auction needs them."""
    if not any(auction.needs_me for auction in mine):
        return mine
    right_in = rights.exceptions(person)
    return [replace(each, may_bid=right_in.get(each.auction.id, person.permission) is Permission.OK) for each in mine]


def finished(person_id: int, now: datetime, limit: int, skip: int = 0) -> list[MyAuction]:
    """Settled and voided auctions, the latest first, with their outcomes at `now`."""
    return _with_outcomes(person_id, person_queries.finished_auctions(person_id, limit, skip), now)


def in_line(person_id: int, now: datetime) -> list[MyAuction]:
    """The auctions in whose line a person waits for a freed seat. Each outcome has the position."""
    auctions = _with_outcomes(person_id, person_queries.auctions_without_award(person_id, now), now)
    return [auction for auction in auctions if auction.outcome and auction.outcome.kind == "in_line"]


def _with_outcomes(person_id: int, auctions: Sequence[Auction], now: datetime) -> list[MyAuction]:
    bids = person_queries.bids_by_auction(person_id, [auction.id for auction in auctions])
    outcomes = outcomes_of(auctions, person_id, now)
    return [MyAuction(auction, bids[auction.id], outcome=outcomes[auction.id]) for auction in auctions]


def _standings(person_id: int, auctions: Sequence[Auction]) -> dict[int, StandingView]:
    """The standings in those of `auctions` in which the person bid, as far as the live store answers."""
    engine, standings = current_engine(), {}
    for auction in auctions:
        # One that times out is not asked for its other auctions, which would keep the reader waiting.
        with suppress(UnknownAuction):
            standing = store_silence.answer_of(auction.id, partial(_standing, engine, auction.id, person_id))
            if standing is not None:
                standings[auction.id] = standing
    return standings


def _standing(engine: Engine, auction_id: int, person_id: int) -> StandingView | None:
    if not engine.place(auction_id, person_id).sequence:
        return None
    return standing_context(engine, auction_id, person_id, neighbours=False)
