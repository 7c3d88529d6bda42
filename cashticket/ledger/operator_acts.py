"""Reads of what operators did, and acts that are recorded in a transaction of their own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cashticket.extensions import db
from cashticket.models import OperatorAct
from cashticket.models.operator_acts import Act, auction_subject, award_subject, cancellation, record_act
from cashticket.models.units import in_one_unit

REASON_IS_PUBLIC = "told"
"""The fact of an act whose reason everybody reads. Operators of earlier releases wrote theirs for nobody else."""


def record_alone(operator: str, act: Act, subject: str, why: str = "", facts: dict[str, Any] | None = None) -> None:
    """Record an act in a transaction of its own."""
    in_one_unit(lambda session: record_act(session, operator, act, subject, why, facts))


def find_acts(
    subject: str | None = None, operator: str | None = None, since: datetime | None = None
) -> Sequence[OperatorAct]:
    """All acts, newest first: only on this subject, only by this operator, only at `since` (aware) or later."""
    query = select(OperatorAct).order_by(OperatorAct.id.desc())
    if subject is not None:
        query = query.where(OperatorAct.subject == subject)
    if operator is not None:
        query = query.where(OperatorAct.operator == operator)
    if since is not None:
        query = query.where(OperatorAct.at >= since)
    return db.session.scalars(query).all()


def why_voided(auction_id: int) -> str:
    """The reason for which a voided auction was taken back, as everybody may read it; "" without one."""
    of_auction = (OperatorAct.subject == auction_subject(auction_id), OperatorAct.act == Act.AUCTION_VOID)
    act = db.session.scalar(select(OperatorAct).where(*of_auction).order_by(OperatorAct.id).limit(1))
    return act.why if act is not None and act.facts.get(REASON_IS_PUBLIC) else ""


def why_cancelled(concert_id: int) -> str | None:
    """The reason for which a concert was cancelled, as everybody may read it; None if it was not."""
    act = db.session.scalar(cancellation(concert_id))
    return None if act is None else act.why


def why_revoked(award_id: int) -> str:
    """The reason for which an award was revoked, as its holder was told; "" if it was not."""
    of_award = (OperatorAct.subject == award_subject(award_id), OperatorAct.act == Act.AWARD_REVOKE)
    return db.session.scalar(select(OperatorAct.why).where(*of_award).limit(1)) or ""


def line_paused_at(auction_id: int, at: datetime) -> datetime | None:
    """Since when the line of a settled auction, which goes on now, was paused at `at` (UTC); None if it was not."""
    of_auction = (OperatorAct.subject == auction_subject(auction_id), OperatorAct.act == Act.AUCTION_RESUME_LINE)
    for act in db.session.scalars(select(OperatorAct).where(*of_auction)):
        since = datetime.fromisoformat(act.facts["paused_at"])
        if since < at <= datetime.fromisoformat(act.facts.get("resumed_at") or act.at.isoformat()):
            return since
    return None


def people_withdrawn(auction_id: int) -> set[int]:
    """The people whose standing in this auction an operator withdrew, or was about to: the act is kept first."""
    of_auction = (OperatorAct.subject == auction_subject(auction_id), OperatorAct.act == Act.AUCTION_WITHDRAW)
    return {act.facts["person"] for act in db.session.scalars(select(OperatorAct).where(*of_auction))}


def is_paused_by_operator(auction_id: int) -> bool:
    """Whether the last operator who paused or resumed the auction paused it. The live store may have forgotten it."""
    newest = (
        select(OperatorAct.act)
        .where(OperatorAct.subject == auction_subject(auction_id))
        .where(OperatorAct.act.in_((Act.AUCTION_PAUSE, Act.AUCTION_RESUME)))
        .order_by(OperatorAct.id.desc())
        .limit(1)
    )
    return db.session.scalar(newest) == Act.AUCTION_PAUSE
