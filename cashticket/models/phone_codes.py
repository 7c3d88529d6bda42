"""Codes by which people prove their phones."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, exact_text, utcnow


class PhoneCode(Base):
    """The running code of an account, for the number that it was sent to.

    The code itself is nowhere: it is a keyed hash of `nonce`, cut to six digits, so making one takes both this table
    and the signing key. An account has one code at most; asking again, and proving the number, deletes it.
    """

    __tablename__ = "phone_codes"
    # An id is never used twice: the message of a deleted code must not stand for another one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    # E.164, as in `people`.
    phone: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(exact_text(32))
    # How many codes were typed.
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow, index=True)
