"""Calendar days as people write them, the year first: 1999-02-03, 1999. 2. 3., 1999년 2월 3일, 19990203. Pure."""

import re
from datetime import date

DAY = re.compile(
    r"(?P<year>[0-9]{4}) ?(?:(?P<mark>[-./]) ?(?P<month>[0-9]{1,2}) ?(?P=mark) ?(?P<day>[0-9]{1,2})(?: ?\.)?"
    r"|년 ?(?P<korean_month>[0-9]{1,2})월 ?(?P<korean_day>[0-9]{1,2})일)"
)
EIGHT_DIGITS = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
SIX_DIGITS = re.compile(r"[0-9]{6}")


class NoSuchDay(ValueError):
    """It is written like a day, but the calendar has no such one."""


def birth_day(plain: str, today: date) -> date | None:
    """The day, also of six digits as on identity cards; None for anything else. `plain` is a `number_text`. Raises
    NoSuchDay."""
    if SIX_DIGITS.fullmatch(plain):
        plain = _with_century(plain, today)
    match = DAY.fullmatch(plain) or EIGHT_DIGITS.fullmatch(plain)
    return day_of(match.groupdict()) if match else None


def day_of(parts: dict[str, str | None]) -> date:
    """The day of the groups of one of the patterns above. Raises NoSuchDay."""
    month = parts["month"] or parts["korean_month"]
    day = parts["day"] or parts["korean_day"]
    try:
        return date(int(parts["year"] or 0), int(month or 0), int(day or 0))
    except ValueError as error:
        raise NoSuchDay from error


def _with_century(digits: str, today: date) -> str:
    """Six digits of a day as eight: of this century, unless that day is still to come."""
    this_century = f"{today.year // 100}{digits}"
    return this_century if this_century <= f"{today:%Y%m%d}" else f"{today.year // 100 - 1}{digits}"
