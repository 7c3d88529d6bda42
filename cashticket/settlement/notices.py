"""Notices about awards, stored in the unit that changes the awards, together with their mails in the outbox.

Facts are numbers (won) and UTC moments (ISO, ending in Z) for the texts: `seat` `price` `rank` `expires_at` for awards,
`rank` `amount` `position` for the line, `why` for people who were passed over. `notify.kinds` lists them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind, RankedBid
from cashticket.locale import iso
from cashticket.models import Auction, Award, Notification
from cashticket.models.outbox_adding import add_notice_messages


def add_award_notices(session: Session, kind: NoticeKind, awards: Sequence[Award], now: datetime) -> None:
    """Store one notice per award for its holder: WON, OFFERED or LAPSED."""
    rows = [_row(award.person_id, award.auction_id, kind, award.id, _award_facts(award), now) for award in awards]
    _store(session, rows, now)


def add_outcome_notices(
    session: Session,
    auction: Auction,
    order: Sequence[RankedBid],
    positions: dict[int, int],
    passed_over: dict[int, str],
    now: datetime,
) -> None:
    """Store one notice for everybody who did not win: with their position in the line, from `positions`, or with the
    reason why they were passed over, from `passed_over`."""
    rows = []
    for rank, ranked in enumerate(order, 1):
        facts: dict[str, Any] = {"rank": rank, "amount": ranked.amount}
        if ranked.person in positions:
            facts["position"] = positions[ranked.person]
            rows.append(_row(ranked.person, auction.id, NoticeKind.NOT_WON, 0, facts, now))
        elif ranked.person in passed_over:
            facts["why"] = passed_over[ranked.person]
            rows.append(_row(ranked.person, auction.id, NoticeKind.PASSED_OVER, 0, facts, now))
    _store(session, rows, now)


def _award_facts(award: Award) -> dict[str, Any]:
    return {
        "award_id": award.id,
        "seat": award.seat.label,
        "price": award.price,
        "rank": award.rank,
        "expires_at": iso(award.expires_at),
    }


def _row(
    person_id: int, auction_id: int, kind: NoticeKind, occasion: int, facts: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "auction_id": auction_id,
        "kind": kind,
        "occasion": occasion,
        "facts": facts,
        "created_at": now,
    }


def _store(session: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    """Store notices and put their mails into the outbox."""
    if rows:
        session.execute(insert(Notification), rows)
        auctions, kinds = {row["auction_id"] for row in rows}, {row["kind"] for row in rows}
        add_notice_messages(session, now, Notification.auction_id.in_(auctions), Notification.kind.in_(kinds))
