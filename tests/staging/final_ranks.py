"""Finished auctions with as many final ranks as a test needs, written at once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from cashticket.auction.aliases import alias
from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, FinalRank, Person, Seat
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.staging.rows import END, HOUR, add_auction

TOP = 1_000_000


def add_results(bidders: int, *, seats: int = 2, state: State = State.SETTLED, **fields: object) -> int:
    """The id of an auction that `bidders` people bid in, rank 1 at TOP won and each next rank 1,000 won less, never
    below 100,000; the first `seats` of them may buy."""
    window = {"opens_at": END - HOUR, "closes_at": END, "ends_at": END}
    auction = add_auction(
        **{"step": 1_000, "seats": seats, "state": state, "settled_at": END, "ranked_at": END, **window, **fields}
    )
    people = _people(bidders)
    ranks = [
        {
            "auction_id": auction.id,
            "rank": rank,
            "person_id": person,
            "amount": max(100_000, TOP - 1_000 * (rank - 1)),
            "sequence": rank,
            "alias": alias(auction.alias_salt, auction.id, person),
            "line_place": rank - seats if rank > seats else None,
            "waiting": rank > seats,
        }
        for rank, person in enumerate(people, 1)
    ]
    auction_id: int = auction.id
    if ranks:
        db.session.execute(insert(FinalRank), ranks)
    _award(auction, people[:seats], utcnow())
    db.session.commit()
    db.session.remove()
    return auction_id


def move_seat(auction_id: int, from_rank: int, to_rank: int) -> None:
    """Let the seat of one final rank be declined and offered to another, as a hand-over does."""
    first, second = person_of(auction_id, from_rank), person_of(auction_id, to_rank)

    def unit(session: Session) -> None:
        award = session.scalars(select(Award).filter_by(auction_id=auction_id, person_id=first)).one()
        award.state = AwardState.DECLINED
        session.flush()
        after = _awarded(award.auction, award.seat_id, second, to_rank, utcnow(), award.id)
        session.add(after)
        session.flush()
        last = session.scalar(select(func.max(AwardEvent.number)).filter_by(auction_id=auction_id)) or 0
        _record(session, auction_id, last, (award, after))

    in_one_unit(unit)


def void_auction(auction_id: int) -> None:
    """Mark the auction as voided, and nothing else."""
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction_id), "state", State.VOIDED))


def same_alias(auction_id: int, rank: int, other: int) -> None:
    """Give two people one alias, as chance might."""
    shared = alias_of(auction_id, rank)
    in_one_unit(lambda session: setattr(session.get_one(FinalRank, (auction_id, other)), "alias", shared))


def person_of(auction_id: int, rank: int) -> int:
    """The id of the person with this final rank."""
    return int(db.session.scalar(select(FinalRank.person_id).filter_by(auction_id=auction_id, rank=rank)) or 0)


def alias_of(auction_id: int, rank: int) -> str:
    """The alias of the person with this final rank."""
    return str(db.session.scalar(select(FinalRank.alias).filter_by(auction_id=auction_id, rank=rank)))


def _people(count: int) -> list[int]:
    first = (db.session.scalar(select(func.max(Person.id))) or 0) + 1
    numbers = range(first, first + count)
    rows = [{"id": n, "email": f"bidder-{n}@example.com", "name": f"Bidder {n}", "password_hash": "!"} for n in numbers]
    if rows:
        db.session.execute(insert(Person), rows)
    return list(numbers)


def _award(auction: Auction, people: list[int], now: datetime) -> None:
    seats = [
        Seat(auction_id=auction.id, number=number, label=f"VIP-{number}") for number in range(1, auction.seats + 1)
    ]
    db.session.add_all(seats)
    db.session.flush()
    awards = [
        _awarded(auction, seat.id, person, rank, now)
        for rank, (seat, person) in enumerate(zip(seats, people, strict=False), 1)
    ]
    db.session.add_all(awards)
    db.session.flush()
    _record(db.session(), auction.id, 0, awards)


def _record(session: Session, auction_id: int, last: int, awards: Iterable[Award]) -> None:
    session.add_all(
        AwardEvent(auction_id=auction_id, number=number, award_id=award.id, state=award.state, at=utcnow())
        for number, award in enumerate(awards, last + 1)
    )


def _awarded(
    auction: Auction, seat_id: int, person: int, rank: int, now: datetime, previous: int | None = None
) -> Award:
    return Award(
        auction_id=auction.id,
        concert_id=auction.concert_id,
        seat_id=seat_id,
        person_id=person,
        person_name=None,
        previous_id=previous,
        rank=rank,
        price=max(100_000, TOP - 1_000 * (rank - 1)),
        offered_at=now,
        expires_at=now + HOUR,
    )
