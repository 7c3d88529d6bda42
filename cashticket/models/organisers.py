"""Organisers: who sells the seats of concerts, and their own people, who may not bid for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, compared_text, utcnow

TEXT_MAX = {
    "name": 120,
    "representative": 80,
    "registration_number": 40,
    "mail_order_number": 60,
    "address": 200,
    "email": 254,
    "phone": 40,
    "hours": 120,
}
"""Characters of each fact of an organiser."""


class Organiser(Base):
    """Who sells the seats of concerts, with the facts that a shop has to name. An empty text was not given. Rows are
    never deleted."""

    __tablename__ = "organisers"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(compared_text(TEXT_MAX["name"]), unique=True)
    representative: Mapped[str] = mapped_column(String(TEXT_MAX["representative"]), default="")
    registration_number: Mapped[str] = mapped_column(String(TEXT_MAX["registration_number"]), default="")
    mail_order_number: Mapped[str] = mapped_column(String(TEXT_MAX["mail_order_number"]), default="")
    address: Mapped[str] = mapped_column(String(TEXT_MAX["address"]), default="")
    email: Mapped[str] = mapped_column(String(TEXT_MAX["email"]), default="")
    phone: Mapped[str] = mapped_column(String(TEXT_MAX["phone"]), default="")
    hours: Mapped[str] = mapped_column(String(TEXT_MAX["hours"]), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class OrganiserPerson(Base):
    """Somebody who may not bid for seats of an organiser: an account, or an address that has no account yet.

    One of `person_id` and `email` (normalised) is set. The row of an address becomes that of the account that proves
    the address.
    """

    __tablename__ = "organiser_people"
    __table_args__ = (UniqueConstraint("organiser_id", "person_id"), UniqueConstraint("organiser_id", "email"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organisers.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    email: Mapped[str | None] = mapped_column(String(254), index=True)
