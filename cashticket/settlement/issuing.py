"""How awards come to be and change: always with an event in the story of the auction, in the caller's unit.

The caller holds the concert's row, so numbers given here follow each other without gaps.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.values import AwardState
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Award, AwardEvent, Concert

HOUR_MS = 3_600_000

CHANGING = ("state", "decided_at", "live")
"""What a move changes of an award."""

AT_ONCE = 500
"""Awards changed by one statement: SQLite takes a limited number of values."""


def lock_concert(session: Session, concert_id: int) -> Concert:
    """The concert, its row held until the unit ends: whoever changes awards of one concert waits for the others."""
    return session.scalars(select(Concert).where(Concert.id == concert_id).with_for_update()).one()


def window_end(now: datetime, hours: int, concert: Concert) -> datetime | None:
    """When a right given now ends, cut short by the cancellation deadline; None when no time is left."""
    end = settlement_rules.window_end(to_ms(now), hours * HOUR_MS, to_ms(concert.cancel_until))
    return None if end is None else to_moment(end)


def issue(session: Session, auction: Auction, awards: Sequence[Award], now: datetime) -> None:
    """Store new awards, each offered at `now`, and tell their beginning in the story, in the given order."""
    session.add_all(awards)
    session.flush()
    append_events(session, auction.id, [(award.id, AwardState.OFFERED) for award in awards], now)


def change(session: Session, awards: Sequence[Award], old: AwardState, new: AwardState, now: datetime) -> None:
    """Move awards that the caller, holding the concert's row, found to be `old`; told in the story in their order.

    The states of the given objects follow. Raises RuntimeError, for the whole unit, when one is not `old` after all.
    """
    for start in range(0, len(awards), AT_ONCE):
        part = awards[start : start + AT_ONCE]
        moved = session.execute(
            update(Award)
            .where(Award.id.in_([award.id for award in part]), Award.state == old)
            .values(state=new, decided_at=now),
            execution_options={"synchronize_session": False},
        )
        if moved.rowcount != len(part):  # type: ignore[attr-defined]
            raise RuntimeError(f"of {len(part)} awards to be {new}, not every one was {old}: somebody skipped the lock")
    for award in awards:
        session.expire(award, CHANGING)
    for auction_id, group in groupby(awards, key=lambda award: award.auction_id):
        append_events(session, auction_id, [(award.id, new) for award in group], now)


def append_events(session: Session, auction_id: int, events: Iterable[tuple[int, AwardState]], now: datetime) -> None:
    """Append (award id, state) to the auction's story, numbered on from its last event."""
    last = session.scalar(select(func.max(AwardEvent.number)).where(AwardEvent.auction_id == auction_id)) or 0
    session.add_all(
        AwardEvent(auction_id=auction_id, number=number, award_id=award_id, state=state, at=now)
        for number, (award_id, state) in enumerate(events, last + 1)
    )
    session.flush()
