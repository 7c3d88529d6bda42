"""What is on: concerts and their auctions as visitors look for them. Reads alone, newest facts of the tables."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from cashticket.extensions import db
from cashticket.models import Auction, Concert

PAGE = 24
QUERY_LONGEST = 80


def running(now: datetime, most: int = PAGE) -> Sequence[Auction]:
    """Auctions open at `now`, the one that ends first first. As far as the tables know: the engine knows better."""
    found = _auctions().where(Auction.state == "open", Auction.opens_at <= now, Auction.ends_at > now)
    return db.session.scalars(found.order_by(Auction.ends_at, Auction.id).limit(most)).all()


def coming(now: datetime, most: int = PAGE) -> Sequence[Auction]:
    """Auctions that open after `now`, the next one first."""
    found = _auctions().where(Auction.state == "open", Auction.opens_at > now)
    return db.session.scalars(found.order_by(Auction.opens_at, Auction.id).limit(most)).all()


def ended(now: datetime, most: int = 8) -> Sequence[Auction]:
    """Auctions whose bidding is over, settled or about to be, the latest first."""
    found = _auctions().where((Auction.state != "open") | (Auction.ends_at <= now))
    return db.session.scalars(found.order_by(Auction.ends_at.desc(), Auction.id.desc()).limit(most)).all()


def concerts(now: datetime, words: str = "", most: int = PAGE) -> Sequence[Concert]:
    """Concerts still to come, the next one first; with `words`, those with every word in title, artist or venue."""
    found = select(Concert).where(Concert.starts_at > now)
    for word in words[:QUERY_LONGEST].split():
        matches = [column.icontains(word, autoescape=True) for column in (Concert.title, Concert.artist, Concert.venue)]
        found = found.where(matches[0] | matches[1] | matches[2])
    return db.session.scalars(found.order_by(Concert.starts_at, Concert.id).limit(most)).all()


def concert(concert_id: int) -> Concert | None:
    return db.session.get(Concert, concert_id)


def _auctions() -> Select[Auction]:
    return select(Auction).join(Auction.concert).options(contains_eager(Auction.concert))
