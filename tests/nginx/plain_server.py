"""A server without Docker below a folder: settings, units and releases, brought there by deploy/deploy.sh itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import cast

from cashticket import create_app
from lab.servers.installation import Installation, free_port
from lab.servers.nginx_server import Nginx
from tests.fixtures.databases import make_settings
from tests.fixtures.people import make_person
from tests.nginx.service_manager import ServiceManager
from tests.staging.installation import add_concert, open_auction
from tests.staging.rows import NAMES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("cashticket", "deploy", "migrations", "gunicorn.conf.py", "nginx.conf", "requirements.txt", "worker.py")
PASSWORD = "store-password"
# `python3 -m venv FOLDER` makes an environment that has the packages of this one; everything else is this Python.
PYTHON = """#!/bin/sh
[ "${{1:-}} ${{2:-}}" = "-m venv" ] || exec {python} "$@"
mkdir -p "$3/bin" && cd "$3/bin"
printf '#!/bin/sh\\nexec {python} "$@"\\n' >python
for name in gunicorn flask; do printf '#!/bin/sh\\nexec {python} -m %s "$@"\\n' $name >$name; done
printf '#!/bin/sh\\necho "$@" >>%s/pip.log\\n' "{stand_ins}" >pip
chmod +x python gunicorn flask pip
"""


class PlainServer:
    """One machine with both stores, nginx, two webs, live, a worker and watch."""

    GATED = ("web@1", "web@2", "live")

    def __init__(self, nginx_program: str, folder: Path, database: Path) -> None:
        self.folder, self.auction_id = folder, 0
        self.config = folder / "etc" / "cashticket"
        self.config.mkdir(parents=True)
        self.ports = {name: free_port() for name in ("web@1", "web@2", "live", "trial", "trial-live", "6379", "6380")}
        webs = [self.ports["web@1"], self.ports["web@2"]]
        # Its folder is that of the machine's own settings of nginx; the process is started by the unit.
        self.nginx = Nginx(nginx_program, self.config / "nginx", webs, self.ports["live"])
        self.stand_ins = folder / "stand-ins"
        self.manager = ServiceManager(folder, self._moved(nginx_program))
        self._write_stand_ins()
        self._write_settings(database)

    def install(self) -> "PlainServer":
        """As docs/plain-servers.md says: units, stores, the first release. Then an auction and people."""
        self.deploy(ROOT, "--units").check_returncode()
        assert self.manager.run("start", "cashticket-live-store.service", "cashticket-queue-store.service") == 0
        done = self.deploy(ROOT, "1.0")
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()
        self._fill()
        return self

    def deploy(self, source: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the deploy.sh of a release."""
        environment = {"PATH": f"{self.stand_ins}:{os.environ['PATH']}", "ROOT": str(self.folder), "LANG": "C.UTF-8"}
        command = ["sh", str(source / "deploy" / "deploy.sh"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    def release(self, name: str, changes: dict[str, str]) -> Path:
        """The source of another release: this one with text added to the end of files."""
        source = self.folder / "sources" / name
        source.mkdir(parents=True)
        for each in (*SHIPPED, "wsgi.py"):
            copy = shutil.copytree if (ROOT / each).is_dir() else shutil.copy2
            copy(ROOT / each, source / each)
        for path, text in changes.items():
            with (source / path).open("a", encoding="utf-8") as file:
                file.write(text)
        return source

    def current(self) -> str:
        """The version that `current` leads to."""
        return (self.folder / "srv" / "cashticket" / "current").resolve().name

    def serves(self, name: str, version: str) -> bool:
        """Whether a process serves and is of a version."""
        gate = [sys.executable, str(ROOT / "deploy" / "steps" / "gate.py"), f"127.0.0.1:{self.ports[name]}", version]
        return subprocess.run([*gate, "0"], capture_output=True).returncode == 0

    def logs(self) -> str:
        """The end of the log of every process."""
        return "".join(f"\n== {path.name}\n{path.read_text()[-1500:]}" for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        self.manager.close()

    def _moved(self, nginx_program: str) -> dict[str, str]:
        shipped = {"web@1": "8001", "web@2": "8002", "live": "8003", "trial": "8009", "trial-live": "8010"}
        moved = {f"127.0.0.1:{port} ": f"127.0.0.1:{self.ports[name]} " for name, port in shipped.items()}
        moved |= {f"--port {port}": f"--port {self.ports[port]}" for port in ("6379", "6380")}
        account = "user root; " if os.getuid() == 0 else ""
        return moved | {"daemon off;": f"{account}daemon off;", "/usr/sbin/nginx": nginx_program}

    def _write_stand_ins(self) -> None:
        self.stand_ins.mkdir()
        self.manager.write_caller(self.stand_ins)
        texts = {
            "python3": PYTHON.format(python=sys.executable, stand_ins=self.stand_ins),
            "systemd-sysusers": "#!/bin/sh\n",
            "systemd-tmpfiles": "#!/bin/sh\n",
        }
        for name, text in texts.items():
            (self.stand_ins / name).write_text(text)
            (self.stand_ins / name).chmod(0o755)

    def _write_settings(self, database: Path) -> None:
        for name in ("posters", "witness"):
            (self.folder / "var" / "lib" / "cashticket" / name).mkdir(parents=True)
        (self.folder / "var" / "lib" / "cashticket-nginx").mkdir()
        for name in ("live-store", "queue-store"):
            (self.config / f"{name}.env").write_text(f"STORE_PASSWORD={PASSWORD}\n")
        self.environment = {
            "APP_ENV": "testing",
            "SECRET_KEY": "a-key-for-tests-only",
            "DATABASE_URL": f"sqlite:///{database}",
            "REDIS_URL": f"redis://cashticket:{PASSWORD}@127.0.0.1:{self.ports['6379']}/0",
            "QUEUE_REDIS_URL": f"redis://cashticket:{PASSWORD}@127.0.0.1:{self.ports['6380']}/0",
            "RATE_LIMITS": "off",
            "PROXIES": "1",
            "SOCKETS_MAX": "100",
            "BASE_URL": self.nginx.url,
            "POSTERS": str(self.folder / "var" / "lib" / "cashticket" / "posters"),
        }
        rows = "".join(f"{name}={value}\n" for name, value in self.environment.items())
        (self.config / "common.env").write_text(rows)
        for role in ("web", "worker", "migration"):
            (self.config / f"{role}.env").write_text("")
        webs, lives, trials = (
            " ".join(f"{name}=127.0.0.1:{self.ports[name]}" for name in names)
            for names in (("web@1", "web@2"), ("live",), ("trial",))
        )
        (self.config / "deploy.conf").write_text(
            f'WEBS="{webs}"\nLIVES="{lives}"\nTRIALS="{trials}"\nWORKERS="worker-bids@1"\nSTEADY_SECONDS=2\n'
        )

    def _fill(self) -> None:
        settings = make_settings(self.environment["DATABASE_URL"], self.environment["REDIS_URL"], self.folder)
        with create_app(settings).app_context():
            for name in NAMES:
                make_person(name)
        # Its commands need nothing of an installation but the environment.
        installation = cast(Installation, self)
        self.auction_id = open_auction(installation, add_concert(installation), seats=2, maximum=1_000_000_000)
