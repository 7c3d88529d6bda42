"""A backup and a restore that are killed in the middle, as processes of their own: no half is taken for a whole."""

import fcntl
import os
import subprocess
import sys
import termios
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from pyrage.x25519 import Identity
from sqlalchemy import create_engine, inspect

from cashticket import create_app
from cashticket.extensions import db
from cashticket.models.schema import condition
from cashticket.work.backup import making
from cashticket.work.backup.parts import NotReadable, SavedParts
from cashticket.work.backup.unfinished import UnfinishedRestore, require_no_unfinished_restore
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, make_settings
from tests.house.source import ROOT
from tests.staging.auctions import Stage

PIPE_BYTES = 400_000
FILLING = b"-- \n" * 300_000
"""Says nothing, and is more than a reader takes at once."""


@contextmanager
def command(environment: dict[str, str], folder: Path, *words: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A command of CashTicket, which is killed when the block ends."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)} | environment
    with (folder / "words.txt").open("wb") as file:
        started = [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)]
        process = subprocess.Popen(started, env=environ, cwd=ROOT, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        yield process
        assert process.poll() is None, (folder / "words.txt").read_text()
    finally:
        process.kill()
        process.wait()


class Pipe:
    """Stands in the place of a file, so that its reader waits in the middle of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path)

    def give(self, content: bytes, reader: "subprocess.Popen[bytes]") -> int:
        """Give content to whoever opens the pipe. Returns the handle; closing it ends the file."""
        handle = -1

        def is_open() -> bool:
            nonlocal handle
            assert reader.poll() is None, "the reader has ended"
            try:
                handle = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return False
            return True

        wait_until(is_open, "a reader of the pipe")
        os.set_blocking(handle, True)
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        wait_until(lambda: not _unread(handle), "the reader")
        return handle

    def end(self, handle: int, reader: "subprocess.Popen[bytes]") -> None:
        """End the file, and wait until its reader has closed it."""
        os.close(handle)
        links, place = Path(f"/proc/{reader.pid}/fd"), str(self._path)
        wait_until(lambda: place not in map(os.path.realpath, links.iterdir()), "the end of a file")


def _unread(handle: int) -> int:
    """Bytes that are on their way through a pipe."""
    waiting = array("i", [0])
    fcntl.ioctl(handle, termios.FIONREAD, waiting)
    return waiting[0]


def test_a_backup_that_is_killed_leaves_nothing_that_a_restore_takes_and_hinders_no_other(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    # It is killed before it comes to the database, so one kind will do.
    database_url = f"sqlite:///{migrated_sqlite}"
    target, log = tmp_path / "saved", tmp_path / "store" / "appendonlydir"
    log.mkdir(parents=True)
    (log / "appendonly.aof.manifest").write_text("file one.aof seq 1 type b\n")
    pipe = Pipe(log / "one.aof")
    public = Identity.generate().to_public()
    words = ("ops", "backup", target, "--store-folder", log.parent, "--recipient", public)
    draft = tmp_path / ".saved.unfinished"
    with command(make_environment(database_url, "unix:///nowhere.sock"), tmp_path, *words) as backup:
        handle = pipe.give(b"x" * PIPE_BYTES, backup)
        wait_until(lambda: any(path.stat().st_size for path in draft.rglob("*.age")), "an encrypted file")
        with pytest.raises(making.NotCopied, match="Another backup is being written"):
            making.back_up(target, {"first": log.parent}, database_url)
    os.close(handle)
    assert draft.is_dir() and not target.exists()
    with pytest.raises(NotReadable, match="ended in the middle"):
        SavedParts(draft)
    (log / "one.aof").unlink()
    (log / "one.aof").write_bytes(b"whole")
    making.back_up(target, {"first": log.parent}, database_url)
    assert SavedParts(target).text("appendonlydir/one.aof") == "whole" and not draft.exists()


def tables_of(address: str) -> set[str]:
    engine = create_engine(address)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_a_restore_that_is_killed_says_so_and_is_run_again(
    app: Flask, live_store: RedisServer, other_store: RedisServer, other_database: str, tmp_path: Path
) -> None:
    saved, store = tmp_path / "saved", other_store.directory
    stage = Stage(app)
    making.back_up(saved, {"first": live_store.directory}, app.extensions["settings"].database_url)
    live_store.kill()
    [ledger] = saved.glob("ledger.*")
    content = ledger.read_bytes()
    ledger.unlink()
    pipe, words = Pipe(ledger), ("ops", "restore", saved, "--store-folder", store)
    with command(make_environment(other_database, other_store.url), tmp_path, *words) as restore:
        # It is read once to look whether it is whole, and then to be put back.
        pipe.end(pipe.give(content, restore), restore)
        half = content[: content.rfind(b";\n", 0, len(content) // 2) + 2]
        handle = pipe.give(half + FILLING, restore)
        wait_until(lambda: list(tmp_path.glob(".*.restoring")) or len(tables_of(other_database)) > 5, "a part")
    os.close(handle)
    ledger.unlink()
    ledger.write_bytes(content)
    elsewhere = create_app(make_settings(other_database, other_store.url, tmp_path))
    with elsewhere.app_context():
        is_taken_for_no_ledger(elsewhere, other_database)
        again = elsewhere.test_cli_runner().invoke(args=[*map(str, words)])
        assert again.exit_code == 0, again.output
        assert "ended in the middle: what it left is taken away" in again.stderr
        assert f"auction rebuild {stage.id}" in again.stderr
        require_no_unfinished_restore()
        db.session.remove()
        db.engine.dispose()
    assert tables_of(other_database) == tables_of(app.extensions["settings"].database_url)
    assert not list(tmp_path.glob(".*.restoring"))
    assert [path.name for path in store.glob("*append*")] == ["appendonlydir"]


def is_taken_for_no_ledger(app: Flask, address: str) -> None:
    """Nothing starts with a part of a database. Of a file nothing is there before all of it is."""
    if address.startswith("sqlite"):
        assert tables_of(address) == set()
        return
    assert "alembic_version" not in tables_of(address)
    with pytest.raises(UnfinishedRestore, match="run the same `flask ops restore` again"):
        require_no_unfinished_restore()
    watch = app.test_cli_runner().invoke(args=["auction", "close-due", "--watch"])
    assert watch.exit_code == 1 and "Not started: a restore into this database" in watch.stderr
    heads = condition(str(ROOT / "migrations"))
    assert heads.heads == frozenset() and heads.restore_problem
    with pytest.raises(SystemExit, match="a restore into this database"):
        flask_migrate.upgrade()
