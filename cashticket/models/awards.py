"""Seats, the awards of them, and every change of an award."""

from datetime import datetime

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashticket.auction.reminder_rules import next_right_reminder
from cashticket.auction.values import AwardState
from cashticket.extensions import Base
from cashticket.locale import to_moment, to_ms
from cashticket.models.auctions import Auction
from cashticket.models.columns import EnumText, Id, Moment
from cashticket.models.people import Person


def _first_reminder(context: DefaultExecutionContext) -> datetime | None:
    """When the holder of a new award is reminded for the first time."""
    award = context.get_current_parameters()  # type: ignore[no-untyped-call]
    offered_ms, expires_ms = to_ms(award["offered_at"]), to_ms(award["expires_at"])
    at_ms = next_right_reminder(offered_ms, expires_ms, offered_ms)
    return None if at_ms is None else to_moment(at_ms)


class Seat(Base):
    """One VIP seat of an auction; `number` 1 is the best and goes to rank 1."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("auction_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(20))


class Award(Base):
    """A person's right to a seat: won at settlement, or handed over later from the award `previous_id`.

    `live` is 1 while offered or bought and NULL afterwards. The unique keys on it refuse a second live award of one
    person for one concert, and a second holder of one seat. A person gets at most one award in an auction: after a
    decline, a cancellation or a lapse the person is out of the line for good.
    """

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("concert_id", "person_id", "live"),
        UniqueConstraint("seat_id", "live"),
        UniqueConstraint("auction_id", "person_id"),
        # The watch asks every second which offers have expired.
        Index("ix_awards_due", "state", "expires_at"),
        # And whose holders are to be reminded.
        Index("ix_awards_reminders", "state", "remind_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), index=True)
    # Copied from the auction, because a person may hold one ticket for a concert.
    concert_id: Mapped[int] = mapped_column(ForeignKey("concerts.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # The name when the award was made; "" once the account is closed. None if an older release made the award.
    person_name: Mapped[str | None] = mapped_column(String(80))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("awards.id"))
    # Final rank in the auction's order, from 1.
    rank: Mapped[int]
    price: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[AwardState] = mapped_column(EnumText(AwardState), default=AwardState.OFFERED)
    live: Mapped[int | None] = mapped_column(
        Computed("CASE WHEN state IN ('offered', 'bought') THEN 1 ELSE NULL END", persisted=True)
    )
    offered_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    # When the holder is reminded next to buy the seat; None when no reminder is left.
    remind_at: Mapped[datetime | None] = mapped_column(Moment, default=_first_reminder)

    auction: Mapped[Auction] = relationship()
    seat: Mapped[Seat] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def holder_name(self) -> str:
        """The name that the award was made for, whatever the person is called now. "" after the account was closed."""
        return self.person.name if self.person_name is None else self.person_name


class AwardEvent(Base):
    """One change of an award. Events are only appended; replaying them gives the present awards."""

    __tablename__ = "award_events"
    __table_args__ = (UniqueConstraint("auction_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    number: Mapped[int]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    state: Mapped[AwardState] = mapped_column(EnumText(AwardState))
    at: Mapped[datetime] = mapped_column(Moment)
