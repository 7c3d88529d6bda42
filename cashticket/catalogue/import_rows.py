"""One row of an imported file as a concert and, if it brings terms, the auction for it. Every fault is named."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cashticket.auction.values import AMOUNT_MAX, Pricing
from cashticket.catalogue.concerts import AGE_MAX, NotPublishable, prepare
from cashticket.catalogue.moments import HINT, SPAN_HINT, parse_moment, parse_span

CONCERT = ("title", "artist", "venue", "starts", "cancel_until", "genre", "age_limit", "description", "poster")
NEEDED = ("title", "artist", "venue", "starts")
TERMS = ("seats", "minimum", "step", "opens", "closes", "soft_close", "soft_close_cap", "pricing")
TERMS_NEEDED = ("seats", "minimum", "step", "opens", "closes")
# What a list prints under another name, and what it prints that an import does not need.
SPELLINGS = {"starts_at": "starts", "opens_at": "opens", "closes_at": "closes"}
IGNORED = frozenset({"id", "auctions", "concert_id"})

# A poster that is kept already, as a list names it.
KEPT = re.compile(r"[0-9a-f]{32}")

SEATS_MAX = 10_000
DAY_SECONDS = 86_400
NOW = "now"


@dataclass(frozen=True, slots=True)
class Terms:
    """An auction as a row asks for it: `opens` None means as soon as it is imported; `closes` may be a span."""

    seats: int
    minimum: int
    step: int
    opens: datetime | None
    closes: datetime | timedelta
    soft_close: int = 120
    soft_close_cap: int = 1800
    pricing: Pricing = Pricing.PAY_AS_BID

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """Opening and announced end when imported at `now`."""
        opens = self.opens or now
        return opens, self.closes if isinstance(self.closes, datetime) else opens + self.closes


@dataclass(frozen=True, slots=True)
class Planned:
    """Row `number`: columns of a concert, the poster's file as it was written there, and terms."""

    number: int
    concert: dict[str, Any]
    poster: str | None
    terms: Terms | None


class Faults(NotPublishable):
    """What is wrong with the rows of a file: `faults` in their order, the message says the first."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.faults = faults
        others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"Nothing was added from {name}: {faults[0]}{others}.")


def plan(number: int, row: Mapping[str, Any], faults: list[str]) -> Planned | None:
    """Read a row. None when it has faults, which are added to `faults` as `row 7: starts: …`."""
    told: list[str] = []
    fields = _fields(row, told)
    concert = _concert(fields, told)
    terms = _terms(fields, told) if any(name in fields for name in TERMS) else None
    faults += [f"row {number}: {fault}" for fault in told]
    if told or concert is None:
        return None
    return Planned(number, concert, fields.get("poster"), terms)


def _fields(row: Mapping[str, Any], told: list[str]) -> dict[str, str]:
    """What the row says, as text; empty cells are left out."""
    fields: dict[str, str] = {}
    for key, value in row.items():
        name = SPELLINGS.get(key, key)
        if name in IGNORED or value in (None, "") or (name == "poster" and KEPT.fullmatch(str(value))):
            continue
        if name not in CONCERT + TERMS:
            told.append(f"{name}: no concert and no auction has this")
        elif isinstance(value, bool) or not isinstance(value, str | int):
            told.append(f"{name}: must be text or a whole number")
        else:
            fields[name] = str(value)
    return fields


def _concert(fields: Mapping[str, str], told: list[str]) -> dict[str, Any] | None:
    told += [f"{name}: is missing" for name in NEEDED if name not in fields]
    read: dict[str, Any] = {name: fields.get(name) for name in ("title", "artist", "venue", "genre", "description")}
    read["starts_at"] = _moment(fields, "starts", told)
    read["cancel_until"] = _moment(fields, "cancel_until", told)
    read["age_limit"] = _number(fields, "age_limit", 0, AGE_MAX, told)
    if told:
        return None
    try:
        return prepare(**read)
    except NotPublishable as error:
        told.append(_named(str(error)))
        return None


def _named(sentence: str) -> str:
    """Which column a sentence of `prepare` speaks of."""
    words = {"title", "artist", "venue", "genre", "description"}
    column = next((word for word in sentence.split() if word in words), "cancel_until")
    return f"{column}: {sentence}"


def _terms(fields: Mapping[str, str], told: list[str]) -> Terms | None:
    before = len(told)
    told += [
        f"{name}: is missing, as other terms of an auction are there" for name in TERMS_NEEDED if name not in fields
    ]
    read: dict[str, Any] = {
        "seats": _number(fields, "seats", 1, SEATS_MAX, told),
        "minimum": _number(fields, "minimum", 0, AMOUNT_MAX, told),
        "step": _number(fields, "step", 1, AMOUNT_MAX, told),
        "opens": None if fields.get("opens") == NOW else _moment(fields, "opens", told),
        "closes": _span(fields, "closes", told) or _moment(fields, "closes", told),
        "soft_close": _number(fields, "soft_close", 0, DAY_SECONDS, told),
        "soft_close_cap": _number(fields, "soft_close_cap", 0, 7 * DAY_SECONDS, told),
        "pricing": _pricing(fields, told),
    }
    if len(told) > before:
        return None
    return Terms(**{name: value for name, value in read.items() if value is not None or name == "opens"})


def _pricing(fields: Mapping[str, str], told: list[str]) -> Pricing | None:
    text = fields.get("pricing")
    if text is None:
        return None
    try:
        return Pricing(text)
    except ValueError:
        told.append(f"pricing: {text[:40]!r} is neither {Pricing.PAY_AS_BID} nor {Pricing.UNIFORM}")
        return None


def _moment(fields: Mapping[str, str], name: str, told: list[str]) -> datetime | None:
    return _read(fields, name, told, parse_moment, f"is no moment; {HINT}")


def _span(fields: Mapping[str, str], name: str, told: list[str]) -> timedelta | None:
    if not fields.get(name, "").startswith("+"):
        return None
    return _read(fields, name, told, parse_span, f"is no span; {SPAN_HINT}")


def _read(
    fields: Mapping[str, str], name: str, told: list[str], parse: Callable[[str], Any], complaint: str
) -> Any | None:
    text = fields.get(name)
    if text is None:
        return None
    if (found := parse(text)) is None:
        told.append(f"{name}: {text[:40]!r} {complaint}")
    return found


def _number(fields: Mapping[str, str], name: str, least: int, most: int, told: list[str]) -> int | None:
    text = fields.get(name)
    if text is None:
        return None
    digits = text.replace(",", "")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else -1
    if not least <= number <= most:
        told.append(f"{name}: {text[:40]!r} is no whole number from {least:,} to {most:,}")
        return None
    return number
