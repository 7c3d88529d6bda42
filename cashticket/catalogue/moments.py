"""Moments and spans as operators type them: ISO 8601 with a time of day, in Seoul unless a zone is given."""

import re
from datetime import UTC, datetime, timedelta

from cashticket.locale import SEOUL

YEARS = range(2000, 2100)
LENGTH_MIN = len("2026-11-22T19")
HINT = "say 2026-11-22T19:00 (in Seoul) or 2026-11-22T10:00Z"
SPAN_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN_MAX = timedelta(days=366)
SPAN_HINT = "say +90s, +10m, +2h or +1d"


def parse_moment(text: str) -> datetime | None:
    """The moment as aware UTC, to the millisecond; None for anything else, a date alone, or another century."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) < LENGTH_MIN or moment.year not in YEARS:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_span(text: str) -> timedelta | None:
    """The span of `+90s`, `+10m`, `+2h` or `+1d`, above zero and at most 366 days; None for anything else."""
    parts = re.fullmatch(r"\+([0-9]{1,7})([smhd])", text)
    span = timedelta(**{SPAN_UNITS[parts[2]]: int(parts[1])}) if parts else None
    return span if span and span <= SPAN_MAX else None
