"""The product under random auctions: rows stored for many concerts at once, its own functions for every act, and what
its tables hold afterwards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, true, update
from sqlalchemy.orm import Session, aliased

from cashticket import models
from cashticket.accounts import recovery
from cashticket.auction.values import RankedBid, State
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Award, AwardEvent, FinalRank, RecordedBid, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards, handover, leaving, line_pauses, settle, voiding
from cashticket.settlement.readiness import NotReady
from tests.staging.rows import DAY, HOUR
from tests.storm.random_auctions.drawing import STEP
from tests.storm.random_auctions.model import Auction, Concert


def store(concerts: Sequence[Concert]) -> None:
    """Store concerts with their auctions, seats and recorded bids in one unit, and give the auctions their ids."""

    def work(session: Session) -> None:
        for concert in concerts:
            row = models.Concert(title="-", artist="-", venue="-", starts_at=concert.deadline + DAY)
            row.cancel_until = concert.deadline
            session.add(row)
            session.flush()
            for auction in concert.auctions:
                _store_auction(session, row.id, auction)

    in_one_unit(work)


def _store_auction(session: Session, concert_id: int, auction: Auction) -> None:
    row = models.Auction(
        concert_id=concert_id,
        seats=auction.seats,
        minimum=auction.minimum,
        step=STEP,
        pricing="uniform" if auction.uniform else "pay_as_bid",
        opens_at=auction.ends - HOUR,
        closes_at=auction.ends,
        ends_at=auction.ends,
        purchase_hours=auction.hours[0],
        offer_hours=auction.hours[1],
        recorded_sequence=len(auction.bids),
        alias_salt="salt",
    )
    session.add(row)
    session.flush()
    auction.id = row.id
    numbers = range(1, auction.seats + 1)
    session.execute(insert(Seat), [{"auction_id": row.id, "number": n, "label": f"VIP-{n}"} for n in numbers])
    if auction.bids:
        session.execute(insert(RecordedBid), _bid_rows(auction))


def _bid_rows(auction: Auction) -> list[dict[str, Any]]:
    used: dict[int, int] = {}
    moments = {"at_ms": to_ms(auction.ends) - 1, "ends_at_ms": to_ms(auction.ends)}
    rows = []
    for sequence, (person, won) in enumerate(auction.bids, 1):
        used[person] = used.get(person, 0) + 1
        row = {"auction_id": auction.id, "sequence": sequence, "person_id": person, "nth": used[person], "amount": won}
        rows.append({**row, **moments, "request_id": f"request-{sequence}", "rank": 1, "cutoff": auction.minimum})
    return rows


def forget_everything() -> None:
    """Delete all rows of people and concerts, so that no table grows with the number of auctions."""

    def work(session: Session) -> None:
        session.execute(update(Award).values(previous_id=None))
        for table in reversed(db.metadata.sorted_tables):
            session.execute(delete(table))

    db.session.remove()
    in_one_unit(work)


# Acts


def settled(auction: Auction, now: datetime) -> str:
    """Settle it as if the live store knew exactly these bids. Returns '', or the reason why it was not settled."""
    order = [RankedBid(*bid) for bid in auction.order()]
    answer = settle.settle(auction.id, order, len(auction.bids), now)
    return answer.reason if isinstance(answer, NotReady) else ""


def moved(auction: Auction, holder: int, act: str, person: int, now: datetime) -> str:
    """Let `person` buy, decline or cancel the award of `holder`. Returns '', or the reason of the refusal."""
    mine = (Award.auction_id == auction.id, Award.person_id == holder)
    award_id = db.session.scalar(select(Award.id).where(*mine))
    assert award_id is not None, f"the product gave no award to {holder}"
    try:
        getattr(awards, act)(award_id, person, now)
    except awards.AwardNotFound:
        return "not found"
    except awards.NotAllowed as error:
        return error.reason
    return ""


def handed_over(auction: Auction, now: datetime) -> None:
    """Do what the job of the hand-over does."""
    for affected_id in [auction.id, *awards.lapse_all_expired(now)]:
        handover.offer_freed(affected_id, now)


def left(auction: Auction, person: int, now: datetime) -> str:
    """Let a person leave its line. Returns '', or the reason of the refusal."""
    return leaving.leave(auction.id, person, now).refused


def paused(auction: Auction, pausing: bool, now: datetime) -> str:
    """Pause its line, or let it go on. Returns '', 'repeated', or 'no line' if that was refused."""
    act = line_pauses.pause if pausing else line_pauses.resume
    try:
        return "repeated" if act(auction.id, "looked into", "olga", now).repeated else ""
    except line_pauses.NoLine:
        return "no line"


def closed(person: int) -> bool:
    """Close an account. Returns whether that was allowed."""
    try:
        recovery.close(person)
    except recovery.HoldsAward:
        return False
    return True


def voided(auction: Auction, now: datetime) -> bool:
    """Void it. Returns whether it was voided before."""
    return voiding.void(auction.id, "the hall burned down", "olga", now).repeated


# What the tables hold


def awards_of(concert: Concert) -> list[tuple[Any, ...]]:
    """(auction, seat, person, price, end of the right, state, rank, who had the seat before), in the order of issue."""
    before = aliased(Award)
    columns = (Award.auction_id, Seat.number, Award.person_id, Award.price, Award.expires_at, Award.state)
    rows = select(*columns, Award.rank, before.person_id).select_from(Award).join(Seat, Seat.id == Award.seat_id)
    rows = rows.outerjoin(before, before.id == Award.previous_id).where(Award.auction_id.in_(_ids(concert)))
    return [tuple(row) for row in _read(rows.order_by(Award.auction_id, Award.id))]


def events_of(concert: Concert) -> list[tuple[Any, ...]]:
    """(auction, moment, seat, person, state) of all events, those of one moment by seats. Fails if the numbers of an
    auction are not 1, 2, 3 … or its moments go back."""
    columns = (AwardEvent.auction_id, AwardEvent.at, Seat.number, Award.person_id, AwardEvent.state, AwardEvent.number)
    rows = select(*columns).select_from(AwardEvent).join(Award, Award.id == AwardEvent.award_id)
    rows = rows.join(Seat, Seat.id == Award.seat_id)
    events = _read(rows.where(AwardEvent.auction_id.in_(_ids(concert))).order_by(AwardEvent.auction_id, columns[-1]))
    for auction in concert.auctions:
        mine = [row for row in events if row[0] == auction.id]
        assert [row[-1] for row in mine] == list(range(1, len(mine) + 1))
        assert [row[1] for row in mine] == sorted(row[1] for row in mine)
    return [tuple(row[:-1]) for row in sorted(events, key=lambda row: row[:3])]


def ranks_of(auction: Auction) -> list[tuple[Any, ...]]:
    """(person, won, sequence, whether passed over at settlement) of all final ranks, best first."""
    columns = (FinalRank.person_id, FinalRank.amount, FinalRank.sequence, FinalRank.passed_over, FinalRank.rank)
    rows = _read(select(*columns).where(FinalRank.auction_id == auction.id).order_by(FinalRank.rank))
    assert [row[-1] for row in rows] == list(range(1, len(rows) + 1))
    return [(*row[:3], row[3] is not None) for row in rows]


def line_of(auction: Auction) -> list[int]:
    """Who waits for a seat of a settled auction, next first."""
    mine = (FinalRank.auction_id == auction.id, FinalRank.waiting == true())
    return [person for (person,) in _read(select(FinalRank.person_id).where(*mine).order_by(FinalRank.line_place))]


def states_of(concert: Concert) -> list[tuple[State, bool]]:
    """The states of its auctions, as they are shown, and whether their lines are paused."""
    columns = (models.Auction.state, models.Auction.line_paused_at)
    rows = select(*columns).where(models.Auction.id.in_(_ids(concert))).order_by(models.Auction.id)
    return [(state, paused_at is not None) for state, paused_at in _read(rows)]


def _ids(concert: Concert) -> list[int]:
    return [auction.id for auction in concert.auctions]


def _read(statement: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.execute(statement))
