"""A live store as docs/operations.md installs it for failovers: two stores and three sentinels, on loopback.

Each store is behind one link, by which clients, sentinels and the other store reach it. So cutting a link cuts a
machine off. Settings are the shipped ones; `STORE_NAME` is the primary's name. Replication, sentinels and the product
use the shipped accounts.
"""

import os
import re
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import redis

from lab.servers.installation import ROOT, ServerProcess, free_port
from lab.servers.links import OPEN, Links
from lab.servers.redis_server import redis_binary
from lab.waiting import wait_until

STORE_NAME = "live"
PASSWORD = "a-password-of-tests"
STORES, SENTINELS = 2, 3
DEPLOY = ROOT / "deploy"
REPLICATED = DEPLOY / "replicated"
ANSWER_SECONDS = 1.0


class ReplicatedStore:
    """Processes of the stores and sentinels. `url` is what REDIS_URL names."""

    def __init__(self, folder: Path, binary: str | None = None) -> None:
        path = binary or redis_binary()
        if path is None:
            raise RuntimeError("no Redis: install redis-server")
        self._binary, self._folder = path, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.links = Links(folder, [f"store-{number}" for number in range(STORES)])
        self.ports = [free_port() for _ in range(STORES)]
        self.sentinel_ports = [free_port() for _ in range(SENTINELS)]
        self.stores = [self._store(number) for number in range(STORES)]
        self.sentinels = [self._sentinel(number) for number in range(SENTINELS)]
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)
        self.url = f"redis+sentinel://cashticket:{PASSWORD}@{hosts}/{STORE_NAME}/0"

    def start(self) -> "ReplicatedStore":
        """Start everything and wait until the sentinels know both stores and the replica keeps up."""
        upstreams = {f"store-{number}": ("127.0.0.1", port) for number, port in enumerate(self.ports)}
        self.links.start(upstreams)
        for process in self.stores:
            process.start()
        wait_until(self.is_replicated, "a replica that keeps up")
        for process in self.sentinels:
            process.start()
        wait_until(self._is_watched, "three sentinels that know each other and the replica")
        return self

    def stop(self) -> None:
        """Stop everything and delete the data."""
        try:
            for process in (*self.sentinels, *self.stores):
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGCONT)
                process.kill()
        finally:
            self.links.stop()
            for number in range(STORES):
                shutil.rmtree(self._folder / f"store-{number}", ignore_errors=True)

    def direct(self, number: int, seconds: float = ANSWER_SECONDS) -> redis.Redis:
        """A client of one store, past its link."""
        return redis.Redis(
            port=self.ports[number], decode_responses=True, socket_timeout=seconds, socket_connect_timeout=seconds
        )

    @property
    def direct_url(self) -> str:
        """The URL of the store that begins as the primary, past its link: for measuring."""
        return f"redis://127.0.0.1:{self.ports[0]}/0"

    def primary(self) -> int | None:
        """Number of the store that the sentinels name, by the first that answers; None when none does."""
        for port in self.sentinel_ports:
            with suppress(redis.RedisError), _sentinel_client(port) as client:
                address = client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", STORE_NAME)  # type: ignore[no-untyped-call]
                return list(self.links.ports.values()).index(int(address[1]))
        return None

    def role(self, number: int) -> str:
        """The role that a store says it has, '' when it does not answer."""
        with suppress(redis.RedisError), self.direct(number) as client:
            return str(client.info("replication")["role"])
        return ""

    def is_replicated(self) -> bool:
        """Whether one store is a primary with the other one as a replica that keeps up."""
        return any(self._online_replicas(number) for number in range(STORES) if self.role(number) == "master")

    def heal(self) -> None:
        """Let every process go on, start those that ended, and open the links."""
        self.links.open_all()
        for process in (*self.stores, *self.sentinels):
            if process.pid is None:
                process.kill()
                process.start()
            else:
                os.kill(process.pid, signal.SIGCONT)

    def open_link(self, number: int) -> None:
        self.links.set(f"store-{number}", OPEN)

    def _online_replicas(self, number: int) -> int:
        with suppress(redis.RedisError), self.direct(number) as client:
            info = client.info("replication")
            rows = [value for name, value in info.items() if name.startswith("slave") and isinstance(value, dict)]
            return sum(row["state"] == "online" for row in rows)
        return 0

    def _is_watched(self) -> bool:
        return all(self._knows_all(port) for port in self.sentinel_ports)

    def _knows_all(self, port: int) -> bool:
        with suppress(redis.RedisError), _sentinel_client(port) as client:
            flat = client.execute_command("SENTINEL MASTER", STORE_NAME)  # type: ignore[no-untyped-call]
            state = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
            others, replicas = int(state["num-other-sentinels"]), int(state["num-slaves"])
            return others == SENTINELS - 1 and replicas == STORES - 1 and state["flags"] == "master"
        return False

    def _store(self, number: int) -> ServerProcess:
        data = self._folder / f"store-{number}"
        data.mkdir()
        (data / "accounts.acl").write_text(_accounts())
        places = {
            "/etc/cashticket/redis-live.conf": str(DEPLOY / "compose" / "redis-live.conf"),
            "/etc/cashticket/store.conf": str(REPLICATED / "store.conf"),
            "/etc/cashticket": str(data),
            "/var/lib/redis": str(data),
            "10.0.0.11 6379": f"127.0.0.1 {self._link(0)}",
            "10.0.0.12": "127.0.0.1",
        }
        rows = [row for row in _documented_rows("store.conf", places) if number or not row.startswith("replicaof ")]
        rows += ["bind 127.0.0.1", f"port {self.ports[number]}", f"replica-announce-port {self._link(number)}"]
        return self._process(f"store-{number}", rows, ["sh", str(REPLICATED / "start-store.sh")])

    def _sentinel(self, number: int) -> ServerProcess:
        places = {
            "10.0.0.21": "127.0.0.1",
            "10.0.0.11 6379": f"127.0.0.1 {self._link(0)}",
            "/etc/cashticket": str(REPLICATED),
        }
        rows = ["bind 127.0.0.1", f"port {self.sentinel_ports[number]}", f"dir {self._folder}"]
        rows += [*_documented_rows("sentinel.conf", places), (REPLICATED / "sentinel.conf").read_text()]
        return self._process(f"sentinel-{number}", rows, [self._binary], "--sentinel")

    def _process(self, name: str, rows: list[str], program: list[str], *options: str) -> ServerProcess:
        # Sentinel rewrites its file, and so does a store that Sentinel gives another role.
        file = self._folder / f"{name}.conf"
        file.write_text("\n".join(rows) + "\n")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "SENTINELS": " ".join(f"127.0.0.1:{port}" for port in self.sentinel_ports),
            "STORE_PROGRAM": self._binary,
            "DEMOTING_ACCOUNT": "sentinel",
            "REDISCLI_AUTH": PASSWORD,
        }
        if name in self.links.ports:
            environment["ADDRESS"] = f"127.0.0.1:{self.links.ports[name]}"
        return ServerProcess(name, [*program, str(file), *options], environment, self._folder)

    def _link(self, number: int) -> int:
        return self.links.ports[f"store-{number}"]


def _documented_rows(name: str, places: dict[str, str]) -> list[str]:
    """The settings that the comment of a file tells an operator to add, with addresses and paths of ours."""
    text = (REPLICATED / name).read_text()
    for place, ours in {**places, "PASSWORD": PASSWORD}.items():
        text = text.replace(place, ours)
    return re.findall(r"^# {3}(\S.*)$", text, re.MULTILINE)


def _accounts() -> str:
    """The shipped accounts, but `default` without a password for the tests themselves."""
    shipped = (REPLICATED / "accounts.acl").read_text().replace("PASSWORD", PASSWORD)
    return shipped.replace("user default off resetpass ", "user default on nopass ")


def _sentinel_client(port: int) -> redis.Redis:
    return redis.Redis(
        port=port, decode_responses=True, protocol=2, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=1
    )
