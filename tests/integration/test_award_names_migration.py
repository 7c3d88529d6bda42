"""The migration that gives awards their names fills in those that were made before it, on both databases."""

from datetime import datetime

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import MetaData, select

from cashticket.extensions import db
from tests.integration.test_schema import unmigrated

__all__ = ["unmigrated"]

BEFORE = "0004"
# The columns hold UTC without a zone.
AT, LATER = datetime(2026, 5, 1), datetime(2026, 5, 2)  # noqa: DTZ001


def insert(metadata: MetaData, table: str, **values: object) -> None:
    """A row of the older schema; whatever is not given and must not be NULL gets a plain value of its type."""
    columns = metadata.tables[table].columns
    needed = [each for each in columns if not each.nullable and each.name not in values and each.computed is None]
    plain = {int: 1, str: "", bool: False, datetime: AT, dict: {}}
    filled = {each.name: plain.get(each.type.python_type, 0) for each in needed if each.name != "id"}
    with db.engine.begin() as connection:
        connection.execute(metadata.tables[table].insert().values(**filled, **values))


def test_an_award_made_before_keeps_the_name_of_its_holder(unmigrated: Flask) -> None:
    flask_migrate.upgrade(revision=BEFORE)
    older = MetaData()
    older.reflect(db.engine)
    insert(older, "people", id=7, name="김하나", email="a@b.example")
    insert(older, "people", id=8, name="", email="closed-8@closed.invalid")
    insert(older, "concerts", id=1)
    insert(older, "auctions", id=1, concert_id=1, closes_at=LATER, state="settled")
    for number, person in ((1, 7), (2, 8)):
        insert(older, "seats", id=number, auction_id=1, number=number)
        seat = {"id": number, "auction_id": 1, "concert_id": 1, "seat_id": number, "person_id": person}
        insert(older, "awards", **seat, state="bought")
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        newer = MetaData()
        newer.reflect(connection)
        awards = newer.tables["awards"]
        names = dict(connection.execute(select(awards.c.person_id, awards.c.person_name)).all())
    assert names == {7: "김하나", 8: ""}
    flask_migrate.downgrade(revision=BEFORE)
    back = MetaData()
    back.reflect(db.engine)
    assert "person_name" not in back.tables["awards"].columns


@pytest.fixture(autouse=True)
def no_pool(unmigrated: Flask) -> None:
    """Connections of an older schema are not used again."""
    db.engine.dispose()
