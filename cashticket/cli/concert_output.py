"""Concerts as commands print them."""

from collections.abc import Sequence

from cashticket.catalogue.organisers import name_of
from cashticket.cli.output import Data
from cashticket.locale import iso
from cashticket.models import Concert


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
