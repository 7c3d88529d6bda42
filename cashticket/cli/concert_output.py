"""Concerts as commands print them."""

from collections.abc import Sequence

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
        "starts_at": iso(concert.starts_at),
        "cancel_until": iso(concert.cancel_until),
        "genre": concert.genre,
        "age_limit": concert.age_limit,
        "description": concert.description,
        "poster": concert.poster,
        "auctions": list(auction_ids),
    }
