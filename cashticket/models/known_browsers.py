"""Browsers in which a person has signed in before."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, exact_text, utcnow


class KnownBrowser(Base):
    """One browser of one person. Its cookie holds a random token, this row the token's SHA-256."""

    __tablename__ = "known_browsers"
    __table_args__ = (UniqueConstraint("person_id", "token_hash"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    token_hash: Mapped[str] = mapped_column(exact_text(64))
    # The browser's name for itself, so that its owner can recognise it.
    browser: Mapped[str] = mapped_column(String(200), default="")
    first_seen_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
