"""The migration by which messages are found by their auction notes it for those that are there already, in windows."""

import flask_migrate
from flask import Flask
from sqlalchemy import insert, select, text

from cashticket.extensions import db
from cashticket.models import Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Priority, Source
from tests.integration.test_schema import unmigrated
from tests.staging.outbox import add_rows
from tests.staging.rows import add_auction, add_person

__all__ = ["unmigrated"]

BEFORE = "0025"


def auctions() -> list[tuple[int, int | None]]:
    """Id and auction of every message, as the database has them now."""
    db.session.remove()
    db.engine.dispose()
    rows = db.session.execute(select(OutboxMessage.id, OutboxMessage.auction_id).order_by(OutboxMessage.id))
    answer = [(row.id, row.auction_id) for row in rows]
    db.session.remove()
    db.engine.dispose()
    return answer


def fill() -> list[tuple[int, int | None]]:
    """Account mails, more than one window of them, and one mail about an auction before and after them."""
    auction, person = add_auction().id, add_person("alice").id
    for occasion in (1, 2):
        notice = Notification(person_id=person, auction_id=auction, kind="won", occasion=occasion, facts={})
        db.session.add(notice)
        db.session.flush()
        row = {"source": Source.NOTICE, "reference": notice.id, "kind": "won", "priority": Priority.URGENT}
        db.session.execute(insert(OutboxMessage).values(**row, auction_id=auction, expires_at=utcnow()))
        db.session.commit()
        if occasion == 1:
            add_rows(5_100)
    stored = auctions()
    assert [each for _, each in stored] == [auction, *[None] * 5_100, auction]
    return stored


def test_messages_that_were_there_get_the_auction_that_new_ones_have(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    stored = fill()
    flask_migrate.downgrade(revision=BEFORE)
    flask_migrate.upgrade()
    assert auctions() == stored


def test_an_interrupted_run_is_repeated(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    stored = fill()
    flask_migrate.downgrade(revision=BEFORE)
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox ADD COLUMN auction_id BIGINT"))
        connection.execute(text("CREATE INDEX ix_outbox_kind ON outbox (state, kind, id)"))
    flask_migrate.upgrade()
    assert auctions() == stored
    db.session.remove()
    db.engine.dispose()
