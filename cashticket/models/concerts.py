"""Concerts."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, utcnow


class Concert(Base):
    """One evening. A bought seat may be given back until `cancel_until`."""

    __tablename__ = "concerts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    artist: Mapped[str] = mapped_column(String(200))
    venue: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    cancel_until: Mapped[datetime] = mapped_column(Moment)
    genre: Mapped[str | None] = mapped_column(String(60))
    # Whole years; None admits everybody.
    age_limit: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)
    # Stem of the re-encoded poster files; None for the generated poster.
    poster: Mapped[str | None] = mapped_column(String(64))
    # Secret key of the aliases in the concert's auctions (see `auction.aliases`); None until the first is published.
    alias_salt: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
