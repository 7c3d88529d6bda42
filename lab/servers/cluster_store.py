"""A cluster of six nodes on loopback: three primaries with a replica each. Slots can be moved, primaries killed."""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from cashticket.engine.slots import SLOTS, slot_of
from lab.servers.installation import free_port
from lab.servers.redis_server import redis_binary
from lab.waiting import wait_until

PRIMARIES, NODES = 3, 6
NODE_TIMEOUT_MS = 1_000
"""After so long without an answer a primary is replaced. Operators choose a longer one."""


class ClusterStore:
    """The nodes: 0 to 2 begin as primaries, 3 to 5 as their replicas. `url` is what REDIS_URL names."""

    def __init__(self, binary: str | None = None) -> None:
        path = binary or redis_binary()
        if path is None:
            raise RuntimeError("no Redis: install redis-server")
        self._binary = path
        self.folder = Path(tempfile.mkdtemp(prefix="ct-cluster-"))
        self.ports = [free_port() for _ in range(NODES)]
        self._bus_ports = [free_port() for _ in range(NODES)]
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * NODES
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def start(self) -> "ClusterStore":
        """Start everything and wait until every slot is served and every primary has its replica."""
        for number in range(NODES):
            self.start_node(number)
        step = -(-SLOTS // PRIMARIES)
        for number in range(PRIMARIES):
            last = min((number + 1) * step, SLOTS) - 1
            self._ask(number, "CLUSTER ADDSLOTSRANGE", number * step, last)
            # Of two that begin with the same epoch, nobody is replaced before they have agreed on another.
            self._ask(number, "CLUSTER SET-CONFIG-EPOCH", number + 1)
        for number in range(1, NODES):
            self._ask(0, "CLUSTER MEET", "127.0.0.1", self.ports[number], self._bus_ports[number])
        wait_until(lambda: all(self._knows_all(number) for number in range(NODES)), "six nodes that know each other")
        for number in range(PRIMARIES):
            self._ask(number + PRIMARIES, "CLUSTER REPLICATE", self.node_id(number))
        wait_until(self.is_well, "every primary with a replica that keeps up")
        return self

    def stop(self) -> None:
        """Kill everything and delete the data."""
        for number in range(NODES):
            self.kill(number)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_node(self, number: int) -> None:
        """Start a node and wait until it answers."""
        folder = self.folder / f"node-{number}"
        folder.mkdir(exist_ok=True)
        cluster = ["--cluster-enabled", "yes", "--cluster-port", str(self._bus_ports[number])]
        cluster += ["--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--cluster-require-full-coverage", "no"]
        files = ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        files += ["--repl-diskless-sync-delay", "0", "--maxmemory-policy", "noeviction"]
        network = ["--bind", "127.0.0.1", *self._ways_in(number)]
        with open(folder / "log", "ab") as log:
            self._processes[number] = subprocess.Popen(
                [self._binary, *network, *cluster, *files], stdout=log, stderr=log, cwd=folder
            )
        wait_until(lambda: self._answers(number), f"node {number}")

    def _ways_in(self, number: int) -> list[str]:
        """Options of a node by which it is reached."""
        return ["--port", str(self.ports[number]), "--enable-debug-command", "yes"]

    def kill(self, number: int) -> None:
        """Send SIGKILL to a node and wait for its end."""
        process, self._processes[number] = self._processes[number], None
        if process is not None:
            process.kill()
            process.wait()

    def node(self, number: int) -> redis.Redis:
        """A plain client of one node."""
        return redis.Redis(port=self.ports[number], decode_responses=True, socket_timeout=5, protocol=2)

    def node_id(self, number: int) -> str:
        return str(self._ask(number, "CLUSTER MYID"))

    def owner(self, key: str) -> int:
        """Number of the primary that has the slot of a key, by the first node that answers."""
        for number in range(NODES):
            with suppress(redis.RedisError):
                for first, last, primary, *_ in self._ask(number, "CLUSTER SLOTS"):
                    if first <= slot_of(key) <= last:
                        return self.ports.index(int(primary[1]))
        raise AssertionError(f"nobody has the slot of {key}")

    def replica_of(self, number: int) -> int:
        """Number of the replica of a primary."""
        with self.node(number) as client:
            return self.ports.index(int(client.info("replication")["slave0"]["port"]))

    def cut_off(self, number: int) -> None:
        """Have a replica know none of the others, as one that no packet of the cluster's bus reaches. It goes on
        answering and says that the cluster is not well."""
        self._ask(number, "CLUSTER RESET", "SOFT")

    def join(self, number: int) -> None:
        """Bring back a node that was cut off, as a replica of the primary that lacks one."""
        other = (number + 1) % NODES
        self._ask(number, "CLUSTER MEET", "127.0.0.1", self.ports[other], self._bus_ports[other])
        wait_until(lambda: self._knows_all(number), "a node that knows all others")
        lonely = next(each for each in range(NODES) if each != number and self._lacks_a_replica(each))
        self._ask(number, "CLUSTER REPLICATE", self.node_id(lonely))
        wait_until(self.is_well, "every primary with a replica that keeps up")

    def _lacks_a_replica(self, number: int) -> bool:
        with self.node(number) as client:
            info = client.info("replication")
        return bool(info["role"] == "master" and not info["connected_slaves"])

    def move(self, key: str, target: int) -> None:
        """Move the slot of a key with everything in it to another primary, as an operator's tool does."""
        source, slot = self.owner(key), slot_of(key)
        self._ask(target, "CLUSTER SETSLOT", slot, "IMPORTING", self.node_id(source))
        self._ask(source, "CLUSTER SETSLOT", slot, "MIGRATING", self.node_id(target))
        while keys := self._ask(source, "CLUSTER GETKEYSINSLOT", slot, 10):
            self._ask(source, "MIGRATE", "127.0.0.1", self.ports[target], "", 0, 5000, "KEYS", *keys)
        for number in (target, source):
            self._ask(number, "CLUSTER SETSLOT", slot, "NODE", self.node_id(target))

    def is_well(self) -> bool:
        """Whether every slot is served, and every primary has a replica that keeps up."""
        return all(self._is_node_well(number) for number in range(NODES) if self._processes[number])

    def _is_node_well(self, number: int) -> bool:
        with suppress(redis.RedisError), self.node(number) as client:
            info = client.info("replication")
            if "cluster_state:ok" not in str(self._ask(number, "CLUSTER INFO")):
                return False
            return info.get("master_link_status", "up") == "up" and (
                info["role"] == "slave" or info["connected_slaves"] > 0
            )
        return False

    def _knows_all(self, number: int) -> bool:
        rows = str(self._ask(number, "CLUSTER NODES")).strip().splitlines()
        return len(rows) == NODES and not any("handshake" in row for row in rows)

    def _answers(self, number: int) -> bool:
        with suppress(redis.RedisError), self.node(number) as client:
            return bool(client.ping())
        return False

    def _ask(self, number: int, command: str, *arguments: str | int) -> Any:
        with self.node(number) as client:
            client.response_callbacks.clear()
            return client.execute_command(*command.split(" "), *arguments)  # type: ignore[no-untyped-call]
