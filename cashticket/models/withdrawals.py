"""Standings that operators took out of running auctions."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id


class Withdrawal(Base):
    """The standing of a person that was withdrawn with a number of its own. `amount` (won) and `rank` are those of the
    bid that stood, `cutoff` (won) is the one after it, `brought_in_id` who came in. Who and why is among the acts of
    operators. Rows are only added."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        UniqueConstraint("auction_id", "sequence"),
        Index("ix_withdrawals_auction_id_person_id", "auction_id", "person_id"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    sequence: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    # Milliseconds of the live store's clock, as it was decided.
    at_ms: Mapped[int] = mapped_column(BigInteger)
    ends_at_ms: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int]
    cutoff: Mapped[int] = mapped_column(BigInteger)
    brought_in_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
