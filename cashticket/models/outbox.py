"""The outbox: one row for everything that leaves by mail, push or SMS, from the moment of its cause until it is sent or
given up.

A message is added by `outbox_adding` or `push_adding` in the unit that stores its cause; a unique key refuses a second
message about the same cause, to one device where it is a push. `notify` and `work` send it.
"""

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, exact_text, utcnow


class Channel(StrEnum):
    """By what a message leaves."""

    MAIL = "mail"
    PUSH = "push"
    SMS = "sms"


class Source(StrEnum):
    """The table whose row `reference` is the cause of a message."""

    ACCOUNT_MAIL = "account_mail"
    NOTICE = "notice"
    # Mails to the organiser of its concert.
    AWARD = "award"
    PHONE_CODE = "phone_code"


class OrganiserMail(StrEnum):
    """The kinds of mails to organisers."""

    LINE_EXHAUSTED = "line_exhausted"


CODE_SMS = "phone_code"
"""The kind of an SMS with a code."""


class MessageState(StrEnum):
    """WAITING, HELD and LEASED messages are open; a HELD one waits for the end of its reader's silent hours. FAILED is
    for good; DROPPED means that no message was needed any more."""

    WAITING = "waiting"
    HELD = "held"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


OPEN_STATES = (MessageState.WAITING, MessageState.HELD, MessageState.LEASED)


class Priority(IntEnum):
    """Which due message leaves first: the smaller number. Mails, pushes and SMS have deliverers of their own."""

    # Whoever asked for a new password waits for it, and whoever's account was changed must hear of it. An auction that
    # ends has as many wins as seats: none of them may hold these up.
    ACCOUNT = 0
    # Wins and offers have a deadline.
    URGENT = 1
    RANK_OUT = 2
    # Also receipts, and reminders of a seat that is not bought: never more than there are seats.
    CONFIRMATION = 3
    REST = 4
    # Of an auction that somebody follows: there may be as many as followers, and none may hold up anything else.
    REMINDER = 5
    # To organisers. Deliverers of the release before, which cannot read such a message, look for none of this priority.
    ORGANISER = 6
    # A rank-out, a win, an offer; and the rest.
    PUSH_NOW = 11
    PUSH_REST = 12
    # Whoever asked for a code waits for it. There is no other SMS.
    SMS = 21


PUSH_PRIORITIES = (Priority.PUSH_NOW, Priority.PUSH_REST)
SMS_PRIORITIES = (Priority.SMS,)
Priorities = tuple[Priority, ...]
MAIL_PRIORITIES: Priorities = tuple(each for each in Priority if each not in PUSH_PRIORITIES + SMS_PRIORITIES)


class OutboxMessage(Base):
    """One message. Only a WAITING one may be leased, when `due_at` has come; a lease ends at `leased_until`.

    `auction_id` is the auction that a message is about, None for an account mail and for what a release without this
    column added. `device_id` is the subscription that a push goes to, 0 for a mail. `address` is the exact recipient of
    a mail and is erased when it ends; None means the address that the person of the notice, or the organiser, has when
    it is sent. `last_error` is a code or a short word and never holds personal data.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("channel", "source", "reference", "device_id"),
        Index("ix_outbox_due", "state", "priority", "due_at"),
        Index("ix_outbox_tries", "state", "tries", "due_at"),
        Index("ix_outbox_address", "address_key", "state"),
        Index("ix_outbox_asker", "asker_key", "state"),
        # For operators, who look at one state or kind, of one auction or of all, newest first.
        Index("ix_outbox_kind", "state", "kind", "id"),
        Index("ix_outbox_auction", "auction_id", "state", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[Channel] = mapped_column(EnumText(Channel, 16), default=Channel.MAIL)
    source: Mapped[Source] = mapped_column(EnumText(Source, 16))
    reference: Mapped[int] = mapped_column(Id)
    device_id: Mapped[int] = mapped_column(Id, default=0, server_default="0")
    auction_id: Mapped[int | None] = mapped_column(Id)
    # The purpose of an account mail, the kind of a notice, that of a mail to an organiser, or CODE_SMS.
    kind: Mapped[str] = mapped_column(String(24))
    address: Mapped[str | None] = mapped_column(String(254))
    # Keyed hashes: of the address, which outlives it, and of whoever made the product write.
    address_key: Mapped[str | None] = mapped_column(exact_text(32))
    asker_key: Mapped[str | None] = mapped_column(exact_text(32))
    locale: Mapped[str | None] = mapped_column(String(2))
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 16), default=MessageState.WAITING)
    due_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    # From this moment on the message is worth nothing and is not tried again.
    expires_at: Mapped[datetime] = mapped_column(Moment)
    # How often the recipient's server was asked to take it.
    tries: Mapped[int] = mapped_column(Integer, default=0)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    lease_owner: Mapped[str | None] = mapped_column(exact_text(32))
    last_error: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
