"""Auctions, their recorded bids, sequence gaps and quarantined entries."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashticket.auction import seat_plan
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.settlement_rules import OFFER_HOURS, PURCHASE_HOURS
from cashticket.auction.store_names import NAME_MAX
from cashticket.auction.terms import NO_CEILING, SOFT_CLOSE_CAP_MS, SOFT_CLOSE_MS
from cashticket.auction.values import Pricing, State
from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, compared_text, exact_text, utcnow
from cashticket.models.concerts import Concert

SEAT_TEXT_MAX = {"zone": 40, "view": 120, "benefits": 300}
"""Characters of each text about the seats of an auction."""


class Auction(Base):
    """One sale of the VIP seats of one concert. Its terms are frozen at publishing; only the ends may move later.

    `state` is never SCHEDULED here: that is an open auction before `opens_at`.
    `recorded_sequence` is the fence of the drain: the last sequence the ledger has.
    """

    __tablename__ = "auctions"
    __table_args__ = (
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("minimum >= 0 AND step >= 1", name="prices"),
        CheckConstraint("minimum <= maximum", name="ceiling"),
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint("recorded_sequence >= 0", name="recorded"),
        # An id is never used twice, even if publishing was undone: the live store may have an auction of that id.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    concert_id: Mapped[int] = mapped_column(ForeignKey("concerts.id"), index=True)
    seats: Mapped[int]
    minimum: Mapped[int]
    step: Mapped[int]
    # The highest amount that is accepted. Auctions that were published before there were ceilings have none.
    maximum: Mapped[int] = mapped_column(default=NO_CEILING, server_default=str(NO_CEILING))
    pricing: Mapped[Pricing] = mapped_column(EnumText(Pricing), default=Pricing.PAY_AS_BID)
    # What it asks of its bidders. Auctions that were published before there was this term ask for nothing more.
    identity: Mapped[IdentityTerm] = mapped_column(
        EnumText(IdentityTerm), default=IdentityTerm.NONE, server_default=IdentityTerm.NONE.value
    )
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    soft_close_seconds: Mapped[int] = mapped_column(default=SOFT_CLOSE_MS // 1000)
    soft_close_cap_seconds: Mapped[int] = mapped_column(default=SOFT_CLOSE_CAP_MS // 1000)
    # What is announced of the seats beyond their number; None was not given. `face_price` is in won.
    zone: Mapped[str | None] = mapped_column(compared_text(SEAT_TEXT_MAX["zone"]))
    view: Mapped[str | None] = mapped_column(String(SEAT_TEXT_MAX["view"]))
    benefits: Mapped[str | None] = mapped_column(String(SEAT_TEXT_MAX["benefits"]))
    face_price: Mapped[int | None]
    # The seats of each row from the front, as `auction.seat_plan` writes them. Databases have their own word ROWS.
    rows: Mapped[str | None] = mapped_column("seat_rows", String(seat_plan.TEXT_MAX))
    # How long a winner has to buy, and how long an offer to the next in line is open.
    purchase_hours: Mapped[int] = mapped_column(default=PURCHASE_HOURS)
    offer_hours: Mapped[int] = mapped_column(default=OFFER_HOURS)
    state: Mapped[State] = mapped_column(EnumText(State), default=State.OPEN, index=True)
    recorded_sequence: Mapped[int] = mapped_column(default=0)
    final_sequence: Mapped[int | None]
    # Secret key of the aliases: that of the concert, or one of its own in auctions of older releases.
    alias_salt: Mapped[str] = mapped_column(String(32))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    # Of an auction that an earlier release voided it is None.
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    # The live store that decides all of its bids, for life; None is the first one, at REDIS_URL.
    store: Mapped[str | None] = mapped_column(exact_text(NAME_MAX))
    # When the last key of the auction left the live store; from then on the ledger alone answers for it.
    keys_left_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    # When the final ranks of all bidders were complete. Before, rows of final ranks do not count.
    ranked_at: Mapped[datetime | None] = mapped_column(Moment)
    # Set while bidders are still to be told how the auction ended: the moment of that end.
    telling_since: Mapped[datetime | None] = mapped_column(Moment, index=True)
    # Since when no freed seat is offered; None while the line goes on.
    line_paused_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    concert: Mapped[Concert] = relationship()


class RecordedBid(Base):
    """An accepted bid in the ledger, with everything that its answer contained."""

    __tablename__ = "bids"
    __table_args__ = (
        UniqueConstraint("auction_id", "sequence"),
        UniqueConstraint("auction_id", "person_id", "nth"),
        UniqueConstraint("auction_id", "person_id", "request_id"),
        CheckConstraint("nth BETWEEN 1 AND 3", name="chances"),
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
    ends_at_ms: Mapped[int] = mapped_column(BigInteger)
    request_id: Mapped[str] = mapped_column(exact_text(64))
    rank: Mapped[int]
    cutoff: Mapped[int] = mapped_column(BigInteger)
    displaced_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    alert: Mapped[bool] = mapped_column(default=False)


class SequenceGap(Base):
    """Sequence numbers `first` to `last` that were given up, and why: the live store lost their bids, or may have.
    They are never used again."""

    __tablename__ = "sequence_gaps"
    __table_args__ = (
        UniqueConstraint("auction_id", "first"),
        CheckConstraint("first >= 1 AND first <= last", name="range"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    first: Mapped[int]
    last: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    found_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class Quarantined(Base):
    """An entry that could not be recorded, with its text and the reason. It waits for an operator.

    `sequence` is None while the list does not show which bid it was.
    """

    __tablename__ = "quarantined"
    __table_args__ = (UniqueConstraint("auction_id", "sequence"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), index=True)
    sequence: Mapped[int | None]
    raw: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(500))
    set_aside_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolution: Mapped[str | None] = mapped_column(String(500))
