"""What people were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, utcnow

RANK_OUT = "rank_out"
"""The kind of notice that is told while bidding goes on. It is mailed only to who is away (see `work.rank_outs`)."""


class Notification(Base):
    """One thing told to one person. `kind` names the template (won, not_won, passed_over, offered, lapsed, voided,
    rank_out); `occasion` tells repeats of one kind apart within an auction: the schema refuses to tell twice."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "auction_id", "kind", "occasion"),
        Index("ix_notifications_unread", "person_id", "seen_at"),
        Index("ix_notifications_unmailed", "mailed_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    kind: Mapped[str] = mapped_column(String(20))
    # Bid sequence for rank_out, award id for the others, 0 where there is none.
    occasion: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    # When a mail left, or was found to be needless: nobody thinks about it again.
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)
