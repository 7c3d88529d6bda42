"""People: accounts, sign-ups not confirmed yet, signed-in browsers, and the mails about accounts."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column, object_session

from cashticket.auction import person_rules
from cashticket.auction.values import Permission
from cashticket.extensions import Base
from cashticket.models import news_of_people
from cashticket.models.columns import Id, Moment, exact_text, utcnow

HOLD_MAX = timedelta(minutes=2)
"""How long bids of a person are held at most: far longer than the changes take for which they are held."""


class Person(Base):
    """One account. A new `session_epoch` ends every session. `revision` grows with every change that open auctions are
    told (verification, block, closure, epoch), so that a late introduction never replaces a newer one."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # Normalised. A closed account has a placeholder instead, so that the address may be used again.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    birth_date: Mapped[date | None]
    # E.164, such as +821012345678.
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    # When this person, or an operator for them, proved that the number is theirs; null for one that was only typed.
    phone_proven_at: Mapped[datetime | None] = mapped_column(Moment)
    # When a provider last verified that this account is the person's with its name and date of birth.
    identity_proven_at: Mapped[datetime | None] = mapped_column(Moment)
    password_hash: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(2), default="ko")
    is_staff: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    blocked_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    # Set while facts change that no bid may slip past; nobody bids as this person for that moment.
    bids_held_at: Mapped[datetime | None] = mapped_column(Moment)
    session_epoch: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)
    # When `revision` last grew, and since when auctions are to be told of that; null once all were.
    revised_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    untold_since: Mapped[datetime | None] = mapped_column(Moment, index=True)
    # To which versions of terms and privacy policy this person agreed, and when; null if an operator added the account.
    terms_version: Mapped[str | None] = mapped_column(String(20))
    privacy_version: Mapped[str | None] = mapped_column(String(20))
    consented_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)

    @property
    def permission(self) -> Permission:
        """The account's own right to bid, before any age limit."""
        return person_rules.right_to_bid(
            is_excluded=self.is_excluded, is_staff=bool(self.is_staff), is_verified=self.verified_at is not None
        )

    @property
    def is_excluded(self) -> bool:
        """Whether the account is blocked or closed."""
        return self.blocked_at is not None or self.closed_at is not None

    @property
    def may_hold_award(self) -> bool:
        """False for blocked and closed accounts: they stay in the order and are passed over. Staff keeps a bid from
        before."""
        return not self.is_excluded

    def are_bids_held(self, now: datetime) -> bool:
        """Whether bids of this person are held at `now` (UTC). A hold whose process died ends after HOLD_MAX."""
        return self.bids_held_at is not None and now - self.bids_held_at < HOLD_MAX


@event.listens_for(Person.revision, "set")
def _note_change(person: Person, value: int, *_rest: object) -> None:
    """Whoever grows the revision leaves a note in the same unit, so that a telling that fails is made up for."""
    person.revised_at = person.untold_since = utcnow()


@event.listens_for(Person.session_epoch, "set")
def _note_ended_sessions(person: Person, value: int, *_rest: object) -> None:
    """Whoever ends sessions has the person's open pages told, once the unit is committed."""
    if (session := object_session(person)) is not None:
        news_of_people.note_epoch(session, person.id, value)


def closed_address(person_id: int) -> str:
    """What stands in `email` once the account is closed, so that the address may be used again."""
    return f"closed-{person_id}@closed.invalid"


class SignIn(Base):
    """One signed-in browser. Its cookie holds `handle`. Setting `ended_at` and a new epoch sign it out."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    handle: Mapped[str] = mapped_column(exact_text(32), unique=True)
    # The browser's name for itself, so that its owner can recognise it.
    browser: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    # Written at most once an hour; null until the first hour has passed.
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # When its second factor was last proved; null without one.
    proved_at: Mapped[datetime | None] = mapped_column(Moment)


class SignUpDraft(Base):
    """A sign-up whose address is not confirmed. It holds no address and no phone number for anybody: any number of
    drafts may have the same ones, and confirming one of them makes the account."""

    __tablename__ = "sign_up_drafts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(80))
    birth_date: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(2))
    # The name of the browser that signed up, and the SHA-256 of the random token in its cookie.
    browser: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(exact_text(64), index=True)
    # A keyed hash of the network address that signed up, so that the drafts of one client can be counted.
    client: Mapped[str] = mapped_column(exact_text(64), index=True)
    # To which versions of terms and privacy policy this person agreed, and when; null for sign-ups of earlier releases.
    terms_version: Mapped[str | None] = mapped_column(String(20))
    privacy_version: Mapped[str | None] = mapped_column(String(20))
    consented_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow, index=True)


class AccountMail(Base):
    """A mail about an account, stored before it is sent.

    `purpose` names the text. Some contain a link for one use; following it proves the address in `email`. The link is
    signed and holds `nonce`, so making one takes both this table and the signing key. A mail belongs to an account, to
    a draft, or at first only to an address: who asked for it does not learn whether the address has an account.
    """

    __tablename__ = "account_mails"
    __table_args__ = (Index("ix_account_mails_unmailed", "mailed_at", "created_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("sign_up_drafts.id", ondelete="SET NULL"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254), index=True)
    locale: Mapped[str] = mapped_column(String(2))
    nonce: Mapped[str] = mapped_column(exact_text(32))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    # When the outbox took it.
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)
    # The link was used, or something else ended it.
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    # What the text formats beside name and link.
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
