"""Concerts as visitors and operators look for them. Reads alone, newest facts of the tables."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from cashticket.extensions import db
from cashticket.models import Concert

PAGE = 24
QUERY_LONGEST = 80


def concerts(now: datetime, words: str = "", most: int = PAGE) -> Sequence[Concert]:
    """Concerts still to come, the next one first; with `words`, those with every word in title, artist or venue."""
    found = select(Concert).where(Concert.starts_at > now, *holding(words))
    return db.session.scalars(found.order_by(Concert.starts_at, Concert.id).limit(most)).all()


def holding(words: str) -> list[ColumnElement[bool]]:
    """Conditions of a concert that holds every word in title, artist or venue."""
    texts = (Concert.title, Concert.artist, Concert.venue)
    return [
        or_(*(column.icontains(word, autoescape=True) for column in texts)) for word in words[:QUERY_LONGEST].split()
    ]
