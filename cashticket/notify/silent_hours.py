"""The hours in which a person wants to be left alone: nothing is pushed then, and what is still worth something comes
at their end. Mails leave all the same, and everything stands among the notices."""

import re
from datetime import UTC, datetime, timedelta

from cashticket.locale import SEOUL

MINUTES_A_DAY = 24 * 60
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def end_of_silence(from_minute: int, until_minute: int, now: datetime) -> datetime | None:
    """When the silent hours end in which `now` lies, both UTC; None outside of them.

    They reach from one minute of the day in Seoul to another, the latter not included, past midnight if that is the
    smaller one. With both the same there are none.
    """
    local = now.astimezone(SEOUL)
    length = (until_minute - from_minute) % MINUTES_A_DAY
    passed = (local.hour * 60 + local.minute - from_minute) % MINUTES_A_DAY
    if passed >= length:
        return None
    # Seoul keeps the same time all year, so minutes of the clock are minutes that pass.
    return (local.replace(second=0, microsecond=0) + timedelta(minutes=length - passed)).astimezone(UTC)


def minute_of(text: str) -> int | None:
    """The minute of the day that a text such as 23:00 names; None for any other text."""
    match = TIME.fullmatch(text)
    return int(match[1]) * 60 + int(match[2]) if match else None


def clock_time(minute: int) -> str:
    """A minute of the day as `minute_of` reads it."""
    return f"{minute // 60:02}:{minute % 60:02}"
