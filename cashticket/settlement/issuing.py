"""Creates and changes awards in the caller's unit, each time with a numbered event of the auction.

The caller holds the concert's row, so the numbers follow each other without gaps.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload

from cashticket.auction import settlement_rules
from cashticket.auction.values import LIVE_AWARD_STATES, AwardState
from cashticket.locale import midnight_before, to_moment, to_ms
from cashticket.models import Auction, Award, AwardEvent, Concert, Person
from cashticket.models.waiting import renew_waiting

CHANGED_COLUMNS = ("state", "decided_at", "live")
"""The columns of an award that a change writes."""

AWARDS_A_STATEMENT = 500
"""SQLite limits the values of a statement."""


def lock_concert(session: Session, concert_id: int) -> Concert:
    """The concert, its row locked until the unit ends: units that change awards of one concert wait for each other."""
    return session.scalars(select(Concert).where(Concert.id == concert_id).with_for_update()).one()


def lock_concert_of(session: Session, auction_id: int) -> Concert | None:
    """The locked concert of an auction, None for an unknown auction."""
    concert_id = session.scalar(select(Auction.concert_id).where(Auction.id == auction_id))
    return None if concert_id is None else lock_concert(session, concert_id)


def lock_award(session: Session, *of: ColumnElement[bool]) -> tuple[Concert, Award] | None:
    """The award of these SQL conditions with its seat, person and auction, and its concert, whose row is locked; None
    if there is no such award."""
    concert_id = session.scalar(select(Award.concert_id).where(*of))
    if concert_id is None:
        return None
    concert = lock_concert(session, concert_id)
    shown = (joinedload(Award.seat), joinedload(Award.person), joinedload(Award.auction).joinedload(Auction.concert))
    return concert, session.scalars(select(Award).where(*of).options(*shown)).one()


def window_end(now: datetime, hours: int, concert: Concert) -> datetime | None:
    """When an award offered at `now` expires: after `hours`, not in the quiet hours, at the latest at the cancellation
    deadline. None if the deadline has come."""
    window_ms, midnight_ms = hours * settlement_rules.HOUR_MS, to_ms(midnight_before(now))
    end = settlement_rules.window_end(to_ms(now), window_ms, to_ms(concert.cancel_until), midnight_ms)
    return None if end is None else to_moment(end)


def issue(session: Session, auction: Auction, awards: Sequence[Award], now: datetime) -> None:
    """Store new awards, offered at `now`, with an event each, in the given order. Each keeps the name that its person
    has now. Their people leave every line of the concert."""
    names = _names_of(session, [award.person_id for award in awards])
    for award in awards:
        award.person_name = names[award.person_id]
    session.add_all(awards)
    session.flush()
    append_events(session, auction.id, [(award.id, AwardState.OFFERED) for award in awards], now)
    renew_waiting(session, [award.person_id for award in awards], auction.concert_id)


def _names_of(session: Session, person_ids: Sequence[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for start in range(0, len(person_ids), AWARDS_A_STATEMENT):
        part = person_ids[start : start + AWARDS_A_STATEMENT]
        rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(part)))
        names |= {person_id: name for person_id, name in rows}  # noqa: C416 - typed row by row
    return names


def change_state(session: Session, awards: Sequence[Award], old: AwardState, new: AwardState, now: datetime) -> None:
    """Change the state of these awards from `old` to `new`, with an event each, in the given order, and who waits in
    the lines of their concerts.

    The given objects are refreshed. Raises RuntimeError if one is not in state `old`: the caller did not hold the
    concert's row when it read them.
    """
    for start in range(0, len(awards), AWARDS_A_STATEMENT):
        part = awards[start : start + AWARDS_A_STATEMENT]
        moved = session.execute(
            update(Award)
            .where(Award.id.in_([award.id for award in part]), Award.state == old)
            .values(state=new, decided_at=now),
            execution_options={"synchronize_session": False},
        )
        if moved.rowcount != len(part):  # type: ignore[attr-defined]
            raise RuntimeError(
                f"not all of {len(part)} awards were {old}, none became {new}: the concert was not locked"
            )
    for award in awards:
        session.expire(award, CHANGED_COLUMNS)
    for auction_id, group in groupby(awards, key=lambda award: award.auction_id):
        append_events(session, auction_id, [(award.id, new) for award in group], now)
    if new not in LIVE_AWARD_STATES:
        for concert_id in sorted({award.concert_id for award in awards}):
            people = [award.person_id for award in awards if award.concert_id == concert_id]
            renew_waiting(session, people, concert_id)


def append_events(session: Session, auction_id: int, events: Iterable[tuple[int, AwardState]], now: datetime) -> None:
    """Add an event for each (award id, state), numbered on from the last event of the auction."""
    last = session.scalar(select(func.max(AwardEvent.number)).where(AwardEvent.auction_id == auction_id)) or 0
    session.add_all(
        AwardEvent(auction_id=auction_id, number=number, award_id=award_id, state=state, at=now)
        for number, (award_id, state) in enumerate(events, last + 1)
    )
    session.flush()
