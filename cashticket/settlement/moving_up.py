"""Telling people that they moved up in the line: once each when they come among its first, and when they are next.

Only the first NEAR_MAX people of a line are looked at, and who was told before is not told again. So whatever moves a
line of any length, a unit writes at most NEAR_MAX notices for it, two to one person in all.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.models import Auction, Concert, FinalRank, Notification
from cashticket.models.news_of_people import noted_lines
from cashticket.models.notice_adding import add_notices

NEAR_MAX = 20
"""The first places of a line are as many as the auction has seats, and at most so many."""

NEAR, NEXT = 1, 2
"""Occasions of the notice: among the first, and next."""

WHY = {NEAR: "near", NEXT: "next"}


class _Line(NamedTuple):
    """The line of a settled auction. `telling_since`: since when its bidders are told how it ended, None once all
    were."""

    auction_id: int
    seats: int
    telling_since: datetime | None

    @property
    def near(self) -> int:
        """How many places are the first ones."""
        return min(self.seats, NEAR_MAX)


def tell_moved_up(session: Session, now: datetime) -> None:
    """Tell who has come among the first of the lines that this unit changed. The caller holds the concert's row, and
    calls it once, at the end of its unit. After the cancellation deadline nobody is told: no seat is offered any more.

    Whoever was not told the end of the auction yet is left out: that notice names the place.
    """
    ids = noted_lines(session)
    if not ids:
        return
    offers_go_on = (Auction.concert_id == Concert.id, Concert.cancel_until > now)
    rows = select(Auction.id, Auction.seats, Auction.telling_since).where(Auction.id.in_(ids), *offers_go_on)
    for row in session.execute(rows.order_by(Auction.id)).all():
        _tell(session, _Line(*row), now)


def _tell(session: Session, line: _Line, now: datetime) -> None:
    waiting = (FinalRank.auction_id == line.auction_id, FinalRank.waiting == true())
    columns = select(FinalRank.person_id, FinalRank.told_at).where(*waiting)
    first = session.execute(columns.order_by(FinalRank.line_place).limit(line.near)).all()
    since = line.telling_since
    places = {
        person_id: position
        for position, (person_id, told_at) in enumerate(first, 1)
        if since is None or (told_at is not None and told_at >= since)
    }
    heights = _heights_told(session, line, places) if places else {}
    rows = [
        _row(line.auction_id, person_id, position, now)
        for person_id, position in places.items()
        if heights.get(person_id, 0) < _occasion(position)
    ]
    add_notices(session, rows)


def _occasion(position: int) -> int:
    return NEXT if position == 1 else NEAR


def _heights_told(session: Session, line: _Line, people: Collection[int]) -> dict[int, int]:
    """Person → the most that they were told of their place: NEAR, NEXT, or 0 for a place further back."""
    kinds = (NoticeKind.NOT_WON, NoticeKind.MOVED_UP)
    notices: Sequence[Any] = session.execute(
        select(Notification.person_id, Notification.kind, Notification.occasion, Notification.facts).where(
            Notification.person_id.in_(people), Notification.auction_id == line.auction_id, Notification.kind.in_(kinds)
        )
    ).all()
    heights: dict[int, int] = {}
    for person_id, kind, occasion, facts in notices:
        position = facts.get("position", line.near + 1)
        at_first = _occasion(position) if position <= line.near else 0
        heights[person_id] = max(heights.get(person_id, 0), occasion if kind is NoticeKind.MOVED_UP else at_first)
    return heights


def _row(auction_id: int, person_id: int, position: int, now: datetime) -> dict[str, Any]:
    occasion = _occasion(position)
    facts: dict[str, Any] = {"why": WHY[occasion]}
    if occasion == NEAR:
        facts["position"] = position
    return {
        "person_id": person_id,
        "auction_id": auction_id,
        "kind": NoticeKind.MOVED_UP,
        "occasion": occasion,
        "facts": facts,
        "created_at": now,
    }
