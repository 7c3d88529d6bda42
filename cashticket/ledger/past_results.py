"""Reads what settled auctions of an artist and at a venue ended with.

Three statements, whatever the size of the auctions: of each they look at its last rank, at the last place in its line,
at the rank of its last seat, and at the seats of its first, last and middle winners. Bids are not read.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, literal, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from cashticket.auction.past_results import (
    FinalFigures,
    PastResults,
    final_cutoff,
    mean_of_two,
    middle_places,
    summed_up,
)
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction, Award, Concert, FinalRank, Seat
from cashticket.typed.text import one_line

NEWEST = 20
"""So many auctions count at most, those that ended last."""


@dataclass(frozen=True, slots=True)
class PastOfConcert:
    """What earlier auctions of the same artist and at the same venue say; None where they are too few."""

    artist: PastResults | None
    venue: PastResults | None


@dataclass(frozen=True, slots=True)
class _Ended:
    """A settled auction: which of the two names it shares, how many won, and its final cut-off."""

    id: int
    shares: str
    winners: int
    cutoff: int

    @property
    def seats(self) -> set[int]:
        """The numbers of the seats whose first winners say what `_figures` asks for."""
        return {1, *middle_places(self.winners), self.winners}


def past_of(artist: str, venue: str) -> PastOfConcert:
    """What settled auctions of this artist and at this venue say. Names are the same if capitals or spaces around them
    are all in which they differ."""
    auctions = _ended(artist, venue)
    amounts = _winning_amounts(auctions)
    # A page is not lost for an auction of which a row is missing.
    complete = [
        (each.shares, _figures(each, amounts[each.id])) for each in auctions if each.seats <= amounts[each.id].keys()
    ]
    by_name = {
        name: summed_up([figures for shares, figures in complete if shares == name]) for name in ("artist", "venue")
    }
    return PastOfConcert(**by_name)


def normal(name: str) -> str:
    """The name as it is compared."""
    return one_line(name).casefold()


def _ended(artist: str, venue: str) -> list[_Ended]:
    """The newest settled auctions of each name in which somebody won. Two statements; one where there is none."""
    wanted = {"artist": artist, "venue": venue}
    both = [_newest(kind, getattr(Concert, kind), name).subquery() for kind, name in wanted.items()]
    rows = db.session.execute(union_all(*(select(one) for one in both))).all()
    # A database may take letters for the same that are not, such as é and e.
    same = [row for row in rows if normal(row.name) == normal(wanted[row.shares])]
    lasts = _last_ranks({row.id: row.seats for row in same})
    return [
        _Ended(row.id, row.shares, winners, final_cutoff(last.nth, row.minimum))
        for row in same
        if (last := lasts[row.id]) and (winners := (last.bidders or 0) - max(last.in_line or 0, last.out_of_line or 0))
    ]


def _newest(kind: str, column: InstrumentedAttribute[str], name: str) -> Select[int, str, str, int, int]:
    return (
        select(Auction.id, literal(kind).label("shares"), column.label("name"), Auction.minimum, Auction.seats)
        .join(Auction.concert)
        .where(Auction.state == State.SETTLED, Auction.ranked_at.is_not(None))
        .where(func.lower(func.trim(column)) == func.lower(func.trim(literal(name))))
        .order_by(Auction.ends_at.desc(), Auction.id.desc())
        .limit(NEWEST)
    )


def _last_ranks(seats_of: Mapping[int, int]) -> dict[int, Any]:
    """Auction → its last rank, the last places in and out of its line, and the bid at the rank of its last seat. One
    statement, in which each auction is named: MariaDB finds a greatest value by its index only then."""
    if not seats_of:
        return {}
    each = [
        select(
            literal(auction_id).label("id"),
            _of(auction_id, func.max(FinalRank.rank)).label("bidders"),
            # Everybody who did not win has a place in the line, counted from 1.
            _of(auction_id, func.max(FinalRank.line_place), FinalRank.waiting == true()).label("in_line"),
            _of(auction_id, func.max(FinalRank.line_place), FinalRank.waiting == false()).label("out_of_line"),
            _of(auction_id, FinalRank.amount, FinalRank.rank == seats).label("nth"),
        )
        for auction_id, seats in seats_of.items()
    ]
    return {row.id: row for row in db.session.execute(union_all(*each))}


def _of(
    auction_id: int, figure: ColumnElement[Any] | InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> ScalarSelect[Any]:
    return select(figure).where(FinalRank.auction_id == auction_id, *conditions).scalar_subquery()


def _winning_amounts(auctions: Sequence[_Ended]) -> dict[int, dict[int, int]]:
    """Auction → number of a seat → what its first winner was to pay, for the `seats` of each. One statement."""
    amounts: dict[int, dict[int, int]] = defaultdict(dict)
    if not auctions:
        return amounts
    wanted = (and_(Seat.auction_id == each.id, Seat.number.in_(each.seats)) for each in auctions)
    rows = db.session.execute(
        select(Seat.auction_id, Seat.number, Award.price)
        .join(Award, Award.seat_id == Seat.id)
        .where(Award.previous_id.is_(None), or_(*wanted))
    )
    for auction_id, number, price in rows:
        amounts[auction_id][number] = price
    return amounts


def _figures(auction: _Ended, amounts: dict[int, int]) -> FinalFigures:
    """Seats are awarded in the order of ranks, so the seat of a number has the winner of that place."""
    one, other = middle_places(auction.winners)
    return FinalFigures(
        lowest=amounts[auction.winners],
        median=mean_of_two(amounts[one], amounts[other]),
        highest=amounts[1],
        cutoff=auction.cutoff,
    )


def to_text(past: PastOfConcert) -> str:
    """The facts as JSON, for the cache."""
    return json.dumps(asdict(past))


def from_text(text: str) -> PastOfConcert:
    plain = json.loads(text)
    return PastOfConcert(**{name: PastResults(**figures) if figures else None for name, figures in plain.items()})
