"""Each move of an auction's end, read from what the ledger keeps: bids, outages, and the acts of operators.

Bids are many, so nobody goes through them. Their ends never move back: a search by halves finds the bid that moved one.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cashticket.auction.end_moves import Cause, EndMove, Shift
from cashticket.extensions import db
from cashticket.ledger.outages import outages_of
from cashticket.locale import to_ms
from cashticket.models import Auction, OperatorAct, RecordedBid
from cashticket.models.operator_acts import Act, auction_subject

EXTENSIONS = (Act.AUCTION_EXTEND.value, "extend")
"""How acts that moved an end are called, also by older releases."""


def shifts_of(auction_id: int) -> list[Shift]:
    """What moved the end of an auction besides its bids, in order. Two statements."""
    return sorted([*_extensions(auction_id), *_outages(auction_id)], key=lambda shift: shift.at_ms)


def first_end(auction: Auction, shifts: Sequence[Shift]) -> int:
    """The end (ms) that was announced when the auction was published."""
    announced = (shift.before_ms for shift in shifts if shift.cause is Cause.OPERATOR)
    return next(announced, to_ms(auction.closes_at))


def moves_of(auction: Auction, shifts: Sequence[Shift]) -> list[EndMove]:
    """Each move of the end of a finished auction, in order. Reads some fifty bids at most for each shift."""
    moves: list[EndMove] = []
    end_ms = first_end(auction, shifts)
    for shift in shifts:
        before_ms = max(end_ms, shift.before_ms, _end_after_bid(auction.id, shift.after) if shift.after else 0)
        moves += _late_bids(auction, end_ms, before_ms)
        end_ms = max(before_ms, shift.ends_at_ms)
        moves.append(EndMove(shift.cause, shift.began_ms, shift.at_ms, before_ms, end_ms, shift.why))
    return moves + _late_bids(auction, end_ms, to_ms(auction.ends_at))


def _extensions(auction_id: int) -> Iterator[Shift]:
    acts = select(OperatorAct).where(
        OperatorAct.subject == auction_subject(auction_id), OperatorAct.act.in_(EXTENSIONS)
    )
    for act in db.session.scalars(acts.order_by(OperatorAct.id)):
        if not {"from", "to"} <= act.facts.keys():
            continue
        at_ms, after = to_ms(act.at), act.facts.get("after")
        # Operators of releases that kept no sequence wrote their reasons for nobody else to read.
        why = act.why if after is not None else ""
        before_ms, ends_at_ms = (to_ms(datetime.fromisoformat(act.facts[name])) for name in ("from", "to"))
        yield Shift(Cause.OPERATOR, at_ms, at_ms, before_ms, ends_at_ms, after, why)


def _outages(auction_id: int) -> Iterator[Shift]:
    for row in outages_of(auction_id):
        yield Shift(
            Cause.OUTAGE,
            began_ms=to_ms(row.began_at),
            at_ms=to_ms(row.ended_at),
            before_ms=to_ms(row.ends_before),
            ends_at_ms=to_ms(row.ends_after),
            why=row.reason,
        )


def _late_bids(auction: Auction, before_ms: int, after_ms: int) -> list[EndMove]:
    """The move by late bids from one end to a later one; none if the end did not move.

    The bid that moved it may be one that could not be kept; then the move names no bid.
    """
    if after_ms <= before_ms:
        return []
    first = first_bid_past(auction.id, before_ms, auction.recorded_sequence)
    if first is None or first.ends_at_ms > after_ms:
        return [EndMove(Cause.LATE_BIDS, before_ms, before_ms, before_ms, after_ms)]
    last = first_bid_past(auction.id, after_ms - 1, auction.recorded_sequence)
    if last is None or last.ends_at_ms > after_ms:
        last = first
    bids = {"first": first.sequence, "last": last.sequence}
    return [EndMove(Cause.LATE_BIDS, first.at_ms, last.at_ms, before_ms, after_ms, **bids)]


def first_bid_past(auction_id: int, end_ms: int, through: int) -> Any | None:
    """The first bid up to the sequence `through` after which the end was later than `end_ms`, as a row of `sequence`,
    `at_ms` and `ends_at_ms`; None if there is none. About as many statements as `through` has binary digits."""
    lowest, highest, answer = 1, through, None
    while lowest <= highest:
        middle = (lowest + highest) // 2
        row = _first_bid_between(auction_id, middle, highest)
        if row is None or row.ends_at_ms > end_ms:
            answer = row or answer
            highest = middle - 1
        else:
            lowest = row.sequence + 1
    return answer


def _first_bid_between(auction_id: int, first: int, last: int) -> Any | None:
    bids = select(RecordedBid.sequence, RecordedBid.at_ms, RecordedBid.ends_at_ms).where(
        RecordedBid.auction_id == auction_id, RecordedBid.sequence.between(first, last)
    )
    return db.session.execute(bids.order_by(RecordedBid.sequence).limit(1)).one_or_none()


def _end_after_bid(auction_id: int, sequence: int) -> int:
    """The end (ms) after the last bid up to this sequence, 0 before the first."""
    ends = select(RecordedBid.ends_at_ms).where(RecordedBid.auction_id == auction_id, RecordedBid.sequence <= sequence)
    return db.session.scalar(ends.order_by(RecordedBid.sequence.desc()).limit(1)) or 0
