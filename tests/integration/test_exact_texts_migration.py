"""The migration that lets texts be compared sign by sign keeps every row, may be repeated, and may be taken back."""

import flask_migrate
from flask import Flask
from sqlalchemy import select, text

from cashticket.extensions import db
from cashticket.models import Concert, Organiser
from tests.integration.test_schema import unmigrated
from tests.staging.rows import add_concert

__all__ = ["unmigrated"]

BEFORE = "0027"
TITLES = ("Night", "NIGHT", "né", "ne", "밤", "밤 🎤", "ﷺ", "a", "A")


def rows() -> list[tuple[str, str, str | None]]:
    """Title, artist and city of every concert, as the database has them now."""
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT title, artist, city FROM concerts ORDER BY id"))]


def named(title: str) -> int:
    """How many concerts have this title."""
    count = len(db.session.scalars(select(Concert.id).where(Concert.title == title)).all())
    # A transaction that is left open would hold the next change of the table up.
    db.session.remove()
    return count


def test_rows_stay_as_they_were_and_are_compared_sign_by_sign(unmigrated: Flask) -> None:
    flask_migrate.upgrade(revision=BEFORE)
    for title in TITLES:
        add_concert(title=title, city="서울")
    before = rows()
    flask_migrate.upgrade()
    assert rows() == before and [named(title) for title in TITLES] == [1] * len(TITLES)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": BEFORE})
    flask_migrate.upgrade()
    assert rows() == before
    db.session.remove()
    db.engine.dispose()


def test_taken_back_it_leaves_the_rows_and_two_organisers_are_two_until_then(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    db.session.add_all([Organiser(name="Night Inc."), Organiser(name="NIGHT INC.")])
    add_concert(title="Night", city="서울")
    db.session.commit()
    before = rows()
    db.session.execute(text("DELETE FROM organisers WHERE name = 'NIGHT INC.'"))
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision=BEFORE)
    assert rows() == before
    flask_migrate.upgrade()
    assert rows() == before
    db.session.remove()
    db.engine.dispose()
