"""Imports concerts, posters and auctions from a file: all of them or none.

A concert is recognised by title, artist, venue and start; an auction by its concert and terms. What is stored already
stays as it is. The rows are stored in one unit; then the live store gets each auction. If that fails halfway, importing
the same file again completes it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.catalogue.import_files.reading import read_table
from cashticket.catalogue.import_files.table import FaultyRows, Tell
from cashticket.catalogue.import_posters import Progress
from cashticket.catalogue.import_rows import ImportRow, read_row
from cashticket.catalogue.import_storing import Imported, RowsToStore
from cashticket.catalogue.publishing import StoreOf, first_store
from cashticket.models import Auction
from cashticket.models.units import in_one_unit


class _DryRun(Exception):
    """Rolls the unit of a dry run back."""


class StoppedHalfway(Exception):
    """Everything is stored, but only `opened` of `count` auctions are open in the live store."""

    def __init__(self, imported: Imported, opened: int, count: int, why: Exception) -> None:
        super().__init__(
            f"All rows are stored and {opened} of {count} auctions are open, then the live store failed ({why}). "
            f"Auctions {', '.join(str(auction.id) for auction in imported.to_open[opened:][:20])} wait for it: import "
            "the same file again when it is back, which adds nothing twice."
        )
        self.imported = imported


def read_file(
    content: bytes,
    name: str,
    tell: Tell = lambda sentence: None,
    identity: IdentityTerm = IdentityTerm.NONE,
) -> list[ImportRow]:
    """The rows of a file called `name`; one that does not say asks its bidders for `identity`. Tells in sentences how
    the file was read where that may be a surprise. Raises NotPublishable, and FaultyRows with every fault of heading
    and rows."""
    table = read_table(content, name, tell)
    faults = table.faults
    rows = [read_row(row, table, faults, identity) for row in table.rows]
    if faults:
        raise FaultyRows(name, faults)
    return [row for row in rows if row is not None]


def store(
    rows: Sequence[ImportRow],
    stems: dict[int, str],
    name: str,
    now: datetime,
    *,
    dry: bool = False,
    store_of: StoreOf = first_store,
) -> Imported:
    """Store the new concerts and auctions in one unit; `now` is the live store's time.

    A `dry` run stores nothing and returns what would be added. Raises FaultyRows.
    """
    results: list[Imported] = []

    def work(session: Session) -> Imported:
        result = RowsToStore(session, rows, stems, now, store_of).store(name)
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
