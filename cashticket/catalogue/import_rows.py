"""Reads one row of an imported file: a concert and, if the row has terms, an auction for it. Names every fault."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cashticket.auction.values import Pricing
from cashticket.catalogue import seat_facts
from cashticket.catalogue.concerts import AGE_MAX, NotPublishable, prepare
from cashticket.catalogue.plans import Plan, bounds
from cashticket.typed.moments import HINT, SPAN_HINT, parse_moment, parse_span

CONCERT_REQUIRED = ("title", "artist", "venue", "starts")
CONCERT_TEXTS = ("title", "artist", "venue", "title_en", "artist_en", "venue_en", "genre", "city", "description")
CONCERT = (*CONCERT_REQUIRED, *CONCERT_TEXTS[3:], "cancel_until", "age_limit", "poster", "organiser")
TERMS_REQUIRED = ("seats", "minimum", "step", "opens", "closes")
HOURS = ("purchase_hours", "offer_hours")
TERMS = (*TERMS_REQUIRED, "soft_close", "soft_close_cap", "pricing", "maximum", *HOURS, *seat_facts.NAMES)
# Column names that lists print: under another name here, or not needed by an import.
SPELLINGS = {"starts_at": "starts", "opens_at": "opens", "closes_at": "closes"}
IGNORED = frozenset({"id", "auctions", "concert_id"})

STORED_POSTER = re.compile(r"[0-9a-f]{32}")
"""A poster that is stored already, as lists name it."""

NOW = "now"


@dataclass(frozen=True, slots=True)
class ImportedTerms:
    """The terms of a row. `opens` None means at the import; `closes` may be a span after the opening; `fields` are
    further fields of the Plan."""

    opens: datetime | None
    closes: datetime | timedelta
    fields: dict[str, Any]

    def plan(self, concert_id: int, now: datetime) -> Plan:
        """The auction to publish when imported at `now`."""
        opens = self.opens or now
        closes = self.closes if isinstance(self.closes, datetime) else opens + self.closes
        return Plan(concert_id=concert_id, opens_at=opens, closes_at=closes, **self.fields)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """Row `number`: the columns of its concert, its poster's file and organiser as the row names them, and terms."""

    number: int
    concert: dict[str, Any]
    poster: str | None
    organiser: str | None
    terms: ImportedTerms | None


class FaultyRows(NotPublishable):
    """The rows of a file have faults: all of them in order in `faults`, the first in the message."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.faults = faults
        others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"Nothing was added from {name}: {faults[0]}{others}.")


def read_row(number: int, row: Mapping[str, Any], faults: list[str]) -> ImportRow | None:
    """Read a row. For a faulty one, add its faults to `faults` as `row 7: starts: …` and return None."""
    own_faults: list[str] = []
    fields = _fields(row, own_faults)
    concert = _concert(fields, own_faults)
    terms = _terms(fields, own_faults) if any(name in fields for name in TERMS) else None
    faults += [f"row {number}: {fault}" for fault in own_faults]
    if own_faults or concert is None:
        return None
    return ImportRow(number, concert, fields.get("poster"), fields.get("organiser"), terms)


def _fields(row: Mapping[str, Any], faults: list[str]) -> dict[str, str]:
    """The cells of a row as text, without the empty ones."""
    fields: dict[str, str] = {}
    for key, value in row.items():
        name = SPELLINGS.get(key, key)
        if name in IGNORED or value in (None, "") or (name == "poster" and STORED_POSTER.fullmatch(str(value))):
            continue
        if name not in CONCERT + TERMS:
            faults.append(f"{name}: no concert and no auction has this")
        elif isinstance(value, bool) or not isinstance(value, str | int):
            faults.append(f"{name}: must be text or a whole number")
        else:
            fields[name] = str(value)
    return fields


def _concert(fields: Mapping[str, str], faults: list[str]) -> dict[str, Any] | None:
    faults += [f"{name}: is missing" for name in CONCERT_REQUIRED if name not in fields]
    values: dict[str, Any] = {name: fields.get(name) for name in CONCERT_TEXTS}
    values["starts_at"] = _moment(fields, "starts", faults)
    values["cancel_until"] = _moment(fields, "cancel_until", faults)
    values["age_limit"] = _number(fields, "age_limit", (0, AGE_MAX), faults)
    if faults:
        return None
    try:
        return prepare(**values)
    except NotPublishable as error:
        faults.append(_with_column(str(error)))
        return None


def _with_column(sentence: str) -> str:
    """A sentence of `prepare` with the name of the column that it is about."""
    column = next((word for word in sentence.split() if word in CONCERT_TEXTS), "cancel_until")
    return f"{column}: {sentence}"


def _terms(fields: Mapping[str, str], faults: list[str]) -> ImportedTerms | None:
    fault_count = len(faults)
    faults += [
        f"{name}: is missing, as other terms of an auction are there" for name in TERMS_REQUIRED if name not in fields
    ]
    values: dict[str, Any] = {
        name: _number(fields, name, bounds(name), faults)
        for name in ("seats", "minimum", "step", "maximum", "face_price", *HOURS)
    }
    values |= {name: _seat_text(fields, name, faults, seat_facts.clean_text) for name in seat_facts.TEXTS}
    values["rows"] = _seat_text(fields, "rows", faults, lambda _, text: seat_facts.clean_rows(text, values["seats"]))
    opens = None if fields.get("opens") == NOW else _moment(fields, "opens", faults)
    closes = _span(fields, "closes", faults) or _moment(fields, "closes", faults)
    for name in ("soft_close", "soft_close_cap"):
        values[f"{name}_seconds"] = _number(fields, name, bounds(f"{name}_seconds"), faults)
    values["pricing"] = _pricing(fields, faults)
    if values["maximum"] is not None and values["minimum"] is not None and values["maximum"] < values["minimum"]:
        faults.append("maximum: lies below the minimum")
    if len(faults) > fault_count or closes is None:
        return None
    return ImportedTerms(opens, closes, {name: value for name, value in values.items() if value is not None})


def _pricing(fields: Mapping[str, str], faults: list[str]) -> Pricing | None:
    text = fields.get("pricing")
    if text is None:
        return None
    try:
        return Pricing(text)
    except ValueError:
        faults.append(f"pricing: {text[:40]!r} is neither {' nor '.join(Pricing)}")
        return None


def _seat_text(
    fields: Mapping[str, str], name: str, faults: list[str], clean: Callable[[str, str | None], str | None]
) -> str | None:
    try:
        return clean(name, fields.get(name))
    except NotPublishable as error:
        faults.append(f"{name}: {error}")
        return None


def _moment(fields: Mapping[str, str], name: str, faults: list[str]) -> datetime | None:
    return _parsed(fields, name, faults, parse_moment, f"is no moment; {HINT}")


def _span(fields: Mapping[str, str], name: str, faults: list[str]) -> timedelta | None:
    if not fields.get(name, "").startswith("+"):
        return None
    return _parsed(fields, name, faults, parse_span, f"is no span; {SPAN_HINT}")


def _parsed(
    fields: Mapping[str, str], name: str, faults: list[str], parse: Callable[[str], Any], complaint: str
) -> Any | None:
    text = fields.get(name)
    if text is None:
        return None
    if (value := parse(text)) is None:
        faults.append(f"{name}: {text[:40]!r} {complaint}")
    return value


def _number(fields: Mapping[str, str], name: str, limits: tuple[int, int], faults: list[str]) -> int | None:
    text = fields.get(name)
    if text is None:
        return None
    digits = text.replace(",", "")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else -1
    lowest, highest = limits
    if not lowest <= number <= highest:
        faults.append(f"{name}: {text[:40]!r} is no whole number from {lowest:,} to {highest:,}")
        return None
    return number
