"""Mail addresses that a mail server refused for good."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, exact_text, utcnow


class RefusedAddress(Base):
    """One address that takes no mail. `address_key` is its keyed hash (`outbox_adding.hashed`), so that the table is no
    list of customers.

    `code` is the answer of the mail server, such as "550 5.1.1", and "" where an operator has seen the mail come back.
    """

    __tablename__ = "refused_addresses"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address_key: Mapped[str] = mapped_column(exact_text(32), unique=True)
    code: Mapped[str] = mapped_column(String(20), default="")
    by_operator: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(Moment, default=utcnow)
