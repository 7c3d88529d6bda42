"""Searches concerts, for visitors and for operators.

A search looks at the row of each coming concert once, whatever is asked, and returns one page. How many words and signs
count is bounded (`models.search_text`).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, union_all

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert
from cashticket.models.search_text import patterns

PAGE = 24
QUERY_LENGTH_MAX = 80
FILTER_LENGTH_MAX = 60
CHOICES_MAX = 50


class Sort(StrEnum):
    """What comes first: the next concert, the auction that ends next, or what was added last."""

    DATE = "date"
    END = "end"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for among the coming concerts; the days are those of Seoul, both included."""

    words: str = ""
    genre: str = ""
    city: str = ""
    first_day: date | None = None
    last_day: date | None = None
    sort: Sort = Sort.DATE
    page: int = 1

    @property
    def filters(self) -> bool:
        """Whether concerts are left out for something else than words."""
        return bool(self.genre or self.city or self.first_day or self.last_day)


EVERYTHING = Search()


@dataclass(frozen=True, slots=True)
class Choices:
    """The genres and cities of coming concerts, CHOICES_MAX of each at most, in order."""

    genres: tuple[str, ...]
    cities: tuple[str, ...]


def one_page(now: datetime, search: Search) -> tuple[list[int], int]:
    """The ids of the concerts on the page that is asked for, in order, and how many there are on all pages; a page
    behind the last has none and says 0. One statement."""
    rows = select(Concert.id, func.count().over()).where(Concert.starts_at > now, *_conditions(search))
    page = _sorted(rows, search.sort, now).limit(PAGE).offset(PAGE * (search.page - 1))
    ids_and_count = db.session.execute(page).all()
    return [concert_id for concert_id, _ in ids_and_count], ids_and_count[0][1] if ids_and_count else 0


def choices(now: datetime) -> Choices:
    """What the filters offer. One statement."""
    columns = {"genre": Concert.genre, "city": Concert.city}
    each = (
        select(literal(name).label("kind"), column.label("text"))
        .where(Concert.starts_at > now, column.is_not(None))
        .distinct()
        .order_by(column)
        .limit(CHOICES_MAX)
        .subquery()
        for name, column in columns.items()
    )
    rows = db.session.execute(union_all(*(select(part.c.kind, part.c.text) for part in each))).all()
    texts = {name: tuple(sorted(text for kind, text in rows if kind == name)) for name in columns}
    return Choices(texts["genre"], texts["city"])


def choices_from(text: str) -> Choices:
    """The choices that `listings.to_text` has written."""
    plain = json.loads(text)
    return Choices(tuple(plain["genres"]), tuple(plain["cities"]))


def matching(query: str) -> list[ColumnElement[bool]]:
    """The conditions of a concert that has every word of `query` in its texts, where initials stand for syllables.

    A text without any letter or digit finds nothing. Rows that the release before has added, which knows no search
    text, are looked at as it does.
    """
    query = query[:QUERY_LENGTH_MAX]
    if not query.strip():
        return []
    words = [Concert.search_text.like(pattern) for pattern in patterns(query)]
    texts = (Concert.title, Concert.artist, Concert.venue)
    plain = (or_(*(column.icontains(word, autoescape=True) for column in texts)) for word in query.split())
    return [or_(and_(*words), and_(Concert.search_text.is_(None), *plain))] if words else [false()]


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    conditions = matching(search.words)
    if search.genre:
        conditions.append(Concert.genre == search.genre)
    if search.city:
        conditions.append(Concert.city == search.city)
    if search.first_day:
        conditions.append(Concert.starts_at >= _midnight(search.first_day))
    if search.last_day:
        conditions.append(Concert.starts_at < _midnight(search.last_day + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)


def _sorted(rows: Select[int, int], sort: Sort, now: datetime) -> Select[int, int]:
    if sort is Sort.NEW:
        return rows.order_by(Concert.id.desc())
    if sort is Sort.END:
        unfinished = select(Auction.concert_id, func.min(Auction.ends_at).label("ends_at"))
        unfinished = unfinished.where(Auction.state == State.OPEN, Auction.ends_at > now).group_by(Auction.concert_id)
        ends = unfinished.subquery()
        rows = rows.outerjoin(ends, ends.c.concert_id == Concert.id)
        return rows.order_by(ends.c.ends_at.is_(None), ends.c.ends_at, Concert.starts_at, Concert.id)
    return rows.order_by(Concert.starts_at, Concert.id)
