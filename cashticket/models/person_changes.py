"""Changes of a person's frozen facts by an operator."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, utcnow
from cashticket.models.operator_acts import OPERATOR_MAX, WHY_MAX


class FrozenFact(StrEnum):
    """A fact that a person cannot change while a bid of theirs stands. The values name columns of `people`."""

    NAME = "name"
    BIRTH_DATE = "birth_date"


class PersonChange(Base):
    """An operator changed one frozen fact of a person: from what, to what, who and why. Erased with the account.

    A birth date is written YYYY-MM-DD, "" if there was none.
    """

    __tablename__ = "person_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    field: Mapped[FrozenFact] = mapped_column(EnumText(FrozenFact))
    old_value: Mapped[str] = mapped_column(String(80))
    new_value: Mapped[str] = mapped_column(String(80))
    operator: Mapped[str] = mapped_column(String(OPERATOR_MAX))
    why: Mapped[str] = mapped_column(String(WHY_MAX))
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
