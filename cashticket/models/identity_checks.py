"""Verifications of identity that run, and which account is whose."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, exact_text, utcnow


class CheckOutcome(StrEnum):
    """What became of a verification of identity."""

    PROVEN = "proven"
    # The provider has another name, or another date of birth, than the account.
    OTHER_NAME = "other_name"
    OTHER_BIRTH = "other_birth"
    # Another open account is this person's.
    TAKEN = "taken"
    # This account is another person's.
    OTHER_PERSON = "other_person"
    # An account of this person was blocked and then closed.
    EXCLUDED = "excluded"
    # The answer was not signed by the provider, or belongs to another verification.
    FORGED = "forged"
    # It belongs to another session than the one that began.
    OTHER_SESSION = "other_session"
    # It took too long, was used before, or was replaced by a newer one.
    ENDED = "ended"
    # The person stopped at the provider, or the provider could not verify them.
    NOT_DONE = "not_done"
    # The provider gave no key of the person, as some ways of verifying do.
    NO_KEY = "no_key"


class IdentityCheck(Base):
    """The running verification of an account, or what became of its last one. An account has one at most.

    No name, date of birth or key is ever in it. `session_hash` is a keyed hash of the session that began.
    """

    __tablename__ = "identity_checks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    # By what the provider knows it.
    reference: Mapped[str] = mapped_column(exact_text(64), unique=True)
    session_hash: Mapped[str] = mapped_column(exact_text(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow, index=True)
    # When the browser came back, so that the provider's answer can be fetched.
    returned_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    outcome: Mapped[CheckOutcome | None] = mapped_column(EnumText(CheckOutcome))
    # Of the person's other account, the address with most letters hidden.
    other_address: Mapped[str | None] = mapped_column(String(80))


class PersonKey(Base):
    """Which account is whose: the keyed hash of what the provider calls a person for good, such as their CI.

    One open account has it. After closing it stays, with `live` null, until `kept_until`: as long as that person could
    gain by a new account.
    """

    __tablename__ = "person_keys"
    __table_args__ = (UniqueConstraint("key_hash", "live"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key_hash: Mapped[str] = mapped_column(exact_text(64), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    # 1 while the account is open, null afterwards: equal nulls do not collide.
    live: Mapped[int | None] = mapped_column(default=1)
    proven_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    kept_until: Mapped[datetime | None] = mapped_column(Moment, index=True)
