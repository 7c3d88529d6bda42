"""The final ranks of finished auctions, one row for each bidder.

Settlement writes them in windows before it claims the auction, and voiding afterwards. They count once the auction has
`ranked_at`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Moment


class FinalRank(Base):
    """One bidder of a finished auction: the final rank, and the place in the line for a seat that becomes free.

    `line_place` counts from 1 over everybody who did not win at settlement, in the order of ranks; None for winners and
    in an auction that was voided before it was settled. It never changes. `passed_over` says why settlement passed this
    person over: `account` or `holds_ticket`; None for everybody else.

    `waiting` is whether a freed seat may be offered to this person now. `waiting.renew_waiting` computes it again
    whenever an award of the concert, the person's account or `left_at` changes. A person's present place in the line is
    `line_place` less the rows before it that do not wait.

    `left_at` is when the person left the line for good; None for everybody else. It is set once and never taken back.

    `told_at` is when the person was told the end of the auction; None, or a moment before the `telling_since` of the
    auction: a job tells it later.
    """

    __tablename__ = "final_ranks"
    __table_args__ = (
        UniqueConstraint("auction_id", "person_id"),
        # Who is next in line, and how many before somebody left it.
        Index("ix_final_ranks_line", "auction_id", "waiting", "line_place"),
        Index("ix_final_ranks_alias", "auction_id", "alias"),
        Index("ix_final_ranks_untold", "auction_id", "told_at", "rank"),
    )

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int]
    # Six letters and digits, as they are shown and searched for.
    alias: Mapped[str] = mapped_column(String(6))
    line_place: Mapped[int | None]
    waiting: Mapped[bool] = mapped_column(default=False)
    passed_over: Mapped[str | None] = mapped_column(String(16))
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
