"""Facts about concerts and auctions for concert pages, as plain values that the cache stores as text.

A page needs one to three SQL statements. What changes with time (open auctions, prices) is added when it is drawn.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from cashticket.auction.values import State
from cashticket.catalogue import browsing, cancelled_concerts
from cashticket.catalogue.browsing import Search
from cashticket.extensions import db
from cashticket.models import Auction, Concert, OperatorAct
from cashticket.models.operator_acts import cancellation

UNFINISHED_MAX = 2 * browsing.PAGE
ENDED_MAX = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConcertFacts:
    """A concert. `poster` is the stem of its pictures, None for the drawn poster."""

    id: int
    title: str
    artist: str
    venue: str
    title_en: str | None
    artist_en: str | None
    venue_en: str | None
    starts_at: datetime
    cancel_until: datetime
    genre: str | None
    city: str | None
    age_limit: int | None
    description: str | None
    poster: str | None


@dataclass(frozen=True, slots=True)
class AuctionFacts:
    """An auction's terms and its state in the ledger: open, closing, settled or voided. `face_price` is in won. What
    was not announced of the seats is None."""

    id: int
    concert: ConcertFacts
    seats: int
    minimum: int
    state: State
    opens_at: datetime
    ends_at: datetime
    zone: str | None
    view: str | None
    benefits: str | None
    face_price: int | None


@dataclass(frozen=True, slots=True)
class ConcertPage:
    """One concert with all its auctions, by their ends. `cancelled`: why it is cancelled, None if it is not."""

    concert: ConcertFacts
    auctions: tuple[AuctionFacts, ...]
    cancelled: str | None = None

    @property
    def sells_nothing(self) -> bool:
        """Whether all its auctions are void, or it has none."""
        return all(auction.state is State.VOIDED for auction in self.auctions)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of the concerts that a search finds, in order, and how many it finds on all pages."""

    pages: tuple[ConcertPage, ...]
    count: int


SHAPE = f"{crc32(repr((ConcertFacts.__slots__, AuctionFacts.__slots__, ConcertPage.__slots__)).encode()):x}"
"""Belongs into the name of each text of facts: another release may know other facts."""


def on_now(now: datetime) -> list[AuctionFacts]:
    """At most UNFINISHED_MAX auctions not over at `now` and the ENDED_MAX that ended last, ordered by end."""
    unfinished = select(Auction.id).where(Auction.state == State.OPEN, Auction.ends_at > now)
    ended = select(Auction.id).where(or_(Auction.state != State.OPEN, Auction.ends_at <= now))
    # MySQL and MariaDB take a LIMIT in a subquery only inside a derived table.
    soon = unfinished.order_by(Auction.ends_at, Auction.id).limit(UNFINISHED_MAX).subquery()
    late = ended.order_by(Auction.ends_at.desc(), Auction.id.desc()).limit(ENDED_MAX).subquery()
    wanted = or_(Auction.id.in_(select(soon.c.id)), Auction.id.in_(select(late.c.id)))
    rows = db.session.scalars(_auctions().where(wanted).order_by(Auction.ends_at, Auction.id))
    return [_auction(auction) for auction in rows]


def search_result(now: datetime, search: Search) -> SearchResult:
    """The coming concerts that `search` asks for, one page of them, with their auctions. At most three statements."""
    ids, count = browsing.one_page(now, search)
    rows = _with_auctions().where(Concert.id.in_(ids)).order_by(Auction.ends_at, Auction.id)
    pages = {page.concert.id: page for page in (_pages(rows) if ids else ())}
    whys = cancelled_concerts.whys([each for each, page in pages.items() if page.sells_nothing])
    return SearchResult(tuple(replace(pages[each], cancelled=whys.get(each)) for each in ids if each in pages), count)


def concert_page(concert_id: int) -> ConcertPage | None:
    """One concert with its auctions, and why it was cancelled; None without such a concert. One statement."""
    why = cancellation(concert_id).with_only_columns(OperatorAct.why).scalar_subquery()
    statement = _with_auctions().add_columns(why).where(Concert.id == concert_id)
    rows = db.session.execute(statement.order_by(Auction.ends_at, Auction.id)).all()
    auctions = tuple(_auction(auction) for _, auction, _ in rows if auction is not None)
    return ConcertPage(_concert(rows[0][0]), auctions, rows[0][2]) if rows else None


def _with_auctions() -> Select[Concert, Any]:
    return select(Concert, Auction).outerjoin(Auction, Auction.concert_id == Concert.id)


def _pages(rows: Select[Concert, Any]) -> list[ConcertPage]:
    """A page for each concert of `rows`, in their order."""
    by_concert: dict[int, tuple[Concert, list[AuctionFacts]]] = {}
    for concert, auction in db.session.execute(rows).all():
        _, auctions = by_concert.setdefault(concert.id, (concert, []))
        if auction is not None:
            auctions.append(_auction(auction))
    return [ConcertPage(_concert(concert), tuple(auctions)) for concert, auctions in by_concert.values()]


def _auctions() -> Select[Auction]:
    return select(Auction).join(Auction.concert).options(contains_eager(Auction.concert))


def _concert(row: Concert) -> ConcertFacts:
    return ConcertFacts(**{name: getattr(row, name) for name in ConcertFacts.__slots__})


def _auction(row: Auction) -> AuctionFacts:
    plain = {name: getattr(row, name) for name in AuctionFacts.__slots__ if name != "concert"}
    return AuctionFacts(concert=_concert(row.concert), **plain)


def read_fresh(read: Callable[[], T]) -> T:
    """The facts that `read` returns, as the tables have them now. Gives the database connection back afterwards.

    A transaction that began earlier could show facts from before the cache was dropped.
    """
    db.session.rollback()
    try:
        return read()
    finally:
        db.session.rollback()


# As text and back


def to_text(facts: Any) -> str:
    """Facts, or a list of them, as JSON."""
    plain = [asdict(row) for row in facts] if isinstance(facts, Sequence) else asdict(facts)
    return json.dumps(plain, ensure_ascii=False, default=datetime.isoformat)


def auctions_from(text: str) -> list[AuctionFacts]:
    return [_auction_from(plain) for plain in json.loads(text)]


def result_from(text: str) -> SearchResult:
    plain = json.loads(text)
    return SearchResult(tuple(_page_from(page) for page in plain["pages"]), plain["count"])


def page_from(text: str) -> ConcertPage:
    return _page_from(json.loads(text))


def _page_from(plain: dict[str, Any]) -> ConcertPage:
    concert, auctions = _concert_from(plain["concert"]), tuple(map(_auction_from, plain["auctions"]))
    return ConcertPage(concert, auctions, plain["cancelled"])


def _concert_from(plain: dict[str, Any]) -> ConcertFacts:
    return ConcertFacts(**plain | _moments(plain, "starts_at", "cancel_until"))


def _auction_from(plain: dict[str, Any]) -> AuctionFacts:
    facts = {"concert": _concert_from(plain["concert"]), "state": State(plain["state"])}
    return AuctionFacts(**plain | facts | _moments(plain, "opens_at", "ends_at"))


def _moments(plain: dict[str, Any], *names: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(plain[name]) for name in names}
