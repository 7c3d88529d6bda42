"""Devices that people let us push to, and what of it they do not want."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.auction.notice_topics import Topic
from cashticket.extensions import Base
from cashticket.models.columns import EnumText, Id, Moment, exact_text, utcnow
from cashticket.models.outbox import Channel

ENDPOINT_LENGTH = 1000
"""As `notify.push_hosts` allows."""


class PushSubscription(Base):
    """A browser of one person, with the address at its push service and its keys, by which only that browser can read
    what it is sent. A browser that somebody else signs in to becomes theirs: an endpoint is there once.

    `sign_in_id` is the session that subscribed; the subscription ends with it. `failures` counts pushes that were
    refused since one was taken.
    """

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    # No foreign key: a sign-in that is old enough is forgotten, whether or not it still pushes.
    sign_in_id: Mapped[int] = mapped_column(Id)
    endpoint: Mapped[str] = mapped_column(exact_text(ENDPOINT_LENGTH))
    # SHA-256 of the endpoint, which is too long for an index.
    endpoint_hash: Mapped[str] = mapped_column(exact_text(64), unique=True)
    # The browser's public key and its secret, as it writes them (base64url).
    p256dh: Mapped[str] = mapped_column(exact_text(100))
    auth: Mapped[str] = mapped_column(exact_text(40))
    locale: Mapped[str] = mapped_column(String(2))
    failures: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)
    # When its browser last said that the subscription is still wanted.
    seen_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


class MutedTopic(Base):
    """Somebody does not want the notices of a topic by a channel. No row means that they leave."""

    __tablename__ = "muted_topics"
    __table_args__ = (UniqueConstraint("person_id", "channel", "topic"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[Channel] = mapped_column(EnumText(Channel, 16))
    topic: Mapped[Topic] = mapped_column(EnumText(Topic, 16))


class SilentHours(Base):
    """From when to when nothing is pushed to a person, in minutes of the day in Seoul; past midnight if `until_minute`
    is the smaller one. No row means never."""

    __tablename__ = "silent_hours"
    __table_args__ = (
        CheckConstraint("from_minute >= 0 AND from_minute < 1440", name="from_minute"),
        CheckConstraint("until_minute >= 0 AND until_minute < 1440", name="until_minute"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    from_minute: Mapped[int] = mapped_column(SmallInteger)
    until_minute: Mapped[int] = mapped_column(SmallInteger)
