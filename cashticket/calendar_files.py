"""Calendar files (RFC 5545): moments as appointments, in UTC, so that every calendar shows them in its own zone.

The same facts give the same bytes. An appointment keeps its UID for good; of two versions a calendar takes the one with
the greater SEQUENCE.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cashticket.typed.text import can_be_shown

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75
"""Of a line without its line break; what is longer goes on in the next one after a space."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """One moment. `uid` names it for good, `written_at` (UTC) is when its facts were known, `version` grows when they
    change, `alarm` is how long before it a calendar rings. One that `is_off` takes its former version out of calendars
    and never rings."""

    uid: str
    at: datetime
    title: str
    text: str
    link: str
    written_at: datetime
    version: int = 0
    alarm: timedelta | None = None
    place: str = ""
    is_off: bool = False


def calendar_file(appointments: Iterable[Appointment]) -> bytes:
    """The file with these appointments, in their order."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CashTicket//CashTicket//KO", "METHOD:PUBLISH"]
    for each in appointments:
        lines += _event(each)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(each: Appointment) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{each.uid}", f"DTSTAMP:{_utc(each.written_at)}", f"DTSTART:{_utc(each.at)}"]
    lines += [f"SEQUENCE:{each.version}", f"SUMMARY:{_escaped(each.title)}", f"DESCRIPTION:{_escaped(each.text)}"]
    lines += [f"LOCATION:{_escaped(each.place)}"] if each.place else []
    lines += [f"URL:{each.link}", "TRANSP:TRANSPARENT"]
    if each.is_off:
        lines.append("STATUS:CANCELLED")
    elif each.alarm is not None:
        before = int(each.alarm.total_seconds() // 60)
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(each.title)}", f"TRIGGER:-PT{before}M"]
        lines.append("END:VALARM")
    return [*lines, "END:VEVENT"]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Text as a value: separators escaped, line breaks as \\n, other control characters left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(each for each in lines if can_be_shown(each, lines=True))
    for sign in ("\\", ";", ","):
        clean = clean.replace(sign, "\\" + sign)
    return clean.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in UTF-8 with its line break, folded so that no character is cut."""
    folded, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            folded, octets = folded + "\r\n ", 1
        folded, octets = folded + character, octets + size
    return f"{folded}\r\n".encode()
