"""A concert with one filled auction: rows in the ledger by the product's recording, the live store restored from the
same bids. Both stores agree, and `auction check` finds nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from cashticket.auction.seat_plan import ROW_SEATS_MAX, ROWS_MAX
from cashticket.auction.values import CHANCES, Entry, PoisonEntry
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import store_auction
from cashticket.engine.interface import Engine, Restoration
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Auction, Concert
from cashticket.models.units import in_one_unit
from cashticket.work.publishing import add_concert
from lab.filling.bids import bids_of_crowd

MINIMUM, STEP = 100_000, 5_000
RECORD_BATCH = 5_000
HOUR_MS = 3_600_000

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class FilledAuction:
    """What was made. `bidders` are the people who bid, `bids` counts their bids."""

    id: int
    concert_id: int
    seats: int
    bidders: tuple[int, ...]
    bids: int


def fill_auction(
    engine: Engine,
    bidders: Sequence[int],
    seats: int,
    *,
    bids_each: range = range(1, CHANCES + 1),
    ends_in_ms: int = HOUR_MS,
    seed: int = 1,
    title: str = "한여름 밤의 공연",
    progress: Progress = lambda what, done, all_of_it: None,
) -> FilledAuction:
    """Make a concert and its auction, on which every one of `bidders` (ids of verified people) has bid.

    How many bids each person made is drawn from `bids_each`. The auction opened three hours before its end, or an hour
    ago if that is earlier. It ends `ends_in_ms` from now by the live store, or ended that long ago if negative; nobody
    has closed it. Nobody is introduced: the page or the first bid does that, as after a rebuild.
    """
    concert_id, auction_id = _published(engine, seats, ends_in_ms, title)
    terms = terms_of(db.session.get_one(Auction, auction_id))
    last_ms = min(terms.closes_at_ms, engine.clock()) - 1
    entries = list(bids_of_crowd(terms, bidders, bids_each, seed, last_ms))
    _record(auction_id, entries, progress)
    count = len(entries)
    engine.restore(Restoration(terms, entries, count, terms.closes_at_ms, version=2 * count + 1))
    progress("restored", count, count)
    return FilledAuction(auction_id, concert_id, seats, tuple(bidders), count)


def _published(engine: Engine, seats: int, ends_in_ms: int, title: str) -> tuple[int, int]:
    """Ids of a new concert in ten days and of its auction; the live store does not have the auction yet."""
    closes_ms = engine.clock() + ends_in_ms
    starts_at = to_moment(closes_ms) + timedelta(days=10)
    concert_id = add_concert(title=title, artist="The Lanterns", venue="올림픽홀", starts_at=starts_at).id

    def store(session: Session) -> int:
        concert = session.get_one(Concert, concert_id)
        opens_ms = min(closes_ms - 3 * HOUR_MS, engine.clock() - HOUR_MS)
        window = {"opens_at": to_moment(opens_ms), "closes_at": to_moment(closes_ms)}
        plan = Plan(
            concert_id,
            seats,
            MINIMUM,
            STEP,
            **window,
            soft_close_seconds=0,
            soft_close_cap_seconds=0,
            rows=_rows(seats),
        )
        return int(store_auction(session, plan, concert).id)

    return concert_id, in_one_unit(store)


def _rows(seats: int) -> str | None:
    """Rows of 40 where they come out even, one row of few seats, else none."""
    if seats % 40 == 0 and seats <= 40 * ROWS_MAX:
        return f"{seats // 40}x40"
    return str(seats) if seats <= ROW_SEATS_MAX else None


class _Waiting:
    """Accepted bids on their way to the ledger, as the list of the live store holds them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self.recorded = 0

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return list(self._entries[self.recorded : self.recorded + count])

    def trim(self, auction_id: int, through_sequence: int) -> int:
        dropped, self.recorded = through_sequence - self.recorded, through_sequence
        return dropped

    def discard(self, auction_id: int, raw: str) -> bool:
        raise AssertionError("no entry of a filled auction is unreadable")


def _record(auction_id: int, entries: Sequence[Entry], progress: Progress) -> None:
    waiting = _Waiting(entries)
    while record_waiting(waiting, auction_id, RECORD_BATCH):
        db.session.remove()
        progress("recorded", waiting.recorded, len(entries))
