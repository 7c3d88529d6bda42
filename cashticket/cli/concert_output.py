"""Concerts as commands print them."""

from collections.abc import Sequence

from sqlalchemy import select

from cashticket.auction.values import State
from cashticket.catalogue.organisers import name_of
from cashticket.cli.output import Data
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Auction, Concert

TERMS_COLUMNS = (
    *("auction_id", "seats", "minimum", "step", "opens_at", "closes_at", "maximum", "soft_close", "soft_close_cap"),
    *("pricing", "purchase_hours", "offer_hours", "identity", "zone", "view", "benefits", "face_price", "rows"),
)


def concert_data(concert: Concert, auction_ids: Sequence[int]) -> Data:
    """Everything that a command prints of a concert."""
    return {
        "id": concert.id,
        "title": concert.title,
        "artist": concert.artist,
        "venue": concert.venue,
        "title_en": concert.title_en,
        "artist_en": concert.artist_en,
        "venue_en": concert.venue_en,
        "starts_at": iso(concert.starts_at),
        "cancel_until": iso(concert.cancel_until),
        "genre": concert.genre,
        "city": concert.city,
        "age_limit": concert.age_limit,
        "description": concert.description,
        "poster": concert.poster,
        "organiser": name_of(concert.organiser_id),
        "auctions": list(auction_ids),
    }


def terms_data(concert_id: int) -> list[Data]:
    """The terms of each auction of a concert that is open or to open, as an import takes them; without one, one row of
    nothing."""
    auctions = select(Auction).where(Auction.concert_id == concert_id, Auction.state == State.OPEN)
    rows = [_terms(auction) for auction in db.session.scalars(auctions.order_by(Auction.id))]
    return rows or [dict.fromkeys(TERMS_COLUMNS)]


def _terms(auction: Auction) -> Data:
    terms = {name: getattr(auction, name, None) for name in TERMS_COLUMNS}
    moments = {"opens_at": iso(auction.opens_at), "closes_at": iso(auction.closes_at)}
    seconds = {"soft_close": auction.soft_close_seconds, "soft_close_cap": auction.soft_close_cap_seconds}
    return terms | moments | seconds | {"auction_id": auction.id}
