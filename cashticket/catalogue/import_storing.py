"""Stores the rows of an imported file, one by one, so that the second of two equal rows finds the first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.catalogue import import_notes, organisers
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.import_matching import StoredConcerts, stored_auctions
from cashticket.catalogue.import_rows import ImportedTerms, ImportRow
from cashticket.catalogue.plans import TakesNoAuction, check_plan
from cashticket.catalogue.publishing import StoreOf, first_store, store_auction
from cashticket.models import Auction, Concert


@dataclass(slots=True)
class Imported:
    """What an import added: `concerts` and `new` auctions. `concerts_known` and `auctions_known` count the rows whose
    concert or auction was stored before; `unsure` are auctions among those that the live store may not have. `notes`
    say what rows say and is not taken, and what lies in the past."""

    concerts: list[Concert] = field(default_factory=list)
    new: list[Auction] = field(default_factory=list)
    unsure: list[Auction] = field(default_factory=list)
    concerts_known: int = 0
    auctions_known: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def auctions_added(self) -> int:
        return len(self.new)

    @property
    def to_open(self) -> list[Auction]:
        """The auctions to open in the live store."""
        return self.unsure + self.new


class RowsToStore:
    """Stores rows; `stems` are the posters that they name, by number, and `now` is the live store's time."""

    def __init__(
        self,
        session: Session,
        rows: Sequence[ImportRow],
        stems: dict[int, str],
        now: datetime,
        store_of: StoreOf = first_store,
    ) -> None:
        self._store_of = store_of
        self._session, self._rows, self._stems, self._now = session, rows, stems, now
        self._concerts = StoredConcerts(session, rows)
        self._imported, self._faults = Imported(), list[str]()
        self._organisers: dict[str, int | NotPublishable] = {}
        self._new_concerts: set[int] = set()
        # Auction → the first row that names it.
        self._named: dict[int, str] = {}

    def store(self, name: str) -> Imported:
        """Raises FaultyRows about the file called `name`."""
        for row in self._rows:
            concert = self._concert(row)
            if concert is not None and row.terms is not None:
                self._auction(row, row.terms, concert)
        if self._faults:
            raise FaultyRows(name, self._faults)
        return self._imported

    def _concert(self, row: ImportRow) -> Concert | None:
        """The concert of the row, added if it is not there; None for a fault."""
        organiser = self._organiser(row.organiser) if row.organiser else None
        organiser_id = None if isinstance(organiser, NotPublishable) else organiser
        stem = self._stems.get(row.number)
        concert = self._concerts.find(row.concert)
        if concert is not None:
            self._imported.concerts_known += concert.id not in self._new_concerts
            self._imported.notes += import_notes.unlike_concert(row, concert, stem, organiser_id)
            return concert
        if isinstance(organiser, NotPublishable):
            self._faults.append(f"{row.where}: organiser: {organiser}")
            return None
        concert = Concert(**row.concert | {"poster": stem, "organiser_id": organiser_id})
        self._session.add(concert)
        self._session.flush()
        self._imported.concerts.append(concert)
        self._new_concerts.add(concert.id)
        self._imported.notes += [import_notes.past_concert(row)] if concert.starts_at <= self._now else []
        return concert

    def _organiser(self, reference: str) -> int | NotPublishable:
        if reference not in self._organisers:
            try:
                self._organisers[reference] = organisers.find(reference, self._session).id
            except NotPublishable as error:
                self._organisers[reference] = error
        return self._organisers[reference]

    def _auction(self, row: ImportRow, terms: ImportedTerms, concert: Concert) -> None:
        plan = terms.plan(concert.id, self._now)
        of_these_terms = stored_auctions(self._session, plan, terms)
        # Two rows of the same terms are two auctions only if there are two already, as where a list is imported.
        stored = next((each for each in of_these_terms if each.id not in self._named), next(iter(of_these_terms), None))
        if stored is None:
            try:
                check_plan(plan, concert, self._now)
                stored = store_auction(self._session, plan, concert, self._store_of)
            except NotPublishable as error:
                column = "" if isinstance(error, TakesNoAuction) else "closes: "
                self._faults.append(f"{row.where}: {column}{error}")
                return
            self._imported.new.append(stored)
            is_past = terms.opens is not None and terms.opens < self._now
            self._imported.notes += [import_notes.past_opening(row, plan.opens_at)] if is_past else []
        else:
            self._recognise(row, stored)
            self._imported.notes += import_notes.unlike_auction(row, plan, stored)
        self._named.setdefault(stored.id, row.where)

    def _recognise(self, row: ImportRow, stored: Auction) -> None:
        if stored.id in self._named:
            self._imported.notes.append(import_notes.twice(row, self._named[stored.id]))
            return
        self._imported.auctions_known += 1
        if stored.state is State.OPEN and not stored.recorded_sequence:
            # The live store may have failed before it took this one; opening it twice is harmless.
            self._imported.unsure.append(stored)
