"""THE GROUND: zone, languages, and moments as numbers and as text. Every room may know it; it knows nothing of ours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
"""The zone in which pages, mails and commands show moments."""

LANGUAGES = ("ko", "en")
DEFAULT_LANGUAGE = LANGUAGES[0]


def language_or_default(name: str | None) -> str:
    """`name` if pages and mails exist in that language, else the default language."""
    return name if name in LANGUAGES else DEFAULT_LANGUAGE


def in_language(language: str, text: str, english: str | None) -> str:
    """What readers of `language` are shown: the English text if there is one and that is their language."""
    return english if english and language == "en" else text


def to_moment(ms: int) -> datetime:
    """The aware UTC datetime of `ms`, whole milliseconds since 1970 UTC. Exact: no float is involved."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC of an aware datetime; what is finer is cut off."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def midnight_before(moment: datetime) -> datetime:
    """The last midnight in Seoul at or before an aware datetime."""
    return moment.astimezone(SEOUL).replace(hour=0, minute=0, second=0, microsecond=0)


def iso(at: datetime | int) -> str:
    """ISO 8601 in UTC with three decimals and a Z. Takes an aware datetime or milliseconds since 1970 UTC."""
    moment = to_moment(at) if isinstance(at, int) else at
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
