"""What becomes of messages that have ended, sent or not: they are kept for a while, so that an operator can look."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cashticket.models.outbox import OutboxMessage
from cashticket.models.units import in_one_unit

RETENTION = timedelta(days=30)
"""How long a message that has ended is kept."""


def delete_old(now: datetime, limit: int = 500) -> int:
    """Delete the oldest messages that ended RETENTION before `now` (UTC), at most `limit`. Returns how many."""

    def work(session: Session) -> int:
        old = select(OutboxMessage.id).where(OutboxMessage.ended_at < now - RETENTION).order_by(OutboxMessage.ended_at)
        ids = session.scalars(old.limit(limit)).all()
        if ids:
            session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
        return len(ids)

    return in_one_unit(work)
