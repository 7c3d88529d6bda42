"""Time in which the system took no bids of an auction, and how far its end moved for it (rule 19)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment


class Outage(Base):
    """One time without bids, by the live store's clock: from `began_at` to `ended_at`, when bidding went on.

    The end in force moved from `ends_before` to `ends_after`. `number` counts 1, 2, 3 … in an auction. `reason` is why
    bidding was paused. Rows are only added.
    """

    __tablename__ = "outages"
    __table_args__ = (
        UniqueConstraint("auction_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("began_at <= ended_at", name="time"),
        CheckConstraint("ends_before <= ends_after", name="end"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    number: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime] = mapped_column(Moment)
    ends_before: Mapped[datetime] = mapped_column(Moment)
    ends_after: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(40))
