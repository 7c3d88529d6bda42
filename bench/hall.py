"""The house under measurement: a live store that fsyncs always, a migrated ledger, gunicorn, and people signed in.

Everything listens on loopback or a unix socket inside one temporary folder and is stopped with it.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf

from cashticket.accounts.sessions import Principal
from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a person's browser sends with a bid."""

    person: int
    cookie: str
    token: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def live_store(folder: Path) -> Iterator[str]:
    """A redis-server as production wants it; answers its URL."""
    path = folder / "live.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]
    with running(command, os.environ.copy()):
        wait_until(path.exists, "the live store")
        yield f"unix://{path}"


@contextmanager
def web(environ: dict[str, str], application: str, workers: int, threads: int) -> Iterator[str]:
    """gunicorn with `application`; answers its address."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class"]
    command += ["gthread", "--workers", str(workers), "--threads", str(threads), "--log-level", "error"]
    address = f"http://127.0.0.1:{port}"
    with running(command, environ):
        wait_until(lambda: answers(f"{address}/healthz"), "the web processes")
        yield address


def invite(app: Flask, engine: Engine, auction_id: int, people: list[int]) -> list[SignedIn]:
    """Sign people in as the site would, without the cost of hashing, and introduce them to the auction."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = app.config["SESSION_COOKIE_NAME"]
    guests = []
    began = [{"person_id": person, "handle": f"bench-{person}", "browser": "bench"} for person in people]
    if began:
        with db.engine.begin() as connection:
            connection.execute(db.insert(SignIn), began)
    for person in people:
        with app.test_request_context():
            # The token made for the guest before, remembered by the application's context.
            g.pop("csrf_token", None)
            session["_user_id"] = Principal(person, 1, f"bench-{person}").get_id()
            session["_fresh"] = True
            token = generate_csrf()
            guests.append(SignedIn(person, f"{name}={signer.dumps(dict(session))}", token))
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
    return guests


def add_people(count: int) -> list[int]:
    """Verified people in the ledger's database; answers their ids."""
    rows = [
        {
            "email": f"guest{number}@bench.invalid",
            "name": f"Guest {number}",
            "password_hash": "!",
            "locale": "ko",
            "is_staff": False,
            "verified_at": utcnow(),
            "session_epoch": 1,
            "revision": 1,
            "created_at": utcnow(),
        }
        for number in range(count)
    ]
    with db.engine.begin() as connection:
        connection.execute(db.insert(Person), rows)
        ids = connection.execute(db.select(Person.id).order_by(Person.id.desc()).limit(count)).scalars()
        return sorted(ids)


@contextmanager
def running(command: list[str], environ: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for as long as the block lasts."""
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(condition: object, what: str) -> None:
    """Until `condition()` is true. Exits, naming `what`, when it takes too long."""
    assert callable(condition)
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not start within {START_SECONDS} s")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
