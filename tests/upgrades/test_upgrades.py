"""A filled database of each release goes up to the newest schema with every row as it was; the product works on it.

The dumps beside this file were written by `tests.upgrades.dump` in the checkouts of those releases.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
import redis
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import MetaData, create_engine, select

from cashticket import create_app
from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction, Concert
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work.closing import close_and_settle
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_settings
from tests.fixtures.people import Browser, sign_in
from tests.staging.settlement import awards_of
from tests.web.bidding import send

FOLDER = Path(__file__).parent
DUMPS = sorted(FOLDER.glob("*.sql"))

Rows = dict[str, list[dict[str, Any]]]
"""Table → its rows."""


@pytest.fixture(params=DUMPS, ids=[dump.name for dump in DUMPS])
def dump(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def url(dump: Path, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the rows of the dump, not upgraded yet."""
    content = dump.read_text(encoding="utf-8")
    if ".sqlite." in dump.name:
        with sqlite3.connect(tmp_path / "old.db") as connection:
            connection.executescript(content)
        connection.close()
        return f"sqlite:///{tmp_path / 'old.db'}"
    server = request.getfixturevalue("mariadb_server")
    name = f"upgrade_of_{dump.name.partition('.')[0]}"
    server.execute(f"DROP DATABASE IF EXISTS {name}")
    address: str = server.create_database(name)
    with pymysql.connect(unix_socket=server.socket, user="root", database=name, charset="utf8mb4") as opened:
        for statement in filter(str.strip, content.split(";\n")):
            opened.cursor().execute(statement)
        opened.commit()
    return address


@pytest.fixture
def old_rows(url: str) -> Rows:
    """Every row of every table, before the upgrade."""
    return rows_of(url)


@pytest.fixture
def app(
    url: str, old_rows: Rows, redis_server: RedisServer, redis_client: redis.Redis, tmp_path: Path
) -> Iterator[Flask]:
    """The application on the upgraded database, with a live store that knows nothing."""
    application = create_app(make_settings(url, redis_server.url, tmp_path))
    application.test_client_class = Browser
    with application.app_context():
        upgrade()
        yield application
        db.session.remove()
        db.engine.dispose()


def rows_of(url: str) -> Rows:
    engine, metadata = create_engine(url), MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return rows


def ordered(rows: list[dict[str, Any]], columns: Iterable[str]) -> list[list[Any]]:
    return sorted(([row[name] for name in columns] for row in rows), key=repr)


def test_a_dump_has_a_row_in_every_table(old_rows: Rows, dump: Path) -> None:
    assert [name for name, rows in old_rows.items() if not rows] == []
    assert old_rows["alembic_version"] == [{"version_num": dump.name.partition(".")[0]}]
    assert {row["state"] for row in old_rows["auctions"]} == {"open", "closing", "settled", "voided"}


def test_every_release_that_has_a_dump_has_it_for_both_databases() -> None:
    revisions = {dump.name.partition(".")[0] for dump in DUMPS}
    assert {"0006", "0016"} <= revisions
    assert {dump.name for dump in DUMPS} == {
        f"{each}.{kind}.sql" for each in revisions for kind in ("sqlite", "mariadb")
    }


def test_every_row_is_there_after_the_upgrade_as_it_was(old_rows: Rows, app: Flask, url: str) -> None:
    new_rows = rows_of(url)
    for table, rows in old_rows.items():
        if table == "applied_revisions":
            assert all(row in new_rows[table] for row in rows)
        elif table != "alembic_version":
            assert ordered(new_rows[table], rows[0]) == ordered(rows, rows[0]), table


def test_the_upgraded_schema_is_that_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_auctions_that_were_there_have_no_ceiling(app: Flask) -> None:
    assert set(db.session.scalars(select(Auction.maximum))) == {NO_CEILING}


def test_people_sign_in_and_every_page_opens(app: Flask) -> None:
    alice = sign_in(app.test_client(), "alice")
    ended = list(db.session.scalars(select(Auction.id).where(Auction.state.in_((State.SETTLED, State.VOIDED)))))
    pages = ["/", "/me", "/me/bids", "/me/tickets", "/me/notifications", "/me/profile", "/me/profile/security"]
    pages += [f"/concerts/{each}" for each in db.session.scalars(select(Concert.id))]
    pages += [f"/auctions/{each}/{part}" for each in ended for part in ("results", "lineage")]
    assert {page: alice.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_running_auctions_go_on_and_ended_ones_are_settled(app: Flask) -> None:
    engine, run = current_engine(), app.test_cli_runner().invoke
    auctions = db.session.scalars(select(Auction).where(Auction.state.in_((State.OPEN, State.CLOSING)))).all()
    for auction_id in (auction.id for auction in auctions):
        rebuilt = run(args=["auction", "rebuild", str(auction_id)])
        assert rebuilt.exit_code == 0, rebuilt.output
        checked = run(args=["auction", "check", str(auction_id)])
        assert checked.exit_code == 0, checked.output
    over = [auction.id for auction in auctions if auction.ends_at < utcnow()]
    running = [auction.id for auction in auctions if auction.opens_at < utcnow() < auction.ends_at]
    assert len(over) == 2 and len(running) == 1
    for auction_id in over:
        if engine.read(auction_id).paused:
            # The store was lost past the end, so an operator says that bidding is over.
            resumed = run(args=["auction", "resume", str(auction_id), "--why", "bidding was over"])
            assert resumed.exit_code == 0, resumed.output
        close_and_settle(engine, auction_id)
        assert db.session.get_one(Auction, auction_id, populate_existing=True).state is State.SETTLED
        assert len(awards_of(auction_id)) == 2
    alice = sign_in(app.test_client(), "alice")
    assert alice.get(f"/auctions/{running[0]}").status_code == 200
    assert send(alice, running[0], 135_000).status_code == 201
