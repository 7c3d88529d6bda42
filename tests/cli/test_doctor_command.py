"""`flask ops doctor`: what it prints and how it ends, that it changes nothing and tells no secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import redis
from click.testing import Result
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.notify.vapid_keys import make_pair
from cashticket.wiring import current_engine, current_shelves, queue_redis
from cashticket.witness.writer import Witness
from cashticket.work import heartbeats
from lab.waiting import wait_until
from tests.staging.auctions import Stage
from tests.staging.doctor import PRODUCTION

READING = ("SELECT", "SHOW", "DESCRIBE", "PRAGMA", "BEGIN")


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["ops", "doctor", *arguments])


@contextmanager
def processes(app: Flask) -> Iterator[None]:
    """A watch, a web process and a worker of each queue live, inside the block."""
    witnesses = {kind: Witness(current_shelves().own) for kind in ("watch", "web")}
    for kind in heartbeats.KINDS:
        heartbeats.Heartbeat(queue_redis(), kind).send()
    for kind, witness in witnesses.items():
        witness.start(kind, current_engine())
    wait_until(lambda: len(current_shelves().living()) == len(witnesses), "the witnesses")
    yield
    for witness in witnesses.values():
        witness.stop()


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement inside the block, in every thread."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_a_well_installation_ends_with_zero_and_json_alone(app: Flask) -> None:
    with processes(app):
        result = run(app, "--json")
    assert result.exit_code == 0, result.stdout
    rows = json.loads(result.stdout)
    assert all(list(row) == ["name", "state", "seen", "mend"] and row["seen"] for row in rows)
    assert all(bool(row["mend"]) == (row["state"] in ("warn", "bad")) for row in rows)
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names) > 40
    assert {row["state"] for row in rows} <= {"ok", "warn", "skipped"}, rows


def test_what_is_bad_stands_last_with_its_mend_and_nothing_is_changed(app: Flask, redis_client: redis.Redis) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)
    db.session.remove()
    before = redis_client.info("persistence")["rdb_changes_since_last_save"]
    with statements() as seen:
        result = run(app)
    assert redis_client.info("persistence")["rdb_changes_since_last_save"] == before
    assert seen and all(statement.startswith(READING) for statement in seen), seen
    assert result.exit_code == 1
    *lines, count = result.stdout.splitlines()
    assert lines[0].startswith("skipped") and lines[-1].strip().startswith("→ start `python worker.py mail`")
    assert lines[-2].startswith("bad      worker mail ")
    told = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert told == sorted(told, key=["skipped", "ok", "warn", "bad"].index)
    bad = told.count("bad")
    assert bad == 5 and count.startswith(f"{len(told)} parts: {bad} bad, ")


def test_nothing_that_is_secret_is_printed_when_everything_is_broken(tmp_path: Path) -> None:
    away = {name: PRODUCTION[name].replace("127.0.0.1", "127.0.0.1:1") for name in ("DATABASE_URL",)}
    away |= {name: PRODUCTION[name].replace("63", "1") for name in ("REDIS_URL", "QUEUE_REDIS_URL")}
    public, private = make_pair()
    keys = {"VAPID_PUBLIC_KEY": public, "VAPID_PRIVATE_KEY": private, "BASE_URL": "https://localhost"}
    app = create_app(config.load(PRODUCTION | away | keys, tmp_path / "instance"))
    app.extensions["settings"] = replace(app.extensions["settings"], vapid_public_key=make_pair()[0])
    result = run(app)
    assert result.exit_code == 1
    for part in ("database", "live store", "queue store", "push keys"):
        assert f"bad      {part} " in result.stdout
    secrets = ["p4ssw0rd", PRODUCTION["SECRET_KEY"], private]
    assert not [secret for secret in secrets if secret in result.output]


def test_a_process_that_knows_no_stores_is_sent_to_the_watch(tmp_path: Path) -> None:
    app = create_app(config.load({"ROLE": "migration"}, tmp_path / "instance"))
    result = run(app)
    assert (result.exit_code, result.stdout) == (1, "") and "settings of the watch" in result.stderr
