"""The migration that makes the table of refused addresses may be interrupted and repeated, and taken back."""

import flask_migrate
from flask import Flask
from sqlalchemy import inspect, text

from cashticket.extensions import db
from tests.integration.test_schema import unmigrated

__all__ = ["unmigrated"]

BEFORE = "0026"


def has_table() -> bool:
    db.session.remove()
    db.engine.dispose()
    return inspect(db.engine).has_table("refused_addresses")


def test_a_run_that_was_interrupted_after_the_table_was_made_is_repeated(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    assert has_table()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": BEFORE})
    db.engine.dispose()
    flask_migrate.upgrade()
    assert has_table()


def test_taken_back_it_leaves_nothing_behind(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision=BEFORE)
    assert not has_table()
    flask_migrate.upgrade()
    assert has_table()
    db.session.remove()
    db.engine.dispose()
