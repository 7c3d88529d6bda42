"""Messages in the outbox for tests, and deliverers that send them whatever time the test says it is."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from cashticket import redis_keys
from cashticket.accounts import mail_links
from cashticket.accounts.mail_links import Purpose
from cashticket.extensions import db
from cashticket.models import OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState, Priority, Source
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine, queue_redis
from cashticket.work import delivering
from tests.staging.mail_server import MailServer

_references = count(1_000_000)


def use_server(app: Flask, server: MailServer) -> None:
    """Let the application send its mails to this server."""
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url=server.url)


def store_mail(person_id: int, purpose: Purpose, email: str) -> int:
    """Store a mail about an account, as accounts do. Returns its id."""
    return in_one_unit(lambda session: mail_links.store_mail(session, purpose, email, "ko", person_id=person_id).id)


def add_rows(rows: int, **fields: Any) -> None:
    """Messages of which only the rows exist; nobody can write them."""
    now = utcnow()
    defaults = {"source": Source.ACCOUNT_MAIL, "kind": "confirm", "priority": Priority.CONFIRMATION, "due_at": now}
    defaults |= {
        "expires_at": now + timedelta(days=3),
        "address": "somebody@example.org",
        "state": MessageState.WAITING,
    }
    values = [{**defaults, **fields, "reference": next(_references)} for _ in range(rows)]
    for start in range(0, rows, 5_000):
        part = values[start : start + 5_000]
        in_one_unit(lambda session, part=part: session.execute(insert(OutboxMessage), part))  # type: ignore[misc]


def messages(**of: Any) -> list[OutboxMessage]:
    """Everything in the outbox with these fields, oldest first."""
    db.session.rollback()
    rows = list(db.session.scalars(select(OutboxMessage).filter_by(**of).order_by(OutboxMessage.id)))
    db.session.expunge_all()
    return rows


def deliver(at: datetime | None = None, seconds: float = 30) -> bool:
    """Run a deliverer as if it were `at` (UTC), a minute after any refusal of the mail server. Returns whether more is
    due."""
    queue_redis().delete(redis_keys.MAIL_PAUSE)
    return delivering.deliver(current_engine(), threading.Event(), seconds, clock=lambda: at or utcnow())
