"""Bids that were answered and cannot be kept: each a row, and a notice with its mail to whoever made it."""

import logging
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry, NoticeKind
from cashticket.extensions import db
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.models import GivenUpBid, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.news_of_people import note_notices
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)


class Why(StrEnum):
    """What the bidder is told: the bid was lost in a failure, or an operator decided that it does not count."""

    LOST = "lost"
    DISCARDED = "discarded"


def given_up_bids(auction_id: int) -> Sequence[GivenUpBid]:
    """The answered bids of an auction that could not be kept, in sequence."""
    rows = select(GivenUpBid).where(GivenUpBid.auction_id == auction_id)
    return db.session.scalars(rows.order_by(GivenUpBid.sequence, GivenUpBid.id)).all()


def give_up_bids(auction_id: int, entries: Sequence[Entry], reason: str) -> int:
    """Give these bids up, each once, and tell their bidders. Returns how many are new; repeating it changes nothing.
    Raises IntegrityError when two processes do it at once; then call it again."""
    return in_one_unit(lambda session: sum(give_up_bid(session, auction_id, entry, reason) for entry in entries))


def give_up_bid(session: Session, auction_id: int, entry: Entry, reason: str, why: Why = Why.LOST) -> bool:
    """Give one bid up in the caller's unit. False, and nothing changed, if it was given up before, if the ledger does
    not know the person, or for a withdrawal, which was promised to nobody."""
    bid = {
        "auction_id": auction_id,
        "sequence": entry.sequence,
        "person_id": entry.person,
        "request_id": entry.request_id,
    }
    if is_withdrawal(entry):
        log.error("auction %s: withdrawal %s is lost: repeat it", auction_id, entry.sequence)
        return False
    is_done = session.scalar(select(GivenUpBid.id).filter_by(**bid)) is not None
    if is_done or session.get(Person, entry.person) is None:
        return False
    row = GivenUpBid(**bid, nth=entry.nth, amount=entry.amount, at_ms=entry.at_ms, reason=reason[:500])
    session.add(row)
    session.flush()
    log.error("auction %s: bid %s of %s won is given up: %s", auction_id, entry.sequence, entry.amount, reason)
    _tell(session, row, why)
    return True


def _tell(session: Session, row: GivenUpBid, why: Why) -> None:
    """Add the notice, with its mail, unless the account is closed."""
    # Locked until the unit ends, or closing the account would not delete the notice that is added meanwhile.
    account = select(Person.id).where(Person.id == row.person_id, Person.closed_at.is_(None))
    if session.scalar(account.with_for_update(read=True)) is None:
        return
    now = utcnow()
    notice = Notification(
        person_id=row.person_id,
        auction_id=row.auction_id,
        kind=NoticeKind.BID_GIVEN_UP,
        occasion=row.id,
        facts={"amount": row.amount, "why": str(why)},
        created_at=now,
    )
    session.add(notice)
    session.flush()
    note_notices(session, [row.person_id])
    add_notice_messages(session, now, Notification.__table__.c.id == notice.id)
