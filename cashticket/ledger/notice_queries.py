"""Reads of notices: who was told what."""

from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import FinalRank, Notification


def people_passed_over(auction_id: int) -> set[int]:
    """Everybody who was passed over when the auction was settled, as settlement stored it."""
    people = select(FinalRank.person_id).where(FinalRank.auction_id == auction_id, FinalRank.passed_over.is_not(None))
    return set(db.session.scalars(people))


def people_who_left(auction_id: int) -> set[int]:
    """Everybody who has left the line of the auction for good."""
    people = select(FinalRank.person_id).where(FinalRank.auction_id == auction_id, FinalRank.left_at.is_not(None))
    return set(db.session.scalars(people))


def rank_outs_noticed(auction_id: int) -> set[tuple[int, int]]:
    """Every rank-out with a notice: the person, and the sequence of the bid that pushed them out."""
    rows = select(Notification.person_id, Notification.occasion).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.RANK_OUT
    )
    return {(person, sequence) for person, sequence in db.session.execute(rows)}
