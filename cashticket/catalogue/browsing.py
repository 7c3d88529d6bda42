"""Searches concerts, for visitors and for operators."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from cashticket.extensions import db
from cashticket.models import Concert

PAGE = 24
QUERY_LENGTH_MAX = 80


def concerts(now: datetime, words: str = "", limit: int = PAGE) -> Sequence[Concert]:
    """Coming concerts, the next one first; with `words`, those with every word in title, artist or venue."""
    rows = select(Concert).where(Concert.starts_at > now, *holding(words))
    return db.session.scalars(rows.order_by(Concert.starts_at, Concert.id).limit(limit)).all()


def holding(words: str) -> list[ColumnElement[bool]]:
    """The conditions of a concert that has every word in title, artist or venue."""
    texts = (Concert.title, Concert.artist, Concert.venue)
    return [
        or_(*(column.icontains(word, autoescape=True) for column in texts)) for word in words[:QUERY_LENGTH_MAX].split()
    ]
