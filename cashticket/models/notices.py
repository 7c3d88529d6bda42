"""Notices to people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.auction.values import NoticeKind
from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, utcnow


class Notification(Base):
    """One notice to one person, about an auction or, without one, about the account. `kind` is a NoticeKind; `occasion`
    tells notices of one kind and auction apart, and the unique key over them refuses the same notice of an auction
    twice."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "auction_id", "kind", "occasion"),
        Index("ix_notifications_unread", "person_id", "seen_at"),
        # The watch asks every second for some kinds, while many displacements may wait for a decision.
        Index("ix_notifications_unmailed_kind", "mailed_at", "kind", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    kind: Mapped[NoticeKind] = mapped_column(EnumText(NoticeKind, 20))
    # Bid sequence for rank_out, row of the bid for bid_given_up, known browser for new_browser, which reminder it
    # is for both kinds of them, award id for the others, 0 where there is none.
    occasion: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    # When the outbox took its mail, or when it was found that none is needed.
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)
