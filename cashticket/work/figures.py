"""The figures of an auction for operators: from the live store while it knows the auction, else from the ledger."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from cashticket.auction.values import UNFINISHED_STATES, State
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import gaps, order, quarantine
from cashticket.locale import to_moment
from cashticket.models import Auction, FinalRank, RecordedBid


@dataclass(frozen=True, slots=True)
class Figures:
    """State, ends (UTC) and counts of an auction; amounts in won, `best` None without bids.

    `paused` is the reason, '' for none, and None for an auction that is not live. `lost`: it should be live, but the
    live store does not know it, so that the ledger gave the figures; so it did of an `away` one, whose live store does
    not answer.
    """

    state: State
    closes_at: datetime
    ends_at: datetime
    cutoff: int
    best: int | None
    bidders: int
    accepted: int
    recorded: int
    quarantined: int
    paused: str | None = None
    lost: bool = False
    away: bool = False


def figures_of(engine: Engine, auction: Auction) -> Figures:
    """Return the figures of `auction`. Raises StoreUnavailable and OutcomeUnknown where there is one live store."""
    # Read before the live store, so that never more bids are shown as recorded than as accepted.
    recorded, given_up = auction.recorded_sequence, gaps.width(gaps.gaps_of(auction.id))
    quarantined = quarantine.waiting(auction.id)
    try:
        board = engine.read(auction.id)
    except UnknownAuction:
        return _from_ledger(auction, recorded - given_up, quarantined)
    except (StoreUnavailable, OutcomeUnknown):
        if len(engine.stores()) == 1:
            raise
        return replace(_from_ledger(auction, recorded - given_up, quarantined), lost=False, away=True)
    is_live = auction.state is State.OPEN
    return Figures(
        state=board.state if is_live else auction.state,
        closes_at=to_moment(board.terms.closes_at_ms) if is_live else auction.closes_at,
        ends_at=to_moment(board.ends_at_ms) if is_live else auction.ends_at,
        cutoff=board.cutoff,
        best=board.best,
        bidders=board.bidders,
        accepted=board.sequence - given_up,
        recorded=recorded - given_up,
        quarantined=quarantined,
        paused=board.paused if is_live else None,
    )


def _from_ledger(auction: Auction, recorded: int, quarantined: int) -> Figures:
    bidders, accepted = _counts(auction, recorded)
    last_winner = order.amount_at(auction, auction.seats)
    return Figures(
        state=auction.state,
        closes_at=auction.closes_at,
        ends_at=auction.ends_at,
        cutoff=auction.minimum if last_winner is None else last_winner,
        best=order.amount_at(auction, 1),
        bidders=bidders,
        accepted=accepted,
        recorded=recorded,
        quarantined=quarantined,
        lost=auction.state in UNFINISHED_STATES,
    )


def _counts(auction: Auction, recorded: int) -> tuple[int, int]:
    """How many people bid, and how many bids were accepted.

    Once the final ranks count, both are read by index. Before, the database counts all bids: only while the live store
    has lost the auction.
    """
    if auction.ranked_at is not None:
        last = select(func.max(FinalRank.rank)).where(FinalRank.auction_id == auction.id)
        return db.session.scalar(last) or 0, recorded
    bids = db.session.scalar(select(func.count()).where(RecordedBid.auction_id == auction.id))
    return order.count_bidders(db.session(), auction.id), bids or 0
