"""Concerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, event
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, compared_text, utcnow
from cashticket.models.search_text import search_text

# Compared sign by sign: `search_text` decides what is equal, not a collation.
SearchText = Text().with_variant(mysql.TEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
SEARCHED = ("title", "artist", "venue", "city", "title_en", "artist_en", "venue_en")


class Concert(Base):
    """One evening. A bought seat may be given back until `cancel_until`."""

    __tablename__ = "concerts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(compared_text(200))
    artist: Mapped[str] = mapped_column(compared_text(200))
    venue: Mapped[str] = mapped_column(compared_text(200))
    # For English readers; None where the one above serves them too.
    title_en: Mapped[str | None] = mapped_column(compared_text(200))
    artist_en: Mapped[str | None] = mapped_column(compared_text(200))
    venue_en: Mapped[str | None] = mapped_column(compared_text(200))
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    cancel_until: Mapped[datetime] = mapped_column(Moment)
    genre: Mapped[str | None] = mapped_column(compared_text(60))
    # The place that lists are filtered by; None where nobody said one.
    city: Mapped[str | None] = mapped_column(compared_text(60))
    # Whole years; None admits everybody.
    age_limit: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)
    # Stem of the re-encoded poster files; None for the generated poster.
    poster: Mapped[str | None] = mapped_column(String(64))
    # One of the organisers, whose rows are never deleted; None for the one of the settings.
    organiser_id: Mapped[int | None] = mapped_column(Id)
    # Secret key of the aliases in the concert's auctions (see `auction.aliases`); None until the first is published.
    alias_salt: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    # Where searches look, kept by `keep_search_text`; None in rows of the release before it.
    search_text: Mapped[str | None] = mapped_column(SearchText)


@event.listens_for(Concert, "before_insert")
@event.listens_for(Concert, "before_update")
def keep_search_text(_mapper: Any, _connection: Any, concert: Concert) -> None:
    """Make the text in which searches look anew, whoever stores the concert."""
    concert.search_text = search_text(getattr(concert, name) for name in SEARCHED)
