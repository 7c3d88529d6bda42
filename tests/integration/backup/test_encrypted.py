"""Encrypted backups: no plain byte on the disk, no half of a restore, and each recipient opens all of it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import Result
from flask import Flask
from pyrage.x25519 import Identity
from sqlalchemy import create_engine, inspect, text

from cashticket import create_app
from cashticket.extensions import db
from cashticket.wiring import queue_redis
from cashticket.work.backup import making, restoring
from cashticket.work.backup.database_copy import database_put
from cashticket.work.backup.parts import NewParts
from cashticket.work.heartbeats import Heartbeat
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_settings
from tests.staging.auctions import Stage
from tests.staging.doctor import change_settings

ADDRESS = b"@example.org"
PAID = b"request-of-alice"


class Keys:
    """Two pairs, the files of their private parts, and the recipients."""

    def __init__(self, folder: Path) -> None:
        pairs = [Identity.generate() for _ in range(2)]
        self.recipients = [pair.to_public() for pair in pairs]
        self.files = [folder / f"{number}.key" for number in range(2)]
        for file, pair in zip(self.files, pairs, strict=True):
            file.write_text(f"# kept off the servers\n{pair}\n")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
def saved(app: Flask, live_store: RedisServer, keys: Keys, tmp_path: Path) -> Path:
    """A backup for both recipients, in which alice has bid. Its live store has ended since."""
    stage = Stage(app)
    stage.engine.place_bid(stage.id, stage.people["alice"], 1, 120_000, PAID.decode())
    folder = tmp_path / "saved"
    making.back_up(folder, {"first": live_store.directory}, app.extensions["settings"].database_url, keys.recipients)
    live_store.kill()
    return folder


Restores = Callable[..., Result]


@pytest.fixture
def restores(other_store: RedisServer, other_database: str, tmp_path: Path) -> Iterator[Restores]:
    """Runs `ops restore` on the other machine."""
    application = create_app(make_settings(other_database, other_store.url, tmp_path))

    def run(folder: Path, *options: Any, stdin: str = "") -> Result:
        words = ["ops", "restore", str(folder), "--store-folder", str(other_store.directory), *map(str, options)]
        with application.app_context():
            return application.test_cli_runner().invoke(args=words, input=stdin)

    yield run
    with application.app_context():
        db.engine.dispose()


def tables_of(address: str) -> list[str]:
    engine = create_engine(address)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def is_refused(done: Result, sentence: str, store: RedisServer, database: str) -> None:
    """One line, an exit status that is not 0, and nothing is put back."""
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and sentence in done.stderr, done.output
    assert not list(store.directory.glob("*appendonly*")) and tables_of(database) == []


def test_each_recipient_opens_all_of_it_and_no_file_has_a_plain_byte(
    saved: Path, keys: Keys, restores: Restores, other_store: RedisServer, other_database: str
) -> None:
    files = [path for path in saved.rglob("*") if path.is_file()]
    contents = [file.read_bytes() for file in files]
    assert len(files) >= 4 and all(file.suffix == ".age" for file in files)
    assert all(content.startswith(b"age-encryption.org/v1\n") for content in contents)
    assert not any(secret in content for content in contents for secret in (ADDRESS, PAID, b"CREATE TABLE"))
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    # A private key may come through a pipe, so that it never lies on this machine.
    checked = restores(saved, "--identity", "-", stdin=keys.files[0].read_text())
    assert checked.exit_code == 0, checked.output
    [number] = re.findall(r"auction rebuild (\d+) ", checked.stderr)
    assert re.search(rf"^rebuild +{number}$", checked.stdout, re.MULTILINE), "which it is, and not how many"
    assert PAID in b"".join(file.read_bytes() for file in (other_store.directory / "appendonlydir").iterdir())
    engine = create_engine(other_database)
    with engine.connect() as connection:
        emails = connection.execute(text("SELECT email FROM people")).scalars().all()
        assert len(emails) == 4 and all(email.endswith(ADDRESS.decode()) for email in emails)
    engine.dispose()


def test_the_command_encrypts_for_those_of_the_settings_and_of_the_call_and_says_when_there_are_none(
    app: Flask, live_store: RedisServer, keys: Keys, tmp_path: Path
) -> None:
    first, second = map(str, keys.recipients)

    def back_up(name: str, *options: str) -> Result:
        words = ["ops", "backup", str(tmp_path / name), "--store-folder", str(live_store.directory), *options]
        return app.test_cli_runner().invoke(args=[*words, "--json"])

    assert json.loads(back_up("plain").stdout)["recipients"] == []
    change_settings(app, app_env="production")
    assert "not encrypted" in back_up("plain-again").stderr
    change_settings(app, backup_recipients=(first,))
    done = back_up("both", "--recipient", second, "--recipient", first)
    assert json.loads(done.stdout)["recipients"] == [first, second] and done.stderr == ""
    refused = back_up("never", "--recipient", "age1wrong")
    assert refused.exit_code == 2 and "age1wrong" in refused.stderr and not (tmp_path / "never").exists()


def test_a_check_changes_nothing(
    saved: Path, keys: Keys, restores: Restores, other_store: RedisServer, other_database: str, app: Flask
) -> None:
    words = ["ops", "restore", str(saved), "--check", "--identity", str(keys.files[1]), "--json"]
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0 and json.loads(done.stdout)["encrypted"] is True
    assert tables_of(other_database) == [] and not (other_store.directory / "appendonlydir").exists()


def test_a_key_that_does_not_open_it_or_none_puts_nothing_back(
    saved: Path, keys: Keys, restores: Restores, other_store: RedisServer, other_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "another.key"
    file.write_text(f"{Identity.generate()}\n")
    is_refused(restores(saved, "--identity", file), "other keys than this identity", other_store, other_database)
    is_refused(restores(saved), "is encrypted: name the file of its private key", other_store, other_database)
    public = tmp_path / "public.key"
    public.write_text(f"{keys.recipients[0]}\n")
    is_refused(restores(saved, "--identity", public), "holds a public part", other_store, other_database)
    # An older key beside the present one: both are tried.
    assert restores(saved, "--identity", file, "--identity", keys.files[1]).exit_code == 0


def test_a_plain_backup_is_not_taken_for_an_encrypted_one(
    app: Flask,
    live_store: RedisServer,
    keys: Keys,
    restores: Restores,
    other_store: RedisServer,
    other_database: str,
    tmp_path: Path,
) -> None:
    Stage(app)
    folder = tmp_path / "plain"
    making.back_up(folder, {"first": live_store.directory}, app.extensions["settings"].database_url)
    live_store.kill()
    is_refused(restores(folder, "--identity", keys.files[0]), "is not encrypted", other_store, other_database)
    [ledger] = folder.glob("ledger.*")
    ledger.write_bytes(ledger.read_bytes()[:-100])
    is_refused(restores(folder), "is cut off, altered", other_store, other_database)


def damages(folder: Path, pattern: str) -> Iterator[tuple[Path, bytes | None]]:
    """Each such file of a backup, with a content that is damaged in one way; None: the file is missing."""
    for file in sorted(folder.rglob(pattern)):
        content = file.read_bytes()
        middle = bytearray(content)
        middle[len(content) * 2 // 3] ^= 1
        yield from ((file, bytes(middle)), (file, content[:-1]), (file, content[:40]), (file, b""), (file, None))
    ledger = next(iter(folder.glob("ledger.*")))
    yield ledger, (folder / "contents.json.age").read_bytes()


def test_whatever_file_is_altered_cut_off_missing_or_exchanged_nothing_is_put_back(
    saved: Path,
    keys: Keys,
    restores: Restores,
    other_store: RedisServer,
    other_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put: list[object] = []
    real_put = database_put
    # It is found before the database gets anything, since a restore may be killed in the middle.
    monkeypatch.setattr(restoring, "database_put", lambda *given: put.append(given) or real_put(*given))
    # The files of the live store are the same beside every kind of database.
    pattern = "*.age" if other_database.startswith("sqlite") else "ledger.*.age"
    for file, content in list(damages(saved, pattern)):
        before = file.read_bytes()
        file.unlink() if content is None else file.write_bytes(content)
        is_refused(restores(saved, "--identity", keys.files[0]), str(saved), other_store, other_database)
        file.write_bytes(before)
    assert not put
    assert restores(saved, "--identity", keys.files[0]).exit_code == 0 and len(put) == 1


def test_the_database_alone_is_put_back_while_the_live_store_goes_on(
    app: Flask, live_store: RedisServer, keys: Keys, other_database: str, tmp_path: Path
) -> None:
    stage, folder = Stage(app), tmp_path / "saved"
    making.back_up(folder, {"first": live_store.directory}, app.extensions["settings"].database_url, keys.recipients)
    elsewhere = create_app(make_settings(other_database, live_store.url, tmp_path))
    words = ["ops", "restore", str(folder), "--identity", str(keys.files[0])]
    with elsewhere.app_context():
        unclear = elsewhere.test_cli_runner().invoke(args=words)
        assert unclear.exit_code == 2 and "--database-only" in unclear.stderr and tables_of(other_database) == []
        # Whoever records would do it in a part of a ledger.
        Heartbeat(queue_redis(), "bids").send()
        refused = elsewhere.test_cli_runner().invoke(args=[*words, "--database-only"])
        assert refused.exit_code == 1 and "1 worker bids. Stop every process" in refused.stderr
        assert tables_of(other_database) == []
        queue_redis().flushdb()
        done = elsewhere.test_cli_runner().invoke(args=[*words, "--database-only", "--json"])
        assert json.loads(done.stdout)["rebuild"] == [stage.id], done.output
        db.session.remove()
        db.engine.dispose()
    assert stage.engine.read(stage.id).paused == ""


def test_a_kill_at_any_moment_of_a_backup_leaves_no_plain_file(
    app: Flask, live_store: RedisServer, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Stage(app)
    address = app.extensions["settings"].database_url
    own = set(tmp_path.rglob("*"))
    looked: list[int] = []
    real_add = NewParts.add

    def add(parts: NewParts, name: str, source: IO[bytes]) -> int:
        return real_add(parts, name, Watched(source))  # type: ignore[arg-type]

    class Watched:
        """What a kill would leave is looked at before each block."""

        def __init__(self, source: IO[bytes]) -> None:
            self._source = source

        def read(self, size: int) -> bytes:
            there = [path for path in set(tmp_path.rglob("*")) - own if path.is_file()]
            assert not [path for path in there if ADDRESS in path.read_bytes()]
            looked.append(len(there))
            return self._source.read(size)

    monkeypatch.setattr(NewParts, "add", add)
    making.back_up(tmp_path / "saved", {"first": live_store.directory}, address, keys.recipients)
    assert len(looked) > 4 and max(looked) >= 3
