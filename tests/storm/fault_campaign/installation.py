"""The installation of the campaign, as docker-compose.yml starts it, with a link that can fail between any two
processes.

Two web processes and the live service behind nginx, workers, watch, both stores and the database, each on a port that
stays the same. `restart_ended` acts as compose would. One thread starts everything: processes end with their thread.
"""

import os
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from flask import Flask

from cashticket import config, create_app
from lab.servers.installation import STOP_SECONDS, ServerProcess, WebProcess
from lab.servers.links import Links
from lab.servers.live_service import LiveService
from lab.servers.nginx_server import MISSING, Nginx, nginx_binary
from lab.servers.replicated_database import ReplicatedDatabase
from lab.servers.stepped_clock import SteppedClock
from lab.waiting import wait_until
from tests.fixtures.databases import migrate
from tests.storm.fault_campaign.stores import Ledger, Store

LINKS = (
    "web-live-store",
    "live-live-store",
    "worker-live-store",
    "web-queue-store",
    "live-queue-store",
    "worker-queue-store",
    "web-database",
    "worker-database",
    "nginx-web-1",
    "nginx-web-2",
    "nginx-live",
    "client-nginx",
)
AGAIN_SECONDS = 0.1
SOCKETS = 200


class Installation:
    """`processes` by name. `app` is an application of the tests, on direct connections, for reading both stores."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger | ReplicatedDatabase | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`ledger` is one that is not started yet; `settings` are further settings of every process."""
        binary = nginx_binary()
        if binary is None:
            raise RuntimeError(MISSING)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.links = folder, Links(folder, LINKS)
        self.store_clock = SteppedClock(folder / "store-clock")
        self.app_clock = SteppedClock(folder / "app-clock")
        self._settings = {"MAIL_URL": f"file:{folder / 'mail'}", **(settings or {})}
        self.live_store = Store("live-store", "redis-live.conf", folder, self.store_clock.environment)
        self.queue_store = Store("queue-store", "redis-queue.conf", folder)
        self.ledger = ledger or Ledger(folder)
        self.webs = [WebProcess(name, self._environment("web"), folder) for name in ("web-1", "web-2")]
        self.live = LiveService(self._environment("live"), folder)
        ports = self.links.ports
        fronts = [ports["nginx-web-1"], ports["nginx-web-2"]]
        self.nginx = Nginx(binary, folder / "nginx", fronts, ports["nginx-live"])
        self.port = ports["client-nginx"]
        everything = (self.live_store, self.queue_store, self.ledger, *self.webs, self.live, *self._workers())
        self.processes: dict[str, ServerProcess] = {each.name: each for each in (*everything, self.nginx.process)}
        self._ended: dict[str, float] = {}
        self.app: Flask

    def _workers(self) -> list[ServerProcess]:
        calls = {"bids-1": ["worker.py", "bids"], "bids-2": ["worker.py", "bids"]}
        calls |= {name: ["worker.py", name] for name in ("settlement", "checks", "mail")}
        watch = ["-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch"]
        calls |= {"watch-1": watch, "watch-2": watch}
        environment = self._environment("worker")
        return [ServerProcess(name, [sys.executable, *call], environment, self.folder) for name, call in calls.items()]

    def _environment(self, role: str) -> dict[str, str]:
        """Settings of a process that uses the links of this role; '' for direct connections."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ports = self.links.ports
        clock = self.app_clock.environment if role else {}
        return (
            inherited
            | clock
            | {
                "APP_ENV": "testing",
                "SECRET_KEY": "a-key-for-tests-only",
                "DATABASE_URL": self.ledger.url(ports.get(f"{'web' if role == 'live' else role}-database")),
                "REDIS_URL": self.live_store.url(ports.get(f"{role}-live-store")),
                "QUEUE_REDIS_URL": self.queue_store.url(ports.get(f"{role}-queue-store")),
                "RATE_LIMITS": "off",
                "PROXIES": "1",
                "SOCKETS_MAX": str(SOCKETS),
                "PYTHONUNBUFFERED": "1",
                **self._settings,
            }
        )

    # Starting, restarting, stopping

    def start(self) -> "Installation":
        """Start everything and wait until it is ready."""
        for store in (self.live_store, self.queue_store, self.ledger):
            store.start()
        wait_until(self.ledger.answers, "the database")
        self.ledger.prepare()
        migrate(self.ledger.url(), self.folder)
        self.app = create_app(config.load(self._environment(""), self.folder / "instance"))
        self.links.start(self._upstreams())
        for process in self.processes.values():
            if not process.is_running():
                process.start()
        wait_until(self.is_ready, "the installation with everything it needs", 60)
        return self

    def _upstreams(self) -> dict[str, tuple[str, int]]:
        # The ends of longer names come first: web-live-store ends in live-store.
        ends = {"queue-store": self.queue_store.port}
        ends |= {"live-store": self.live_store.port, "database": self.ledger.port, "client-nginx": self.nginx.port}
        ends |= {"nginx-web-1": self.webs[0].port, "nginx-web-2": self.webs[1].port, "nginx-live": self.live.port}
        ending = {name: next(end for end in ends if name.endswith(end)) for name in LINKS}
        return {name: ("127.0.0.1", ends[end]) for name, end in ending.items()}

    def ports_of_answering(self) -> dict[str, int]:
        """Port of each process that answers people, by name."""
        return {each.name: each.port for each in (*self.webs, self.live)} | {"nginx": self.nginx.port}

    def is_ready(self) -> bool:
        """Whether every process runs and those with /readyz answer 200."""
        running = all(process.is_running() for process in self.processes.values())
        return running and self._listens() and all(each.says("/readyz") == 200 for each in (*self.webs, self.live))

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def empty_live_store(self) -> None:
        """Delete the live store's data, because its start takes longer the more it holds."""
        self.live_store.stop()
        shutil.rmtree(self.live_store.data / "appendonlydir", ignore_errors=True)
        self.live_store.start()
        wait_until(self.is_ready, "the installation with an empty live store", 60)

    def restart_ended(self) -> None:
        """Restart what has ended, a moment after it did. Call it many times a second."""
        now = time.monotonic()
        for name, process in self.processes.items():
            if process.is_running():
                self._ended.pop(name, None)
            elif now - self._ended.setdefault(name, now) >= AGAIN_SECONDS:
                # The ended process may hold its port a moment longer.
                with suppress(OSError):
                    process.kill()
                    process.start()
                self._ended.pop(name)

    def stop(self) -> None:
        """Stop everything, the stores last, and delete what they stored."""
        stores = (self.live_store, self.queue_store, self.ledger)
        try:
            others = [each for each in self.processes.values() if each not in stores]
            for process in others:
                process.ask_to_stop()
            for process in (*others, *stores):
                process.stop(STOP_SECONDS)
        finally:
            self.links.stop()
            self.ledger.remove()
