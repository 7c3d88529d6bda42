"""Everything at once: the store, the tables, the demo's data, and every process of the Procfile, until Ctrl+C."""

import fcntl
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cashticket import embedded_store
from cashticket.cli.demo import data as demo_data
from cashticket.cli.demo.parent_make import make_wants_to_end
from cashticket.cli.demo.supervisor import Supervisor, parse_procfile
from cashticket.config import Settings

ROOT = Path(__file__).resolve().parents[3]
STORE = "store"


def run(settings: Settings) -> None:
    """Start, tell where, and keep alive. ClickException with one clear line when it cannot begin."""
    with _alone(settings):
        _check_port(settings.port)
        house = Supervisor(ROOT, _variables(settings), make_wants_to_end())
        house.listen_to_signals()
        try:
            _start(house, settings)
            house.run_until(lambda: False)
        finally:
            house.stop(last=STORE)


def _start(house: Supervisor, settings: Settings) -> None:
    parts = parse_procfile((ROOT / "Procfile").read_text())
    store = parts.pop(STORE)
    if settings.embedded_store:
        _check_program()
        house.start(STORE, store)
        house.run_until(lambda: embedded_store.answers(settings.instance))
    click.echo("Preparing the database and the demo ...")
    house.once("flask --app wsgi db upgrade")
    house.once("flask --app wsgi demo seed")
    for name, line in parts.items():
        if name != "bots":
            house.start(name, line)
    house.run_until(lambda: _ready(settings.port))
    if not house.stopping:
        click.echo(_welcome(settings.port))
        house.start("bots", parts["bots"])


def _variables(settings: Settings) -> dict[str, str]:
    """What the processes get on top of our own environment."""
    return {"PORT": str(settings.port), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One demo in one checkout; the lock goes with the process, however it ends."""
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(settings.instance / "demo.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("CashTicket is running from this folder already; end that one first.") from None
        yield


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            message = f"Port {port} on 127.0.0.1 is not free; choose another: make run PORT={port + 1}"
            raise click.ClickException(message) from None


def _check_program() -> None:
    try:
        embedded_store.find_program()
    except embedded_store.NoServer as error:
        raise click.ClickException(str(error)) from None


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _welcome(port: int) -> str:
    log_ins = "\n".join(f"    {email:<20} {demo_data.PASSWORD}" for email, _ in demo_data.GUESTS)
    return (
        "\n  CashTicket is running. Robots are bidding; join them:\n\n"
        f"    http://127.0.0.1:{port}/\n\n"
        f"  Sign in as (e-mail, password):\n{log_ins}\n\n"
        "  Mail to people is written to instance/mail/. Ctrl+C ends everything; data stays in instance/.\n"
    )
