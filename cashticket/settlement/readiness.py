"""Whether an auction can be settled now, and if not, the reason. Reads only."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cashticket.auction.values import UNFINISHED_STATES, State
from cashticket.ledger import gaps
from cashticket.models import Auction, Quarantined, RecordedBid, Withdrawal


@dataclass(frozen=True, slots=True)
class NotReady:
    """Why an auction was not settled; nothing was changed. `reason` is unknown_auction, voided, earlier_auction,
    not_recorded, quarantined, incomplete, order_differs or not_ranked; `detail` explains it to the operator."""

    reason: str
    detail: str

    @property
    def is_ordinary(self) -> bool:
        """Whether the cause goes away by itself; any other needs an operator."""
        return self.reason in ("not_recorded", "earlier_auction", "not_ranked")


def unknown_auction(auction_id: int) -> NotReady:
    """The answer for an auction that is not in the ledger."""
    return NotReady("unknown_auction", f"there is no auction {auction_id} in the ledger")


def not_ready(session: Session, auction_id: int, final_sequence: int) -> NotReady | None:
    """Why the ledger forbids settling the auction now, None if it does not. Takes no lock and reads no order."""
    auction = session.get(Auction, auction_id)
    return unknown_auction(auction_id) if auction is None else find_problem(session, auction, final_sequence)


def find_problem(session: Session, auction: Auction, final_sequence: int) -> NotReady | None:
    """What in the ledger forbids settling the auction, None if nothing does. Counts its bids."""
    return find_quickly(session, auction, final_sequence) or _missing_bids(session, auction, final_sequence)


def find_quickly(session: Session, auction: Auction, final_sequence: int) -> NotReady | None:
    """What forbids settling the auction, as far as it can be found without counting its bids."""
    return _state_problem(session, auction) or _ledger_problem(session, auction, final_sequence)


def _state_problem(session: Session, auction: Auction) -> NotReady | None:
    if auction.state is State.VOIDED:
        return NotReady("voided", f"auction {auction.id} was voided")
    earlier = session.scalar(
        select(Auction.id)
        .where(
            Auction.concert_id == auction.concert_id,
            Auction.state.in_(UNFINISHED_STATES),
            or_(
                Auction.ends_at < auction.ends_at,
                (Auction.ends_at == auction.ends_at) & (Auction.id < auction.id),
            ),
        )
        .limit(1)
    )
    if earlier is not None:
        return NotReady("earlier_auction", f"auction {earlier} of the same concert ended earlier and comes first")
    return None


def _ledger_problem(session: Session, auction: Auction, final_sequence: int) -> NotReady | None:
    if auction.recorded_sequence != final_sequence:
        detail = f"{auction.recorded_sequence} of {final_sequence} bids are recorded"
        return NotReady("not_recorded", detail)
    quarantined = select(func.count()).where(Quarantined.auction_id == auction.id, Quarantined.sequence.is_not(None))
    unresolved = session.scalar(quarantined.where(Quarantined.resolved_at.is_(None))) or 0
    if unresolved:
        return NotReady("quarantined", f"{unresolved} bids were set aside and wait for an operator")
    return None


def _missing_bids(session: Session, auction: Auction, final_sequence: int) -> NotReady | None:
    quarantined = select(func.count()).where(Quarantined.auction_id == auction.id, Quarantined.sequence.is_not(None))
    recorded = session.scalar(select(func.count()).where(RecordedBid.auction_id == auction.id)) or 0
    withdrawn = session.scalar(select(func.count()).where(Withdrawal.auction_id == auction.id)) or 0
    explained = (session.scalar(quarantined) or 0) + gaps.width(gaps.gaps_of(auction.id, session)) + withdrawn
    if not recorded <= final_sequence <= recorded + explained:
        return NotReady("incomplete", f"the ledger has {recorded} bids where {final_sequence} were accepted")
    return None
