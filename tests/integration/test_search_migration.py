"""The migration that makes the texts in which searches look makes them as the product does, in windows."""

import flask_migrate
from flask import Flask
from sqlalchemy import select, text

from cashticket.extensions import db
from cashticket.models import Concert
from tests.integration.test_schema import unmigrated
from tests.staging.rows import END, add_concert

__all__ = ["unmigrated"]

BEFORE = "0019"
TITLES = ("아는 라디오", "ㅋㅋ ㄳ 쇼", "BEYONCÉ ﷺ Straße", "%_\\", "\N{NO-BREAK SPACE}A\nB", "까치와 🎤")


def search_texts() -> list[tuple[int, str | None]]:
    """Id and text of every concert, as the database has them now."""
    db.session.remove()
    db.engine.dispose()
    rows = db.session.execute(select(Concert.id, Concert.search_text).order_by(Concert.id))
    answer = [(row.id, row.search_text) for row in rows]
    db.session.remove()
    db.engine.dispose()
    return answer


def test_concerts_that_were_there_get_the_text_that_new_ones_have(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    for number in range(600):
        # More than one window.
        title = f"{TITLES[number % len(TITLES)]} {number}"
        db.session.add(Concert(title=title, artist="등불", venue="한강홀", starts_at=END, cancel_until=END))
    db.session.commit()
    stored = search_texts()
    assert len(stored) == 600 and all(each for _, each in stored)
    flask_migrate.downgrade(revision=BEFORE)
    flask_migrate.upgrade()
    assert search_texts() == stored


def test_an_interrupted_run_is_repeated(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    add_concert()
    stored = search_texts()
    flask_migrate.downgrade(revision=BEFORE)
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE concerts ADD COLUMN city VARCHAR(60)"))
    flask_migrate.upgrade()
    assert search_texts() == stored
    db.session.remove()
    db.engine.dispose()
