"""Notices of displacements, stored in the transaction that records the displacing bids.

Whether there is a notice was decided with the bid: none when the displaced person has no chances left. A notice that
cannot be stored never keeps a bid from being recorded.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry, NoticeKind
from cashticket.locale import to_moment
from cashticket.logs.failures import failure_text
from cashticket.models import Notification

log = logging.getLogger(__name__)


def notify_displaced(session: Session, auction_id: int, entries: Sequence[Entry]) -> None:
    """Add the notices of these recorded bids to the transaction that records them."""
    rows = [_row(auction_id, entry) for entry in entries if entry.displaced and entry.alert]
    if rows:
        session.execute(insert(Notification), rows)


def notify_displaced_if_possible(session: Session, auction_id: int, entry: Entry) -> None:
    """Add the notice of one recorded bid. Leaves it out if it exists already or the schema refuses it."""
    try:
        with session.begin_nested():
            notify_displaced(session, auction_id, [entry])
    except (IntegrityError, DataError) as error:
        log.warning(
            "auction %s: no notice of the displacement by bid %s: %s", auction_id, entry.sequence, failure_text(error)
        )


def _row(auction_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "person_id": entry.displaced,
        "auction_id": auction_id,
        "kind": NoticeKind.RANK_OUT,
        "occasion": entry.sequence,
        "facts": {"amount": entry.amount, "cutoff": entry.cutoff},
        "created_at": to_moment(entry.at_ms),
    }
