"""Reads one row of an imported file: a concert and, if the row has terms, an auction for it. Names every fault."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import Pricing
from cashticket.catalogue import seat_facts
from cashticket.catalogue.concerts import NotPublishable, clean_text, prepare
from cashticket.catalogue.import_cells import RowCells
from cashticket.catalogue.import_files.columns import (
    CONCERT_REQUIRED,
    CONCERT_TEXTS,
    HOURS,
    TERMS,
    TERMS_REQUIRED,
)
from cashticket.catalogue.import_files.table import Table, TableRow
from cashticket.catalogue.plans import Plan, bounds

STORED_POSTER = re.compile(r"[0-9a-f]{32}")
"""A poster that is stored already, as lists name it."""

NOW = frozenset({"now", "지금"})


@dataclass(frozen=True, slots=True)
class ImportedTerms:
    """The terms of a row. `opens` None means at the import; `closes` may be a span after the opening; `fields` are
    further fields of the Plan; `has_zones`: the file names zones, so that no zone is one too; `identity`: what a row
    that does not say asks of its bidders."""

    opens: datetime | None
    closes: datetime | timedelta
    fields: dict[str, Any]
    has_zones: bool = False
    identity: IdentityTerm = IdentityTerm.NONE

    def plan(self, concert_id: int, now: datetime) -> Plan:
        """The auction to publish when imported at `now`."""
        opens = self.opens or now
        fields = {"identity": self.identity} | self.fields
        return Plan(concert_id=concert_id, opens_at=opens, closes_at=self.end(opens), **fields)

    def end(self, opens: datetime) -> datetime:
        """The end of an auction that opens then."""
        return self.closes if isinstance(self.closes, datetime) else opens + self.closes


@dataclass(frozen=True, slots=True)
class ImportRow:
    """Row `number`: the columns of its concert, its poster's file and organiser as the row names them, and terms.
    `where` names the row in faults. `stored_poster` is the stem by which lists name a poster."""

    number: int
    where: str
    concert: dict[str, Any]
    poster: str | None
    organiser: str | None
    terms: ImportedTerms | None
    stored_poster: str | None = None


def read_row(
    row: TableRow, table: Table, faults: list[str], identity: IdentityTerm = IdentityTerm.NONE
) -> ImportRow | None:
    """Read a row of a table; one that does not say asks its bidders for `identity`. For a faulty one, add its faults to
    `faults` as `row 7: starts: …` and return None."""
    cells = RowCells(row.cells)
    concert = _concert(cells, table.absent)
    terms = _terms(cells, table, identity) if any(name in cells for name in TERMS) else None
    poster, organiser = cells.line("poster"), cells.line("organiser")
    stored_poster = poster if poster and STORED_POSTER.fullmatch(poster) else None
    faults += [f"{row.where}: {fault}" for fault in cells.faults]
    if cells.faults or concert is None:
        return None
    return ImportRow(row.number, row.where, concert, None if stored_poster else poster, organiser, terms, stored_poster)


def _concert(cells: RowCells, absent: frozenset[str]) -> dict[str, Any] | None:
    cells.faults += [f"{name}: is missing" for name in CONCERT_REQUIRED if name not in cells and name not in absent]
    values: dict[str, Any] = {name: cells.cleaned(name, clean_text) for name in CONCERT_TEXTS if name in cells}
    values["starts_at"] = cells.moment("starts")
    values["cancel_until"] = cells.moment("cancel_until")
    values["age_limit"] = cells.age("age_limit")
    if cells.faults or not all(name in cells for name in CONCERT_REQUIRED):
        return None
    try:
        return prepare(**values)
    except NotPublishable as error:
        # Texts and age are checked already.
        cells.fault("cancel_until", str(error))
        return None


def _terms(cells: RowCells, table: Table, identity: IdentityTerm) -> ImportedTerms | None:
    before = len(cells.faults)
    missing = [name for name in TERMS_REQUIRED if name not in cells]
    cells.faults += [
        f"{name}: is missing, as other terms of an auction are there" for name in missing if name not in table.absent
    ]
    values: dict[str, Any] = {
        name: cells.number(name, bounds(name)) for name in ("seats", "minimum", "step", "maximum", "face_price", *HOURS)
    }
    values |= {name: cells.cleaned(name, seat_facts.clean_text) for name in seat_facts.TEXTS}
    values["rows"] = cells.cleaned("rows", lambda _, text: seat_facts.clean_rows(text, values["seats"]))
    opens = None if _is_now(cells) else cells.moment("opens")
    closes = cells.span_or_moment("closes")
    for name in ("soft_close", "soft_close_cap"):
        values[f"{name}_seconds"] = cells.number(name, bounds(f"{name}_seconds"))
    values |= {"pricing": cells.one_of("pricing", Pricing), "identity": cells.one_of("identity", IdentityTerm)}
    if values["maximum"] is not None and values["minimum"] is not None and values["maximum"] < values["minimum"]:
        cells.fault("maximum", "lies below the minimum")
    if len(cells.faults) > before or missing or closes is None:
        return None
    fields = {name: value for name, value in values.items() if value is not None}
    return ImportedTerms(opens, closes, fields, "zone" in table.columns, identity)


def _is_now(cells: RowCells) -> bool:
    opens = cells.cells.get("opens")
    return isinstance(opens, str) and opens.strip().lower() in NOW
