"""A production installation on this machine: every process, shipped settings, production mode, https://localhost:PORT."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab.security.mailbox import Mailbox
from lab.servers.certificates import issue
from lab.servers.installation import ROOT, WORKERS, ServerProcess, WebProcess
from lab.servers.live_service import LiveService
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.nginx_server import MISSING, Nginx, nginx_binary
from lab.servers.shipped_store import ShippedStore
from lab.waiting import wait_until

PASSWORD = "a long password of nobody"
PEOPLE = ("alice", "bob")


class Production:
    """Two web processes and the live service behind nginx with TLS, workers, watch, MariaDB and both stores.

    `auction` and `concert` are what can be looked at; `PEOPLE` have accounts with `PASSWORD`.
    """

    def __init__(self, folder: Path) -> None:
        binary = nginx_binary()
        if binary is None:
            raise RuntimeError(MISSING)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate = issue(folder / "tls")
        self.mailbox = Mailbox()
        self.database = MariaDbServer()
        self.stores = [ShippedStore(name, start=False) for name in ("redis-live.conf", "redis-queue.conf")]
        self.environment: dict[str, str] = {}
        self.webs = [WebProcess(f"web-{number}", self.environment, folder) for number in (1, 2)]
        self.live = LiveService(self.environment, folder)
        ports = [web.port for web in self.webs]
        self.nginx = Nginx(binary, folder / "nginx", ports, self.live.port, self.certificate)
        # A second one without TLS before the same services, for tools that name no server when they begin TLS.
        self.plain_nginx = Nginx(binary, folder / "plain-nginx", ports, self.live.port)
        self.workers = [ServerProcess(f"worker-{name}", *self._python("worker.py", name)) for name in WORKERS]
        watch = self._python("-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch")
        self.workers.append(ServerProcess("watch", *watch))
        self.concert = self.auction = 0

    def _python(self, *arguments: str) -> tuple[list[str], dict[str, str], Path]:
        return [sys.executable, *arguments], self.environment, self.folder

    def start(self) -> "Production":
        """Start everything, migrate, and add people, a concert and an open auction."""
        self.database.start()
        for store in self.stores:
            store.start()
        self.environment |= self._settings()
        # The live service took its environment over before the settings were known.
        self.live._environment |= self.environment
        self.flask("db", "upgrade")
        for process in (*self.webs, self.live, *self.workers):
            process.start()
        for web in self.webs:
            wait_until(web.is_ready, f"{web.name} with everything it needs")
        wait_until(lambda: self.live.says("/healthz") == 200, "the live service")
        self.nginx.start()
        self.plain_nginx.start()
        self._fill()
        return self

    def _settings(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | {
            "APP_ENV": "production",
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": self.database.create_database("cashticket"),
            "REDIS_URL": self.stores[0].url,
            "QUEUE_REDIS_URL": self.stores[1].url,
            "MAIL_URL": f"smtp://127.0.0.1:{self.mailbox.port}",
            "BASE_URL": self.nginx.url,
            "POSTERS": str(self.folder / "posters"),
            "PYTHONUNBUFFERED": "1",
        }

    def _fill(self) -> None:
        for name in PEOPLE:
            facts = ("--verified", f"--email={name}@example.com", f"--name={name.capitalize()}")
            self.json("user", "add", *facts, stdin=f"{PASSWORD}\n")
        facts = ("--title=한강의 밤", "--artist=등불", "--venue=한강홀", "--starts=2031-06-01T19:00:00+09:00")
        self.concert = self.json("concert", "add", *facts)["id"]
        terms = ("--seats=20", "--minimum=100000", "--step=10000", "--opens=now", "--closes=+1d")
        self.auction = self.json("auction", "add", f"--concert={self.concert}", *terms)["id"]

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Output of a `flask` command. Raises RuntimeError if it fails."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Parsed output of a `flask` command with `--json`."""
        return json.loads(self.flask(*arguments, "--json", stdin=stdin))

    def stop(self) -> None:
        """Stop every process, the stores last."""
        self.nginx.stop()
        self.plain_nginx.stop()
        for process in (*self.webs, self.live, *self.workers):
            process.stop()
        for store in self.stores:
            store.remove()
        self.database.remove()
        self.mailbox.stop()
