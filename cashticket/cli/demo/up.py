"""Starts the live store, the tables, the demo's data and every process of the Procfile, until Ctrl+C."""

import fcntl
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from cashticket import embedded_store
from cashticket.cli.demo.bidders import GUESTS, PASSWORD
from cashticket.cli.demo.parent_make import make_wants_to_end
from cashticket.cli.demo.supervisor import Supervisor, parse_procfile
from cashticket.config import Settings

ROOT = Path(__file__).resolve().parents[3]
STORE = "store"


def run_demo(settings: Settings) -> None:
    """Start every process, print where the pages are, and keep the processes running. Raises ClickException
    with one line when it cannot start."""
    with _alone(settings):
        _check_port(settings.port)
        supervisor = Supervisor(ROOT, _variables(settings), make_wants_to_end())
        supervisor.listen_to_signals()
        try:
            _start(supervisor, settings)
            supervisor.run_until(lambda: False)
        finally:
            supervisor.stop(last=STORE)
        # The terminal may have gone.
        with suppress(OSError):
            click.echo("CashTicket has ended. Its data is in instance/; the next start goes on with it.")


def _start(supervisor: Supervisor, settings: Settings) -> None:
    parts = parse_procfile((ROOT / "Procfile").read_text())
    store = parts.pop(STORE)
    if settings.embedded_store:
        _check_program()
        supervisor.start(STORE, store)
        supervisor.run_until(lambda: embedded_store.answers(settings.instance))
    click.echo("Preparing the database and the demo ...")
    supervisor.once("flask --app wsgi db upgrade")
    supervisor.once("flask --app wsgi demo seed")
    for name, command in parts.items():
        if name != "bots":
            supervisor.start(name, command)
    supervisor.run_until(lambda: _ready(settings.port))
    if not supervisor.stopping:
        click.echo(_welcome(settings.port))
        supervisor.start("bots", parts["bots"])


def _variables(settings: Settings) -> dict[str, str]:
    """Environment variables of the processes, beside our own."""
    return {"PORT": str(settings.port), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the lock that allows one demo for each checkout. It ends with the process."""
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
    log_ins = "\n".join(f"    {email:<20} {PASSWORD}" for email, _ in GUESTS)
    return (
        "\n  CashTicket is running. Robots are bidding; join them:\n\n"
        f"    http://127.0.0.1:{port}/\n\n"
        f"  Sign in as (e-mail, password):\n{log_ins}\n\n"
        "  Mail to people is written to instance/mail/, SMS with codes to instance/sms/. Ctrl+C ends everything; data "
        "stays in instance/.\n"
    )
