"""Concerts, posters and auctions from a file: all of them or none, and what is there already is left as it is.

A concert is known by title, artist, venue and start; an auction by its concert and terms. The rows are stored in one
unit; after it the live store is given each auction. Should it fail in the middle, the same file imported again goes on
where it stopped.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_file import rows_of
from cashticket.catalogue.import_rows import Faults, Planned, Terms, plan
from cashticket.catalogue.publishing import Plan, check_plan, store_auction
from cashticket.models import Auction, Concert
from cashticket.models.units import in_one_unit

Progress = Callable[[Sequence[Any], str], Iterable[Any]]


class _Rehearsed(Exception):
    """Undoes the unit of a dry run."""


class StoppedHalfway(Exception):
    """Everything is stored, but the live store has not taken every auction: `opened` of `found` are open."""

    def __init__(self, imported: "Imported", opened: int, found: int, why: Exception) -> None:
        super().__init__(
            f"All rows are stored and {opened} of {found} auctions are open, then the live store failed ({why}). "
            f"Auctions {', '.join(str(auction.id) for auction in imported.to_open[opened:][:20])} wait for it: import "
            "the same file again when it is back, which adds nothing twice."
        )
        self.imported = imported


@dataclass(slots=True)
class Imported:
    """What an import added; `concerts_known` and `auctions_known` were there already. `unsure` are the known ones that
    the live store may not have yet."""

    concerts: list[Concert] = field(default_factory=list)
    new: list[Auction] = field(default_factory=list)
    unsure: list[Auction] = field(default_factory=list)
    concerts_known: int = 0
    auctions_known: int = 0

    @property
    def auctions_added(self) -> int:
        return len(self.new)

    @property
    def to_open(self) -> list[Auction]:
        """What the live store is to be given."""
        return self.unsure + self.new


def read_plan(content: bytes, name: str) -> list[Planned]:
    """The rows of a file called `name`. Raises NotPublishable, Faults with everything that is wrong with rows."""
    faults: list[str] = []
    planned = [plan(number, row, faults) for number, row in enumerate(rows_of(content, name), 1)]
    if faults:
        raise Faults(name, faults)
    return [row for row in planned if row is not None]


def pictures_of(
    rows: Sequence[Planned], name: str, beside: Path, folder: Path | None, walk: Progress
) -> dict[int, str]:
    """Row number → stem of its poster. Files are looked for `beside` the imported one; with no `folder`, they are
    checked and nothing is kept. Raises Faults."""
    stems, faults = {}, []
    for row in walk([row for row in rows if row.poster is not None], "Reading posters"):
        try:
            stems[row.number] = posters.take_in(beside / row.poster, folder)
        except NotPublishable as error:
            faults.append(f"row {row.number}: poster: {error}")
    if faults:
        raise Faults(name, faults)
    return stems


def store(rows: Sequence[Planned], stems: dict[int, str], name: str, now: datetime, *, dry: bool = False) -> Imported:
    """Store what is new, in one unit; `now` is the live store's time. A `dry` run stores nothing. Raises Faults."""
    answers: list[Imported] = []

    def work(session: Session) -> Imported:
        answer = _store(session, rows, stems, name, now)
        if dry:
            session.expunge_all()
            answers[:] = [answer]
            raise _Rehearsed
        return answer

    try:
        return in_one_unit(work)
    except _Rehearsed:
        return answers[0]


def open_all(imported: Imported, engine_open: Callable[[Auction], object], walk: Progress) -> None:
    """Give the auctions to the live store, one after the other. Raises StoppedHalfway; repeating is harmless."""
    for opened, auction in enumerate(walk(imported.to_open, "Opening auctions")):
        try:
            engine_open(auction)
        except Exception as error:
            raise StoppedHalfway(imported, opened, len(imported.to_open), error) from error


def _store(session: Session, rows: Sequence[Planned], stems: dict[int, str], name: str, now: datetime) -> Imported:
    imported, faults = Imported(), []
    for row in rows:
        # One by one, so that a row said twice is known the second time.
        concert = _known_concert(session, row.concert)
        if concert is None:
            concert = Concert(**row.concert | {"poster": stems.get(row.number)})
            session.add(concert)
            session.flush()
            imported.concerts.append(concert)
        else:
            imported.concerts_known += 1
        if row.terms is not None:
            try:
                _store_auction(session, concert, row.terms, now, imported)
            except NotPublishable as error:
                faults.append(f"row {row.number}: closes: {error}")
    if faults:
        raise Faults(name, faults)
    return imported


def _store_auction(session: Session, concert: Concert, terms: Terms, now: datetime, imported: Imported) -> None:
    opens_at, closes_at = terms.window(now)
    known = _known_auction(session, concert, terms, opens_at, closes_at)
    if known is not None:
        imported.auctions_known += 1
        if known.state is State.OPEN and not known.recorded_sequence:
            # Perhaps the live store failed before it took this one; taking it twice is harmless.
            imported.unsure.append(known)
        return
    asked = Plan(
        concert_id=concert.id,
        seats=terms.seats,
        minimum=terms.minimum,
        step=terms.step,
        opens_at=opens_at,
        closes_at=closes_at,
        pricing=terms.pricing,
        soft_close_seconds=terms.soft_close,
        soft_close_cap_seconds=terms.soft_close_cap,
    )
    check_plan(asked, concert, now)
    imported.new.append(store_auction(session, asked, concert))


def _known_concert(session: Session, columns: dict[str, Any]) -> Concert | None:
    same = (getattr(Concert, name) == columns[name] for name in ("title", "artist", "venue", "starts_at"))
    return session.scalar(select(Concert).where(*same).order_by(Concert.id).limit(1))


def _known_auction(
    session: Session, concert: Concert, terms: Terms, opens_at: datetime, closes_at: datetime
) -> Auction | None:
    """The auction of these terms. One that opened when it was imported is known by how long it runs."""
    alike = select(Auction).where(
        Auction.concert_id == concert.id,
        Auction.seats == terms.seats,
        Auction.minimum == terms.minimum,
        Auction.step == terms.step,
        Auction.pricing == terms.pricing,
    )
    for auction in session.scalars(alike.order_by(Auction.id)):
        if isinstance(terms.closes, datetime):
            same_end = auction.closes_at == closes_at
        else:
            same_end = auction.closes_at - auction.opens_at == closes_at - opens_at
        if same_end and (terms.opens is None or auction.opens_at == opens_at):
            return auction
    return None
