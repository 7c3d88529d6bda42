"""Reads of notices: who was told what."""

from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Notification


def people_passed_over(auction_id: int) -> set[int]:
    """Everybody who was passed over when the auction was settled, read from the notices of the settlement."""
    people = select(Notification.person_id).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.PASSED_OVER
    )
    return set(db.session.scalars(people))


def rank_outs_noticed(auction_id: int) -> set[tuple[int, int]]:
    """Every rank-out with a notice: the person, and the sequence of the bid that pushed them out."""
    rows = select(Notification.person_id, Notification.occasion).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.RANK_OUT
    )
    return {(person, sequence) for person, sequence in db.session.execute(rows)}
