"""The migration that gives auctions a live store may be interrupted and repeated, and taken back; auctions of before
are in the first store."""

import flask_migrate
from flask import Flask
from sqlalchemy import inspect, text

from cashticket.extensions import db
from cashticket.ledger import live_stores
from cashticket.models import Auction
from tests.integration.test_schema import unmigrated
from tests.staging.rows import add_auction

__all__ = ["unmigrated"]

BEFORE = "0029"


def has_column() -> bool:
    db.session.remove()
    db.engine.dispose()
    return any(column["name"] == "store" for column in inspect(db.engine).get_columns("auctions"))


def test_it_may_be_interrupted_and_repeated_and_taken_back(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    # As if it was interrupted after the column was added.
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": BEFORE})
    db.engine.dispose()
    flask_migrate.upgrade()
    auction_id = add_auction(store="second").id
    assert live_stores.names_of([auction_id]) == {auction_id: "second"}
    flask_migrate.downgrade(revision=BEFORE)
    assert not has_column()
    flask_migrate.upgrade()
    assert has_column()
    assert live_stores.names_of([auction_id]) == {auction_id: "first"}
    assert db.session.get_one(Auction, auction_id).store is None
    db.session.remove()
    db.engine.dispose()
