"""Moments and spans as operators and their files write them, in Seoul unless a zone is given. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cashticket.locale import SEOUL
from cashticket.typed.dates import DAY, NoSuchDay, day_of
from cashticket.typed.text import number_text

YEARS = range(2000, 2100)
HINT = "say 2026-11-22T19:00 (in Seoul) or 2026-11-22T10:00Z"
SPAN_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN_MAX = timedelta(days=366)
SPAN_HINT = "say +90s, +10m, +2h or +1d"

WEEKDAYS = ("월", "화", "수", "목", "금", "토", "일")
WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What may stand behind a day.
CLOCK = re.compile(
    r"(?: ?\(?(?P<weekday>[월화수목금토일]|mon|tue|wed|thu|fri|sat|sun)(?:요일|[a-z]*)\)?)?[ ,t]*"
    r"(?P<half>오전|오후|am|pm)? ?(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,6})?)?|시(?: ?(?P<korean_minute>[0-9]{1,2})분)?)"
    r"(?: ?(?P<latin_half>[ap])\.?m\.?)?(?: ?(?P<zone>z|utc|kst|[+-][0-9]{2}:?[0-9]{2}))?"
)
ZONES = {"z": "+0000", "utc": "+0000", "kst": "+0900"}
# Python takes any sign before the time, so that the zone of `2026-11-30+09:00` would be nine in the morning.
ISO_DAY = re.compile(r"[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}-?[0-9])[T ]", re.IGNORECASE)
DAY_FIRST = re.compile(r"[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2,4}\b.*")
SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")


class NoMoment(ValueError):
    """The text is no moment; the message is the end of a sentence that begins with the text."""


def read_moment(text: str) -> datetime:
    """The moment as aware UTC, to the millisecond: of ISO 8601, or of what Korean spreadsheets show, such as
    `2026.11.30(월) 오후 7:00`. Raises NoMoment for anything else, a date alone, or another century."""
    plain = number_text(text)
    moment = _iso(plain) or _written(plain.lower())
    if moment is None:
        raise NoMoment(_fault(plain))
    if moment.year not in YEARS:
        raise NoMoment(f"lies in another century; {HINT}")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_moment(text: str) -> datetime | None:
    """What `read_moment` reads; None where it raises."""
    try:
        return read_moment(text)
    except NoMoment:
        return None


def parse_span(text: str) -> timedelta | None:
    """The span of `+90s`, `+10m`, `+2h` or `+1d`, above zero and at most 366 days; None for anything else."""
    parts = re.fullmatch(r"\+([0-9]{1,7})([smhd])", text)
    span = timedelta(**{SPAN_UNITS[parts[2]]: int(parts[1])}) if parts else None
    return span if span and span <= SPAN_MAX else None


def _iso(plain: str) -> datetime | None:
    try:
        return datetime.fromisoformat(plain) if ISO_DAY.match(plain) else None
    except ValueError:
        return None


def _written(plain: str) -> datetime | None:
    day_match = DAY.match(plain)
    clock_match = CLOCK.fullmatch(plain, day_match.end()) if day_match else None
    if day_match is None or clock_match is None:
        return None
    parts = day_match.groupdict() | clock_match.groupdict()
    try:
        day = day_of(parts)
    except NoSuchDay as error:
        raise NoMoment(f"names a day that does not exist; {HINT}") from error
    _check_weekday(day, parts["weekday"])
    late, clock = _clock(parts)
    try:
        return datetime.combine(day, clock, _zone(parts["zone"])) + timedelta(days=late)
    except OverflowError as error:
        raise NoMoment(f"lies in another century; {HINT}") from error


def _zone(written: str | None) -> tzinfo | None:
    zone = ZONES.get(written or "", written)
    try:
        return datetime.strptime(zone.replace(":", ""), "%z").tzinfo if zone else SEOUL
    except ValueError as error:
        raise NoMoment(f"names a zone that does not exist; {HINT}") from error


def _clock(parts: dict[str, str | None]) -> tuple[int, time]:
    """Days after the written one, and the time of day: 24:00 is the next midnight."""
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or parts["korean_minute"] or 0)
    halves = {"오전": "a", "오후": "p", "am": "a", "pm": "p", None: None}
    half = halves[parts["half"]] or parts["latin_half"]
    if half == "a" and hour > 12:
        raise NoMoment(f"says the morning and an hour of the afternoon; {HINT}")
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    second = int(parts["second"] or 0)
    late = int((hour, minute, second) == (24, 0, 0))
    try:
        return late, time(hour - 24 * late, minute, second)
    except ValueError as error:
        raise NoMoment(f"names a time of day that does not exist; {HINT}") from error


def _check_weekday(day: date, written: str | None) -> None:
    real = WEEKDAYS[day.weekday()], WEEKDAYS_EN[day.weekday()]
    if written and written not in real:
        raise NoMoment(f"is on another day of the week than it says: {day.isoformat()} is a {day:%A}")


def _fault(plain: str) -> str:
    if DAY_FIRST.fullmatch(plain):
        return f"does not begin with a year of four digits, so its day and month may be mixed up; {HINT}"
    if SERIAL.fullmatch(plain):
        return f"is the number by which spreadsheets count days; show the column as date and time; {HINT}"
    if DAY.fullmatch(plain):
        return f"has no time of day; {HINT}"
    return f"is no moment; {HINT}"
