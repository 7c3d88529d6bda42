"""Imports concerts, posters and auctions from a file: all of them or none.

A concert is recognised by title, artist, venue and start; an auction by its concert and terms. What is stored already
stays as it is. The rows are stored in one unit; then the live store gets each auction. If that fails halfway, importing
the same file again completes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.catalogue import organisers
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.reading import read_table
from cashticket.catalogue.import_files.table import FaultyRows, Tell
from cashticket.catalogue.import_matching import StoredConcerts, stored_auction
from cashticket.catalogue.import_posters import Progress
from cashticket.catalogue.import_rows import ImportedTerms, ImportRow, read_row
from cashticket.catalogue.plans import check_plan
from cashticket.catalogue.publishing import store_auction
from cashticket.models import Auction, Concert
from cashticket.models.units import in_one_unit


class _DryRun(Exception):
    """Rolls the unit of a dry run back."""


class StoppedHalfway(Exception):
    """Everything is stored, but only `opened` of `count` auctions are open in the live store."""

    def __init__(self, imported: "Imported", opened: int, count: int, why: Exception) -> None:
        super().__init__(
            f"All rows are stored and {opened} of {count} auctions are open, then the live store failed ({why}). "
            f"Auctions {', '.join(str(auction.id) for auction in imported.to_open[opened:][:20])} wait for it: import "
            "the same file again when it is back, which adds nothing twice."
        )
        self.imported = imported


@dataclass(slots=True)
class Imported:
    """What an import added: `concerts` and `new` auctions. `concerts_known` and `auctions_known` count what was stored
    before; `unsure` are auctions among those that the live store may not have."""

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
        """The auctions to open in the live store."""
        return self.unsure + self.new


def read_file(content: bytes, name: str, tell: Tell = lambda sentence: None) -> list[ImportRow]:
    """The rows of a file called `name`. Tells in sentences how the file was read where that may be a surprise. Raises
    NotPublishable, and FaultyRows with every fault of heading and rows."""
    table = read_table(content, name, tell)
    faults = table.faults
    rows = [read_row(row, table, faults) for row in table.rows]
    if faults:
        raise FaultyRows(name, faults)
    return [row for row in rows if row is not None]


def store(rows: Sequence[ImportRow], stems: dict[int, str], name: str, now: datetime, *, dry: bool = False) -> Imported:
    """Store the new concerts and auctions in one unit; `now` is the live store's time.

    A `dry` run stores nothing and returns what would be added. Raises FaultyRows.
    """
    results: list[Imported] = []

    def work(session: Session) -> Imported:
        result = _store(session, rows, stems, name, now)
        if dry:
            session.expunge_all()
            results[:] = [result]
            raise _DryRun
        return result

    try:
        return in_one_unit(work)
    except _DryRun:
        return results[0]


def open_all(imported: Imported, engine_open: Callable[[Auction], object], walk: Progress) -> None:
    """Open the auctions in the live store, one after the other. Raises StoppedHalfway; repeating is harmless."""
    for opened, auction in enumerate(walk(imported.to_open, "Opening auctions")):
        try:
            engine_open(auction)
        except Exception as error:
            raise StoppedHalfway(imported, opened, len(imported.to_open), error) from error


def _store(session: Session, rows: Sequence[ImportRow], stems: dict[int, str], name: str, now: datetime) -> Imported:
    imported, faults = Imported(), []
    stored_concerts = StoredConcerts(session, rows)
    for row in rows:
        # One by one, so that the second of two equal rows finds the first.
        concert = stored_concerts.find(row.concert)
        if concert is None:
            try:
                organiser_id = organisers.find(row.organiser, session).id if row.organiser else None
            except NotPublishable as error:
                faults.append(f"{row.where}: organiser: {error}")
                continue
            concert = Concert(**row.concert | {"poster": stems.get(row.number), "organiser_id": organiser_id})
            session.add(concert)
            session.flush()
            imported.concerts.append(concert)
        else:
            imported.concerts_known += 1
        if row.terms is not None:
            try:
                _store_auction(session, concert, row.terms, now, imported)
            except NotPublishable as error:
                faults.append(f"{row.where}: closes: {error}")
    if faults:
        raise FaultyRows(name, faults)
    return imported


def _store_auction(session: Session, concert: Concert, terms: ImportedTerms, now: datetime, imported: Imported) -> None:
    plan = terms.plan(concert.id, now)
    stored = stored_auction(session, plan, terms)
    if stored is None:
        check_plan(plan, concert, now)
        imported.new.append(store_auction(session, plan, concert))
        return
    imported.auctions_known += 1
    if stored.state is State.OPEN and not stored.recorded_sequence:
        # The live store may have failed before it took this one; opening it twice is harmless.
        imported.unsure.append(stored)
