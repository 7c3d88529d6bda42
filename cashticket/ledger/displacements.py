"""Who was pushed out of the seats, written down beside the bid that did it: one notice for every displacement.

Whether somebody is to be told was decided with the bid (never when all chances are used). A notice that cannot be
written holds up no bid: bids are the record, notices are about it.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry
from cashticket.locale import to_moment
from cashticket.models import Notification
from cashticket.models.notices import RANK_OUT

log = logging.getLogger(__name__)


def tell_displaced(session: Session, auction_id: int, entries: Sequence[Entry]) -> None:
    """Add the notices of these recorded bids to the transaction that records them."""
    rows = [_row(auction_id, entry) for entry in entries if entry.displaced and entry.alert]
    if rows:
        session.execute(insert(Notification), rows)


def tell_displaced_if_possible(session: Session, auction_id: int, entry: Entry) -> None:
    """The same for one bid; a notice that is there already, or that the schema refuses, is left out."""
    try:
        with session.begin_nested():
            tell_displaced(session, auction_id, [entry])
    except (IntegrityError, DataError) as error:
        log.warning("auction %s: no notice of the displacement by bid %s: %s", auction_id, entry.sequence, error.orig)


def _row(auction_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "person_id": entry.displaced,
        "auction_id": auction_id,
        "kind": RANK_OUT,
        "occasion": entry.sequence,
        "facts": {"amount": entry.amount, "cutoff": entry.cutoff},
        "created_at": to_moment(entry.at_ms),
    }
