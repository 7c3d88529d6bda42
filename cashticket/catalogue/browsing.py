"""Searches concerts, for visitors and for operators."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from cashticket.extensions import db
from cashticket.models import Concert

PAGE = 24
QUERY_LENGTH_MAX = 80


def concerts(now: datetime, query: str = "", limit: int = PAGE) -> Sequence[Concert]:
    """Coming concerts, the next one first; with `query`, those with every word of it in title, artist or venue."""
    return db.session.scalars(coming(now, query, limit)).all()


def coming(now: datetime, query: str = "", limit: int = PAGE) -> Select[Concert]:
    """The statement that `concerts` asks."""
    rows = select(Concert).where(Concert.starts_at > now, *matching(query))
    return rows.order_by(Concert.starts_at, Concert.id).limit(limit)


def matching(query: str) -> list[ColumnElement[bool]]:
    """The conditions of a concert that has every word of `query` in title, artist or venue."""
    texts = (Concert.title, Concert.artist, Concert.venue)
    return [
        or_(*(column.icontains(word, autoescape=True) for column in texts)) for word in query[:QUERY_LENGTH_MAX].split()
    ]
