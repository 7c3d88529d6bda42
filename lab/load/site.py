"""Starts one system from scratch on loopback, with stores and a database of its own, and ends it by process id."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from cashticket.extensions import db
from lab.load.durability import FLUSHES, settings_of
from lab.load.processes import pid_of, start_front, start_live, start_webs, start_workers
from lab.load.processor_time import tree_mib, tree_seconds
from lab.load.quotas import Periods, Quotas
from lab.load.systems import System
from lab.load.traffic import Traffic, traffic_of
from lab.servers.installation import ServerProcess
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer
from lab.servers.slow_disk import SlowDisk
from lab.systems.application import LOCKING, SYNCHRONOUS, make_application
from lab.systems.locking.engine import LockingEngine, create_tables
from lab.systems.synchronous.engine import SynchronousEngine, create_table
from lab.waiting import wait_until

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Site:
    """A running system. `target` is where clients send requests, `app` the same application in this process; `folder`
    takes its files. `durability`: when its servers sync their disk (`lab.load.durability`). `traffic`: what database
    and live store do. `database` and `workers` can be stopped and started again, `workers[0]` being the drain."""

    system: System
    folder: Path
    target: str
    app: Flask
    pids: dict[str, list[int]]
    durability: dict[str, dict[str, str]]
    traffic: Traffic
    quotas: Quotas | None = None
    database: MariaDbServer | None = None
    workers: Sequence[ServerProcess] = ()

    def cpu_seconds(self) -> dict[str, float]:
        """Processor seconds that each part has used so far, its children included."""
        return {part: sum(map(tree_seconds, pids)) for part, pids in self.pids.items()}

    def memory_mib(self) -> dict[str, float]:
        """Memory in MiB that each part uses now, its children included; pages that several share count once."""
        return {part: round(sum(map(tree_mib, pids)), 1) for part, pids in self.pids.items()}

    def periods(self) -> dict[str, Periods]:
        """How long each server has worked and was stopped at its CPU quota; nothing without quotas."""
        return self.quotas.periods() if self.quotas else {}


@contextmanager
def running(
    system: System,
    folder: Path,
    say: Say,
    sync_ms: float = 0.0,
    *,
    sockets: bool = False,
    database_flush: str = "commit",
    queues: Sequence[str] = ("bids",),
) -> Iterator[Site]:
    """Start a system, and end all of it with the block. A sync of its database and of its stores takes at least
    `sync_ms`. `sockets`: with the live service, where the system pushes. `database_flush`: when the database syncs its
    log (`lab.load.durability.FLUSHES`). `queues`: those with a worker, where the system drains.

    Raises AssertionError, with the end of its log, when a part does not start.
    """
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        quotas = _quotas(stack, system)
        say("starting MariaDB and two Redis servers")
        database, store, queue = _servers(stack, folder, sync_ms, FLUSHES[database_flush])
        environment = _environment(system, folder, database.create_database("lab"), store.url, queue.url)
        say("migrating the database")
        _prepare(system, environment, folder)
        app = make_application(environment)
        stack.callback(_disconnect, app)
        webs = start_webs(stack, system.webs, environment, folder)
        target, pids = webs[0].url, {"web": [pid_of(web) for web in webs]}
        if system.has_front:
            live = start_live(stack, environment, folder) if sockets and system.pushes else None
            pids |= {"live service": [pid_of(live)]} if live else {}
            front = start_front(stack, folder, webs, live, keeps_pieces=system.keeps_pieces)
            target, pids["nginx"] = front.url, [pid_of(front.process)]
        workers = start_workers(stack, environment, folder, queues) if system.drains else []
        pids |= {"workers": [pid_of(each) for each in workers]} if workers else {}
        pids["database"] = [database.process.pid] if database.process else []
        pids["live store"] = [store.process.pid] if store.process else []
        if quotas:
            _confine(stack, quotas, system, servers_of(system, pids, [queue.process.pid] if queue.process else []))
        traffic = traffic_of(environment["DATABASE_URL"], pids["database"][0], store.url, pids["live store"][0])
        stack.callback(traffic.close)
        durability = settings_of(database, store)
        yield Site(system, folder, target, app, pids, durability, traffic, quotas, database, workers)


def servers_of(system: System, pids: dict[str, list[int]], queue: list[int]) -> dict[str, list[int]]:
    """The processes of each server. The queue store stands with the workers, which wait for it."""
    if system.is_one_server:
        return {"server": [pid for part in pids.values() for pid in part] + queue}
    webs = {f"web-{number}": [pid] for number, pid in enumerate(pids["web"], 1)}
    others = {part: list(each) for part, each in pids.items() if part != "web"}
    return webs | others | {"workers": others.get("workers", []) + queue}


def _quotas(stack: ExitStack, system: System) -> Quotas | None:
    """Groups that outlive every process of the system, if its servers have a size."""
    if system.server_cores is None:
        return None
    quotas = Quotas()
    stack.callback(quotas.remove)
    return quotas


def _confine(stack: ExitStack, quotas: Quotas, system: System, servers: dict[str, list[int]]) -> None:
    """Give each server its size, now that all of them are up, and take it away before they stop."""
    assert system.server_cores is not None
    stack.callback(quotas.lift)
    for name, pids in servers.items():
        quotas.confine(name, pids, system.server_cores)


def _servers(
    stack: ExitStack, folder: Path, sync_ms: float, flush_log: int
) -> tuple[MariaDbServer, RedisServer, RedisServer]:
    """Database, live store and queue, all started on the same disk."""
    disk = SlowDisk(folder / "slow-disk.so", sync_ms) if sync_ms else None
    added = disk.environment if disk else {}
    database = MariaDbServer(durable=True, flush_log=flush_log, environment=added)
    stack.callback(database.remove)
    store = RedisServer(appendonly=True, environment=added)
    stack.callback(store.remove)
    queue = RedisServer(environment=added)
    stack.callback(queue.remove)
    for server in (database, store, queue):
        process = server.start().process
        assert process
        assert disk is None or disk.is_loaded(process.pid), f"{server.binary} does not load the slow disk"
    return database, store, queue


def _environment(system: System, folder: Path, database: str, store: str, queue: str) -> dict[str, str]:
    """Settings as durable as in production. Nothing is taken from the operator's own settings."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "APP_ENV": "development",
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": database,
        "REDIS_URL": store,
        "QUEUE_REDIS_URL": queue,
        "MAIL_URL": f"file:{folder / 'mail'}",
        "WITNESS_DIR": str(folder / "witness"),
        "RATE_LIMITS": "off",
        "PROXIES": "1" if system.has_front else "0",
        "LAB_ENGINE": system.engine,
        "LAB_POLLS": "0" if system.pushes else "1",
        "LAB_FOLDER": str(folder),
        "PYTHONUNBUFFERED": "1",
    }


def _prepare(system: System, environment: dict[str, str], folder: Path) -> None:
    """Make the tables of the product, and those of the engine that decides in the database."""
    migration = ServerProcess(
        "migration", [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], environment, folder
    )
    migration.start()
    try:
        wait_until(lambda: not migration.is_running(), "the end of the migration", 120)
    finally:
        status = migration.stop()
    assert status == 0, f"the migration failed:\n{migration.last_words()}"
    if system.engine in LOCKING:
        create_tables(environment["DATABASE_URL"])
    elif system.engine == SYNCHRONOUS:
        create_table(environment["DATABASE_URL"])


def _disconnect(app: Flask) -> None:
    """End the connections of this process before their server ends."""
    if isinstance(engine := app.extensions["engine"], LockingEngine | SynchronousEngine):
        engine.disconnect()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
