"""Withdrawals in the ledger: as rows of their table, and as rows among the bids, whose numbers they share.

Whoever reads the bids of an auction in sequence finds a withdrawal among them with `nth` WITHDRAWN.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session, aliased

from cashticket.auction.values import Entry, NoticeKind
from cashticket.auction.withdrawals import WITHDRAWN
from cashticket.extensions import db
from cashticket.locale import to_moment
from cashticket.logs.failures import failure_text
from cashticket.models import RecordedBid, Withdrawal
from cashticket.models.notice_adding import add_notices

log = logging.getLogger(__name__)


class WithdrawnRow(NamedTuple):
    """A withdrawal under the names of the columns of a bid. `displaced_id` is who came in."""

    sequence: int
    person_id: int
    nth: int
    amount: int
    at_ms: int
    request_id: str
    ends_at_ms: int
    rank: int
    cutoff: int
    displaced_id: int | None
    alert: bool


def withdrawals_of(auction_id: int, *of: ColumnElement[bool], session: Session | None = None) -> list[WithdrawnRow]:
    """The withdrawals of an auction that satisfy these conditions, in sequence. One statement."""
    rows = select(Withdrawal).where(Withdrawal.auction_id == auction_id, *of).order_by(Withdrawal.sequence)
    return [_row(each) for each in (session or db.session).scalars(rows)]


def numbered(auction_id: int, numbers: Collection[int], session: Session | None = None) -> list[WithdrawnRow]:
    """The withdrawals of an auction that have these numbers."""
    return withdrawals_of(auction_id, Withdrawal.sequence.in_(numbers), session=session)


def is_withdrawn(bid: type[RecordedBid]) -> ColumnElement[bool]:
    """SQL: whether the standing of this bid's person was withdrawn after the bid."""
    later = aliased(Withdrawal)
    return (
        select(later.id)
        .where(later.auction_id == bid.auction_id, later.person_id == bid.person_id, later.sequence > bid.sequence)
        .exists()
    )


def insert_withdrawals(session: Session, auction_id: int, entries: Iterable[Entry]) -> None:
    """Store withdrawals in the unit that moves the fence."""
    for entry in entries:
        values = {
            "auction_id": auction_id,
            "sequence": entry.sequence,
            "person_id": entry.person,
            "amount": entry.amount,
            "at_ms": entry.at_ms,
            "ends_at_ms": entry.ends_at_ms,
            "rank": entry.rank,
            "cutoff": entry.cutoff,
            "brought_in_id": entry.displaced,
        }
        session.execute(insert(Withdrawal), [values])


def tell_brought_in(session: Session, auction_id: int, entries: Iterable[Entry]) -> None:
    """Add the notices, with mails and pushes, to those who came in by these recorded withdrawals."""
    for entry in entries:
        if entry.displaced is not None:
            add_notices(session, _notices(session, auction_id, entry, entry.displaced))


def tell_brought_in_if_possible(session: Session, auction_id: int, entry: Entry) -> None:
    """Like `tell_brought_in`. Leaves a notice out if the schema refuses it."""
    try:
        with session.begin_nested():
            tell_brought_in(session, auction_id, [entry])
    except (IntegrityError, DataError) as error:
        log.warning("auction %s: no notice of withdrawal %s: %s", auction_id, entry.sequence, failure_text(error))


def merged(bids: Sequence[Any], withdrawn: Sequence[WithdrawnRow]) -> Sequence[Any]:
    """Bids and withdrawals in one sequence."""
    return sorted([*bids, *withdrawn], key=lambda row: row.sequence) if withdrawn else bids


def is_withdrawal(row: Any) -> bool:
    """Whether a row, or an entry, among the bids is a withdrawal."""
    return bool(row.nth == WITHDRAWN)


def _notices(session: Session, auction_id: int, entry: Entry, person: int) -> list[dict[str, Any]]:
    """The notice to who came in, with the bid that stands; none if the ledger has no such bid."""
    own = (
        select(RecordedBid.amount)
        .where(RecordedBid.auction_id == auction_id, RecordedBid.person_id == person)
        .where(RecordedBid.sequence < entry.sequence)
        .order_by(RecordedBid.sequence.desc())
        .limit(1)
    )
    if (amount := session.scalar(own)) is None:
        return []
    return [
        {
            "person_id": person,
            "auction_id": auction_id,
            "kind": NoticeKind.MOVED_IN,
            "occasion": entry.sequence,
            "facts": {"own": amount, "at": entry.at_ms},
            "created_at": to_moment(entry.at_ms),
        }
    ]


def _row(row: Withdrawal) -> WithdrawnRow:
    moments = {"at_ms": row.at_ms, "ends_at_ms": row.ends_at_ms}
    return WithdrawnRow(
        sequence=row.sequence,
        person_id=row.person_id,
        nth=WITHDRAWN,
        amount=row.amount,
        request_id="",
        rank=row.rank,
        cutoff=row.cutoff,
        displaced_id=row.brought_in_id,
        alert=False,
        **moments,
    )
