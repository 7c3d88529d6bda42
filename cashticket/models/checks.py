"""How far each auction has been checked, what was found, and which checks are wanted."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Moment

FAULT_MAX = 500


class AuctionCheck(Base):
    """The checks of one auction (`flask auction check`, the watch and its jobs).

    The mark says how far bids were found sound: up to `through_sequence`, the last of them accepted at `last_ms`, with
    `people` bidders, notices up to `notice_id`, and `resolved` quarantined entries decided. The next check since the
    last one goes on from there.

    `wanted` counts the checks that the watch asked for; `answered` is the count that the newest verdict had read before
    it began. `fault` is that verdict: what stops bidding, None when nothing does. `checked_on` is the identity of the
    live store's process that was checked, `accounted_on` that of the process on which bids were last taken after every
    answered bid was accounted for.
    """

    __tablename__ = "checks"

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True, autoincrement=False)
    through_sequence: Mapped[int] = mapped_column(default=0)
    last_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    people: Mapped[int] = mapped_column(default=0)
    notice_id: Mapped[int] = mapped_column(BigInteger, default=0)
    resolved: Mapped[int] = mapped_column(default=0)
    wanted: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    checked_on: Mapped[str] = mapped_column(String(100), default="")
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    # The process of the live store on which every answered bid was last accounted for; '' where nobody noted it.
    accounted_on: Mapped[str] = mapped_column(String(100), default="", server_default="")
    fault: Mapped[str | None] = mapped_column(String(FAULT_MAX))
    # The newest check of all bids: when it began, when it ended, and what it found against bidding.
    whole_begun_at: Mapped[datetime | None] = mapped_column(Moment)
    whole_at: Mapped[datetime | None] = mapped_column(Moment)
    whole_fault: Mapped[str | None] = mapped_column(String(FAULT_MAX))
    # When all bids were checked after the end. Until then the watch looks after this row every second.
    final_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
