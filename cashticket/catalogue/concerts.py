"""Checks a concert and stores it."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cashticket.errors import OperatorError
from cashticket.locale import SEOUL
from cashticket.models import Concert
from cashticket.models.units import in_one_unit
from cashticket.typed.text import can_be_shown, many_lines, one_line

DEADLINE = time(17, 0)
REQUIRED = ("title", "artist", "venue")
TEXT_MAX = {
    **dict.fromkeys(("title", "artist", "venue", "title_en", "artist_en", "venue_en"), 200),
    "genre": 60,
    "city": 60,
    "description": 10_000,
}
SEVERAL_LINES = frozenset({"description"})
AGE_MAX = 99
LOST = "\ufffd"


class NotPublishable(OperatorError):
    """The concert or auction cannot be published; the message says why."""


def default_deadline(starts_at: datetime) -> datetime:
    """The cancellation deadline of a concert without its own: 17:00 in Seoul on the day before."""
    return datetime.combine(starts_at.astimezone(SEOUL).date() - timedelta(days=1), DEADLINE, SEOUL)


def prepare(
    *,
    title: str,
    artist: str,
    venue: str,
    starts_at: datetime,
    title_en: str | None = None,
    artist_en: str | None = None,
    venue_en: str | None = None,
    cancel_until: datetime | None = None,
    genre: str | None = None,
    city: str | None = None,
    age_limit: int | None = None,
    description: str | None = None,
    poster: str | None = None,
    organiser_id: int | None = None,
) -> dict[str, Any]:
    """The columns of a concert, its texts trimmed and its deadline set; `poster` is the stem of stored pictures. Raises
    NotPublishable naming what is wrong."""
    texts: dict[str, str | None] = {"title": title, "artist": artist, "venue": venue}
    texts |= {"title_en": title_en, "artist_en": artist_en, "venue_en": venue_en}
    texts |= {"genre": genre, "city": city, "description": description}
    columns = {name: clean_text(name, text) for name, text in texts.items()}
    cancel_until = cancel_until or default_deadline(starts_at)
    if cancel_until > starts_at:
        raise NotPublishable("The cancellation deadline must not be later than the start of the concert.")
    if age_limit is not None and not 0 <= age_limit <= AGE_MAX:
        raise NotPublishable(f"The age limit must be 0 to {AGE_MAX} years.")
    moments = {"starts_at": starts_at, "cancel_until": cancel_until}
    return {**moments, "age_limit": age_limit, "poster": poster, "organiser_id": organiser_id, **columns}


def add_concert(**fields: Any) -> Concert:
    """Store a concert with the fields of `prepare`. Raises NotPublishable naming what is wrong."""
    columns = prepare(**fields)

    def work(session: Session) -> Concert:
        concert = Concert(**columns)
        session.add(concert)
        session.flush()
        return concert

    return in_one_unit(work)


def clean_text(name: str, text: str | None) -> str | None:
    """The text called `name` of a concert in one spelling, None for an empty one. Raises NotPublishable."""
    is_long = name in SEVERAL_LINES
    cleaned = many_lines(text or "") if is_long else one_line(text or "")
    if not cleaned and name in REQUIRED:
        raise NotPublishable(f"The {name} must not be empty.")
    check_letters(name, cleaned)
    if len(cleaned) > TEXT_MAX[name] or not can_be_shown(cleaned, lines=is_long):
        raise NotPublishable(f"The {name} must have at most {TEXT_MAX[name]} characters, and no control characters.")
    return cleaned or None


def check_letters(name: str, text: str) -> None:
    """Raises NotPublishable for a text in which a program put the sign for letters that it could not read."""
    if LOST in text:
        raise NotPublishable(f"The {name} has {LOST} where letters were lost; write it again.")
