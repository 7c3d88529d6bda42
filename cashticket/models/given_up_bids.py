"""Bids that were answered and cannot be kept."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, exact_text, utcnow


class GivenUpBid(Base):
    """A bid whose bidder was answered *accepted* and that does not count: who made it, of which amount (won), and why
    it cannot be kept. The bidder was told. Its `sequence` may belong to another bid. Rows are only added."""

    __tablename__ = "given_up_bids"
    __table_args__ = (
        UniqueConstraint("auction_id", "sequence", "person_id", "request_id"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    sequence: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    nth: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    # Milliseconds of the live store's clock, as the bid was decided.
    at_ms: Mapped[int] = mapped_column(BigInteger)
    request_id: Mapped[str] = mapped_column(exact_text(64))
    reason: Mapped[str] = mapped_column(String(500))
    given_up_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
