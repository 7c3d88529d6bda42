"""Who follows which auction: has put it on the watch list and is reminded of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, utcnow


class Follow(Base):
    """One auction on the watch list of one person.

    `reminded` is the newest reminder (`auction.reminder_rules.AuctionReminder`, 0 for none) that was given or had
    passed when the person began to follow, so whoever is still to be reminded is found by index alone.
    """

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("person_id", "auction_id"),
        # The watch asks every second; a round takes the next people of an auction from here.
        Index("ix_follows_due", "auction_id", "reminded", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    reminded: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
