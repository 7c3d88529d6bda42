"""A backup of an installation with two live stores brings the bids of each back to its own store."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, current_app

from cashticket import create_app
from cashticket.auction.values import Accepted
from cashticket.extensions import db
from cashticket.wiring import current_engine
from cashticket.work.backup import making, restoring
from cashticket.work.backup.parts import SavedParts
from cashticket.work.backup.store_log import LOG_FOLDER
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_settings
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people

# The two stores are what is tested; the copies of both kinds of database are in test_backup.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def servers() -> Iterator[dict[str, RedisServer]]:
    both = {name: RedisServer(appendonly=True).start() for name in ("first", "second")}
    yield both
    for server in both.values():
        server.remove()


@pytest.fixture
def app(database_url: str, servers: dict[str, RedisServer], tmp_path: Path) -> Iterator[Flask]:
    settings = make_settings(database_url, servers["first"].url, tmp_path)
    application = create_app(replace(settings, live_stores=(("second", servers["second"].url),)))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def folders(servers: dict[str, RedisServer]) -> dict[str, Path]:
    return {name: server.directory for name, server in servers.items()}


def test_each_store_gets_its_own_bids_back_and_none_of_the_other(
    app: Flask, servers: dict[str, RedisServer], tmp_path: Path
) -> None:
    alice, bob = add_people(2)
    here, there = open_auction(people=[alice]), open_auction(people=[bob], store="second")
    for auction_id, person in ((here, alice), (there, bob)):
        answer = current_engine().place_bid(auction_id, person, 1, 100_000, "a-request")
        assert isinstance(answer, Accepted)
    saved, database_url = tmp_path / "backup", app.extensions["settings"].database_url
    making.back_up(saved, folders(servers), database_url)
    assert (saved / "appendonlydir").is_dir() and (saved / "appendonlydir.second").is_dir()

    other_database = f"sqlite:///{tmp_path / 'other.db'}"
    servers["first"].kill()
    with pytest.raises(restoring.NotRestored, match="second in LIVE_STORES runs"):
        restoring.restore(current_engine(), SavedParts(saved), folders(servers), other_database)
    servers["second"].kill()
    for server in servers.values():
        shutil.rmtree(server.directory / LOG_FOLDER)
    with pytest.raises(restoring.NotRestored, match=r"appendonlydir\.second of live stores that LIVE_STORES does not"):
        restoring.restore(current_engine(), SavedParts(saved), {"first": servers["first"].directory}, other_database)
    restoring.restore(current_engine(), SavedParts(saved), folders(servers), other_database)
    for server in servers.values():
        server.start()

    first, second = current_engine().stores().values()
    assert (first.auctions(), second.auctions()) == ([here], [there])
    assert [entry.person for entry in first.peek(here, 2)] == [alice]  # type: ignore[union-attr]
    assert [entry.person for entry in second.peek(there, 2)] == [bob]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["/a"], "add --store-folder second=FOLDER"),
        (["/a", "second=/a"], "Two live stores cannot have one data folder"),
        (["/a", "/b"], "given twice for the live store first"),
        (["/a", "third=/b"], "LIVE_STORES has no live store third: leave third=/b out"),
    ],
)
def test_a_backup_that_would_leave_a_store_out_is_not_begun(
    settings, tmp_path: Path, options: list[str], sentence: str
) -> None:
    app = create_app(replace(settings, live_stores=(("second", "unix:///nowhere/second.sock"),)))
    words = ["ops", "backup", str(tmp_path / "backup")]
    for option in options:
        words += ["--store-folder", option]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code != 0 and sentence in result.output
    assert not (tmp_path / "backup").exists()


def test_a_command_without_live_stores_among_its_settings_leaves_no_store_out_either(
    app: Flask, servers: dict[str, RedisServer], tmp_path: Path
) -> None:
    """As the nightly unit, which has the settings of migrations."""
    open_auction(store="second")
    words = ["ops", "backup", str(tmp_path / "backup"), "--store-folder", str(servers["first"].directory)]
    with create_app(replace(app.extensions["settings"], live_stores=())).app_context():
        runner = current_app.test_cli_runner()
        refused = runner.invoke(args=words)
        assert refused.exit_code == 1 and "add --store-folder second=FOLDER" in refused.output
        assert not (tmp_path / "backup").exists()
        words += ["--store-folder", f"second={servers['second'].directory}"]
        done = runner.invoke(args=words)
        assert done.exit_code == 0, done.output
        db.engine.dispose()
    assert (tmp_path / "backup" / "appendonlydir.second").is_dir()
