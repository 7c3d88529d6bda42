"""Notices of displacements, stored in the transaction that records the displacing bids.

Whether there is a notice was decided with the bid: none when the displaced person has no chances left. A notice that
cannot be stored never keeps a bid from being recorded. It names the person's own bid and what would have been enough to
be back in at that moment, so that it is true whenever it is read.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry, NoticeKind
from cashticket.locale import to_moment
from cashticket.logs.failures import failure_text
from cashticket.models import Auction, Notification, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.models.push_adding import add_pushes, anybody_has_a_device

log = logging.getLogger(__name__)


def notify_displaced(session: Session, auction_id: int, entries: Sequence[Entry]) -> None:
    """Add the notices of these recorded bids, and their pushes, to the transaction that records them."""
    displacing = [entry for entry in entries if entry.displaced and entry.alert]
    if displacing:
        own = _own_facts(session, auction_id, displacing)
        rows = [_row(auction_id, entry, own) for entry in displacing]
        session.execute(insert(Notification), rows)
        _push(session, auction_id, displacing)


def notify_displaced_if_possible(session: Session, auction_id: int, entry: Entry) -> None:
    """Add the notice of one recorded bid. Leaves it out if it exists already or the schema refuses it."""
    try:
        with session.begin_nested():
            notify_displaced(session, auction_id, [entry])
    except (IntegrityError, DataError) as error:
        log.warning(
            "auction %s: no notice of the displacement by bid %s: %s", auction_id, entry.sequence, failure_text(error)
        )


def _push(session: Session, auction_id: int, displacing: Sequence[Entry]) -> None:
    """Let the notices of these displacements leave for the devices of their people, at once: whether somebody has a
    page open is seen when a push is sent."""
    people = {entry.displaced for entry in displacing if entry.displaced}
    # Few people have a device, and this transaction holds up the next bids.
    if anybody_has_a_device(session, people):
        of = (Notification.person_id.in_(sorted(people)), Notification.auction_id == auction_id)
        sequences = [entry.sequence for entry in displacing]
        kind = Notification.kind == NoticeKind.RANK_OUT
        add_pushes(session, utcnow(), *of, kind, Notification.occasion.in_(sequences))


def _own_facts(session: Session, auction_id: int, displacing: Sequence[Entry]) -> dict[int, dict[str, Any]]:
    """What these bids did to whom they displaced, by sequence, in one statement: the bid of that person, and the lowest
    amount that would have been winning after it. Left out where the ledger has no such bid, or no amount was enough."""
    people = {entry.displaced for entry in displacing if entry.displaced}
    rows = session.execute(
        select(RecordedBid.person_id, RecordedBid.sequence, RecordedBid.amount, Auction.step, Auction.maximum)
        .join(Auction, Auction.id == RecordedBid.auction_id)
        .where(RecordedBid.auction_id == auction_id, RecordedBid.person_id.in_(sorted(people)))
        .order_by(RecordedBid.sequence)
    ).all()
    bids_of: dict[int | None, list[Any]] = {}
    for row in rows:
        bids_of.setdefault(row.person_id, []).append(row)
    facts: dict[int, dict[str, Any]] = {}
    for entry in displacing:
        before = [row for row in bids_of.get(entry.displaced, ()) if row.sequence < entry.sequence]
        if before and (enough := entry.cutoff + before[-1].step) <= before[-1].maximum:
            facts[entry.sequence] = {"own": before[-1].amount, "enough": enough, "at": entry.at_ms, "why": "own_bid"}
    return facts


def _row(auction_id: int, entry: Entry, own: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "person_id": entry.displaced,
        "auction_id": auction_id,
        "kind": NoticeKind.RANK_OUT,
        "occasion": entry.sequence,
        "facts": {"amount": entry.amount, "cutoff": entry.cutoff, **own.get(entry.sequence, {})},
        "created_at": to_moment(entry.at_ms),
    }
