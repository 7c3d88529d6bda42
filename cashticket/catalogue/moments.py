"""Moments as people write them: ISO 8601 with a time of day; without a zone they are meant in Seoul."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
YEARS = range(2000, 2100)
SHORTEST = len("2026-11-22T19")
HINT = "say 2026-11-22T19:00 (in Seoul) or 2026-11-22T10:00Z"


def parse_moment(text: str) -> datetime | None:
    """The moment as aware UTC, to the millisecond; None for what is no moment of this century, or has no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) < SHORTEST or moment.year not in YEARS:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
