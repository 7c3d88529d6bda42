"""A MariaDB primary and its replica behind HAProxy, with the settings and scripts of deploy/database, on loopback.

The primary may be killed and the replica promoted, as docs/operations.md tells an operator to; `add_replica` makes the
dead one a new replica.
"""

import getpass
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pymysql

from lab.servers.installation import ROOT, ServerProcess, free_port
from lab.servers.mariadb_server import installed, listens
from lab.waiting import wait_until

DEPLOY = ROOT / "deploy"
SCRIPTS = DEPLOY / "database"
PASSWORD = "a-password-of-tests"
NEEDED = {"mariadbd": "mariadb-server", "haproxy": "haproxy", "socat": "socat"}
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
START_SECONDS, SCRIPT_SECONDS = 60.0, 120


def missing() -> str:
    """What must be installed for this, as a sentence; '' for nothing."""
    packages = [package for name, package in NEEDED.items() if shutil.which(name, path=PATH) is None]
    return f"not installed: apt install {' '.join(packages)}" if packages else ""


class DatabaseServer(ServerProcess):
    """One of two servers with the same settings. `empty` gives it a new data folder."""

    def __init__(self, number: int, folder: Path) -> None:
        self.name = f"db-{number}"
        self.folder, self.port = folder / self.name, free_port()
        self.folder.mkdir(parents=True)
        self.socket = str(self.folder / "m.sock")
        settings = [DEPLOY / "compose" / "mariadb.cnf", SCRIPTS / "replicated.cnf"]
        own = [f"datadir = {self.folder / 'data'}", f"socket = {self.socket}", f"pid_file = {self.folder / 'pid'}"]
        own += [f"port = {self.port}", "bind_address = 127.0.0.1", f"user = {getpass.getuser()}"]
        own += [f"server_id = {number}", "innodb_buffer_pool_size = 128M", f"tmpdir = {self.folder}"]
        included = "".join(f"!include {path}\n" for path in settings)
        (self.folder / "my.cnf").write_text(included + "[mariadbd]\n" + "\n".join(own) + "\n")
        self.options = self.folder / "client.cnf"
        self.options.write_text(f"[client]\nsocket = {self.socket}\nuser = root\n")
        binary = shutil.which("mariadbd", path=PATH) or "mariadbd"
        super().__init__(self.name, [binary, f"--defaults-file={self.folder / 'my.cnf'}"], {}, folder)

    def empty(self) -> None:
        """Delete its data, if any, and make the system tables."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        shutil.copytree(installed(), self.folder / "data")

    def start(self) -> None:
        super().start()
        wait_until(self.answers, f"{self.name}:\n{self.last_words()}", START_SECONDS)

    def kill(self) -> None:
        super().kill()
        Path(self.socket).unlink(missing_ok=True)

    def answers(self) -> bool:
        """Whether it carries out statements."""
        # The driver leaks its socket when nothing listens.
        if not listens(self.socket):
            return False
        with suppress(pymysql.Error):
            self.ask("SELECT 1")
            return True
        return False

    def ask(self, statement: str) -> tuple[tuple[object, ...], ...]:
        """Rows of one statement, carried out as root. Raises pymysql.Error."""
        waits = {"connect_timeout": 3, "read_timeout": 20}
        with pymysql.connect(unix_socket=self.socket, user="root", autocommit=True, **waits) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return tuple(cursor.fetchall())


class ReplicatedDatabase(ServerProcess):
    """HAProxy with both servers. `primary` and `replica` change places with each `promote`."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ct-replicated-"))
        self.servers = [DatabaseServer(number, self.folder) for number in (1, 2)]
        self.primary, self.replica = self.servers
        self.port = free_port()
        self._socket = self.folder / "haproxy.sock"
        text = (SCRIPTS / "haproxy.cfg").read_text()
        text = text.replace("/run/haproxy/admin.sock", str(self._socket)).replace("/var/lib/haproxy", str(self.folder))
        text = re.sub(r"bind 127\.0\.0\.1:\d+", f"bind 127.0.0.1:{self.port}", text)
        for server in self.servers:
            text = re.sub(rf"server {server.name} \S+", f"server {server.name} 127.0.0.1:{server.port}", text)
        (self.folder / "haproxy.cfg").write_text(text)
        (self.folder / "database.state").touch()
        (self.folder / "password").write_text(PASSWORD + "\n")
        binary = shutil.which("haproxy", path=PATH) or "haproxy"
        super().__init__("database-front", [binary, "-db", "-f", str(self.folder / "haproxy.cfg")], {}, folder)

    def prepare(self) -> None:
        """Fill both servers: the account cashticket and its empty database on the primary, then the replica."""
        for server in self.servers:
            server.empty()
            server.start()
        self._run("promote.sh", self.replica.name, self.primary.name, f"--defaults-extra-file={self.primary.options}")
        for statement in (
            "CREATE DATABASE cashticket CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            f"CREATE USER cashticket@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            "GRANT ALL ON cashticket.* TO cashticket@'127.0.0.1'",
        ):
            self.primary.ask(statement)
        self._follow()

    def answers(self) -> bool:
        """Whether the front takes orders. It does before there is a primary."""
        return listens(str(self._socket))

    def url(self, port: int | None = None) -> str:
        """Its URL: the front's, or that of a link to it."""
        return f"mysql+pymysql://cashticket:{PASSWORD}@127.0.0.1:{port or self.port}/cashticket?charset=utf8mb4"

    def kill_primary(self) -> None:
        """Send SIGKILL to the primary."""
        self.primary.kill()

    def promote(self) -> str:
        """Make the replica the primary, as an operator does. Returns what the script said."""
        new = self.replica
        words = self._run("promote.sh", self.primary.name, new.name, f"--defaults-extra-file={new.options}")
        self.primary, self.replica = new, self.primary
        return words

    def add_replica(self) -> None:
        """Make the former primary, which is dead, an empty server and then a replica."""
        self.replica.kill()
        self.replica.empty()
        self.replica.start()
        self._follow()

    def add_reader(self, reader: DatabaseServer) -> str:
        """Fill one more server, which is empty and for pages alone. Returns what the script said."""
        return self._run("add-replica.sh", str(self.primary.options), str(reader.options), READER="1")

    def _follow(self) -> None:
        self._run("add-replica.sh", str(self.primary.options), str(self.replica.options))

    def _run(self, script: str, *arguments: str, **settings: str) -> str:
        environment = {
            "PATH": PATH,
            "HAPROXY_SOCKETS": str(self._socket),
            "HAPROXY_STATE": str(self.folder / "database.state"),
            "PRIMARY_HOST": "127.0.0.1",
            "PRIMARY_PORT": str(self.primary.port),
            "REPLICATION_PASSWORD_FILE": str(self.folder / "password"),
        }
        command = ["sh", str(SCRIPTS / script), *arguments]
        done = subprocess.run(
            command, env=environment | settings, capture_output=True, text=True, timeout=SCRIPT_SECONDS, check=False
        )
        assert done.returncode == 0, f"{script} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def remove(self) -> None:
        """Kill both servers and delete everything."""
        for server in self.servers:
            server.kill()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
