"""Notices about the result of a large auction, stored in bulk, with the mails that the product adds for them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.locale import iso
from cashticket.models import Notification
from cashticket.models.columns import utcnow
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit

WINDOW = 5_000


def store_notices(auction: int, people: Sequence[int], wins: int) -> None:
    """A notice of the result for each of these people, the first of them winners, and the product's mails of them."""
    now = utcnow()
    expires = iso(now + timedelta(days=1))
    for start in range(0, len(people), WINDOW):
        rows = [
            _notice(auction, person, rank, wins, expires)
            for rank, person in enumerate(people[start : start + WINDOW], start + 1)
        ]
        mine = (Notification.auction_id == auction, Notification.person_id.in_(people[start : start + WINDOW]))

        def notices(session: Session, rows: list[dict[str, Any]] = rows) -> None:
            session.execute(insert(Notification), rows)

        def mails(session: Session, mine: tuple[ColumnElement[bool], ...] = mine) -> int:
            return add_notice_messages(session, now, *mine)

        in_one_unit(notices)
        in_one_unit(mails)


def _notice(auction: int, person: int, rank: int, wins: int, expires: str) -> dict[str, Any]:
    amount = 1_000_000_000 - rank
    facts: dict[str, Any] = {"rank": rank, "amount": amount, "position": rank - wins}
    if rank <= wins:
        seat = {"award_id": rank, "seat": f"VIP-{rank}", "seat_number": rank}
        facts = {**seat, "price": amount, "rank": rank, "expires_at": expires}
    kind = NoticeKind.WON if rank <= wins else NoticeKind.NOT_WON
    return {"person_id": person, "auction_id": auction, "kind": kind, "occasion": 0, "facts": facts}
