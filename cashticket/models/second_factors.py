"""Second factors: what proves, besides the password, that somebody is the owner of an account."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Id, Moment, exact_text, utcnow

CREDENTIAL_ID_LENGTH_MAX = 1400
"""Characters of a passkey's id in base64url: 1,023 bytes, the most that WebAuthn allows."""
PUBLIC_KEY_LENGTH_MAX = 1400
PASSKEY_NAME_LENGTH_MAX = 60


class AuthenticatorApp(Base):
    """The secret that an account shares with one authenticator app, encrypted with a key made from SECRET_KEY."""

    __tablename__ = "authenticator_apps"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str] = mapped_column(exact_text(255))
    # The 30-second step of the newest code that was used; an older code, or the same one, is refused.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class Passkey(Base):
    """One passkey of an account: a public key, whose private half never leaves the authenticator."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # Base64url without padding, like the key and the handle.
    credential_id: Mapped[str] = mapped_column(exact_text(CREDENTIAL_ID_LENGTH_MAX), unique=True)
    public_key: Mapped[str] = mapped_column(exact_text(PUBLIC_KEY_LENGTH_MAX))
    # A random name of the account for authenticators, the same for all its passkeys.
    user_handle: Mapped[str] = mapped_column(exact_text(64))
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_LENGTH_MAX))
    # Uses that the authenticator has counted; it stays 0 for those that do not count.
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    # Whether it may replace the password too: false after a reset, until it was used together with the new password.
    works_alone: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One recovery code of an account: its SHA-256, because the code has 80 random bits. It works once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(exact_text(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class PendingSignIn(Base):
    """A sign-in whose password was right and whose second factor is missing. It is no session and opens nothing."""

    __tablename__ = "pending_sign_ins"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # SHA-256 of the random token in the browser's cookie.
    token_hash: Mapped[str] = mapped_column(exact_text(64), unique=True)
    # A new password and whatever else ends the account's sessions end this too.
    session_epoch: Mapped[int]
    failures: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class WrongCode(Base):
    """One wrong code of an authenticator app, kept for a day so that nobody guesses on."""

    __tablename__ = "wrong_codes"
    __table_args__ = (Index("ix_wrong_codes_person_id_at", "person_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class SpentChallenge(Base):
    """A challenge that a passkey has answered, kept until it is too old to be answered again."""

    __tablename__ = "spent_challenges"

    challenge_hash: Mapped[str] = mapped_column(exact_text(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
