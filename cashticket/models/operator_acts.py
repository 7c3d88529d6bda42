"""What operators did: one row for each act, and the only function that writes it.

It lives here because catalogue, ledger, settlement and commands all write acts, and models is the room they all know.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Select, String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cashticket.extensions import Base
from cashticket.logs.lines import structured_logger
from cashticket.models.columns import Id, Moment, utcnow

log = structured_logger("cashticket.security")

OPERATOR_MAX, WHY_MAX = 80, 500
"""Characters of an operator's name, and of the reason for an act."""


class Act(StrEnum):
    """What an operator can do. Older rows call an extension `extend`."""

    AUCTION_EXTEND = "auction extend"
    AUCTION_EXPORT = "export with people"
    AUCTION_PAUSE = "auction pause"
    AUCTION_PAUSE_LINE = "auction pause-line"
    AUCTION_PUT_BACK = "auction put back"
    AUCTION_REBUILD = "auction rebuild"
    AUCTION_RESOLVE = "auction resolve"
    AUCTION_RESUME = "auction resume"
    AUCTION_RESUME_LINE = "auction resume-line"
    AUCTION_VOID = "auction void"
    AUCTION_WITHDRAW = "auction withdraw"
    AWARD_REVOKE = "award revoke"
    CONCERT_CANCEL = "concert cancel"
    CONCERT_IMPORT = "concert import"
    POST_BOUNCED = "post bounced"
    POST_RESEND = "post resend"
    USER_BLOCK = "user block"
    USER_CHANGE = "user change"
    USER_PROVE_PHONE = "user prove-phone"
    USER_RESET_FACTOR = "user reset-factor"
    USER_SIGN_OUT = "user sign-out"


ACTS_WITH_EVENTS = frozenset(
    {Act.USER_BLOCK, Act.USER_CHANGE, Act.USER_PROVE_PHONE, Act.USER_RESET_FACTOR, Act.USER_SIGN_OUT}
)
"""Acts whose commands write a line of the security log with an event of its own."""

PLAIN_SUBJECT = re.compile(r"[a-z]{1,20} [0-9]{1,19}")


class OperatorAct(Base):
    """Who changed what by command, and why. Never deleted."""

    __tablename__ = "operator_acts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    operator: Mapped[str] = mapped_column(String(OPERATOR_MAX))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    why: Mapped[str] = mapped_column(String(WHY_MAX), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


def auction_subject(auction_id: int) -> str:
    """How the subject of an act on an auction is written."""
    return f"auction {auction_id}"


def award_subject(award_id: int) -> str:
    """How the subject of an act on an award is written."""
    return f"award {award_id}"


def concert_subject(concert_id: int) -> str:
    """How the subject of an act on a concert is written."""
    return f"concert {concert_id}"


def cancellation(concert_id: int) -> Select[OperatorAct]:
    """The act by which a concert was cancelled: that it is there makes the concert cancelled. Whoever adds it, or adds
    an auction to the concert, holds the concert's row."""
    return cancellations([concert_id]).limit(1)


def cancellations(concert_ids: Iterable[int]) -> Select[OperatorAct]:
    """The acts by which concerts of these were cancelled, one for each that is."""
    of_concerts = OperatorAct.subject.in_([concert_subject(each) for each in concert_ids])
    return select(OperatorAct).where(of_concerts, OperatorAct.act == Act.CONCERT_CANCEL).order_by(OperatorAct.id)


def message_subject(message_id: int) -> str:
    """How the subject of an act on a message of the outbox is written."""
    return f"message {message_id}"


def record_act(
    session: Session, operator: str, act: Act, subject: str, why: str = "", facts: dict[str, Any] | None = None
) -> None:
    """Add an act to the caller's transaction. Once that is committed, a line of the security log names the row."""
    row = OperatorAct(operator=operator, act=act.value, subject=subject, why=why, facts=facts or {})
    session.add(row)
    if act not in ACTS_WITH_EVENTS:
        event.listen(session, "after_commit", lambda _session: _log(row), once=True)


def _log(row: OperatorAct) -> None:
    # Operator and reason are texts about people, so they stay in the table.
    subject = row.subject if PLAIN_SUBJECT.fullmatch(row.subject) else None
    log.info("operator.act", act=row.act, act_id=row.id, subject=subject)
