"""Notices about awards and results, each stored together with its mail in the outbox.

Facts are numbers (won) and UTC moments (ISO, ending in Z) for the texts: `seat` `price` `rank` `expires_at` for awards,
`rank` `amount` `position` for the line, `why` for people who were passed over, `reason` for a revoked award,
`bought_at` `cancel_until` for a bought one, `ended_at` for one that was given up, `left_at` for whoever left the line.
`notify.kinds` lists them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.locale import iso
from cashticket.models import Award, Concert, FinalRank, Notification
from cashticket.models.notice_adding import add_notices


@dataclass(frozen=True, slots=True)
class ResultNotice:
    """A notice of how an auction ended, for one person: NOT_WON, PASSED_OVER or VOIDED."""

    person_id: int
    kind: NoticeKind
    facts: dict[str, Any]


def add_award_notices(session: Session, kind: NoticeKind, awards: Sequence[Award], now: datetime) -> None:
    """Store one notice per award for its holder: WON, OFFERED or LAPSED."""
    rows = [_row(award.person_id, award.auction_id, kind, award.id, _award_facts(award), now) for award in awards]
    add_notices(session, rows)


def add_bought_notice(session: Session, award: Award, concert: Concert, now: datetime) -> None:
    """Store the receipt of an award that was bought at `now`, and until when it may be cancelled."""
    facts = {
        "award_id": award.id,
        "seat": award.seat.label,
        "seat_number": award.seat.number,
        "price": award.price,
        "bought_at": iso(now),
        "cancel_until": iso(concert.cancel_until),
    }
    add_notices(session, [_row(award.person_id, award.auction_id, NoticeKind.BOUGHT, award.id, facts, now)])


def add_given_up_notice(session: Session, award: Award, kind: NoticeKind, now: datetime) -> None:
    """Store the notice that its holder gave an award up at `now`: CANCELLED after buying it, DECLINED before."""
    facts = {"award_id": award.id, "seat": award.seat.label, "price": award.price, "ended_at": iso(now)}
    add_notices(session, [_row(award.person_id, award.auction_id, kind, award.id, facts, now)])


def add_revoked_notice(session: Session, award: Award, reason: str, now: datetime, *, was_bought: bool) -> None:
    """Store the notice that an award was revoked, with the reason; to a buyer it also says what is given back (won)."""
    facts = {"award_id": award.id, "seat": award.seat.label, "reason": reason}
    facts |= {"why": "bought", "price": award.price} if was_bought else {}
    add_notices(session, [_row(award.person_id, award.auction_id, NoticeKind.REVOKED, award.id, facts, now)])


def add_left_notice(session: Session, row: FinalRank, now: datetime) -> None:
    """Store the notice that the person of a final rank left the line at `now` (UTC)."""
    facts = {"rank": row.rank, "left_at": iso(now)}
    add_notices(session, [_row(row.person_id, row.auction_id, NoticeKind.LEFT, 0, facts, now)])


def add_result_notices(session: Session, notices: Sequence[ResultNotice], auction_id: int, now: datetime) -> None:
    """Store notices of how an auction ended, each unless its person has one of that kind already."""
    present = select(Notification.person_id, Notification.kind).where(
        Notification.auction_id == auction_id,
        Notification.person_id.in_([notice.person_id for notice in notices]),
        Notification.kind.in_({notice.kind for notice in notices}),
        Notification.occasion == 0,
    )
    stored = {(person_id, kind) for person_id, kind in session.execute(present)}
    rows = [
        _row(notice.person_id, auction_id, notice.kind, 0, notice.facts, now)
        for notice in notices
        if (notice.person_id, notice.kind) not in stored
    ]
    add_notices(session, rows)


def _award_facts(award: Award) -> dict[str, Any]:
    return {
        "award_id": award.id,
        "seat": award.seat.label,
        "seat_number": award.seat.number,
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
