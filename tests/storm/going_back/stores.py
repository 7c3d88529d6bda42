"""Two ways in which a live store goes back, behind one address."""

import shutil
from abc import ABC, abstractmethod
from pathlib import Path

from lab.servers.installation import free_port
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until


class GoingBack(ABC):
    """A live store at `url`, a link to the socket of whoever is the live store now."""

    def __init__(self, folder: Path) -> None:
        self._link = folder / "live.sock"
        self.url = f"unix://{self._link}"

    @abstractmethod
    def remember(self) -> None:
        """What the store has now is what it will go back to."""

    @abstractmethod
    def go_back(self) -> None:
        """The store is killed, and goes on without what came since `remember`."""

    @abstractmethod
    def remove(self) -> None:
        """End every server."""

    def _lead_to(self, server: RedisServer) -> None:
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(server.socket)


class OlderCopy(GoingBack):
    """Its folder is replaced by a copy that was made while it ran."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._server, self._copy = RedisServer(appendonly=True).start(), folder / "copy"
        self._lead_to(self._server)

    def remember(self) -> None:
        shutil.copytree(self._server.directory / "appendonlydir", self._copy)

    def go_back(self) -> None:
        self._server.kill()
        shutil.rmtree(self._server.directory / "appendonlydir")
        shutil.copytree(self._copy, self._server.directory / "appendonlydir")
        self._server.start()

    def remove(self) -> None:
        self._server.remove()


class PortServer(RedisServer):
    """A server that replicas can reach, whose first copy does not wait."""

    def __init__(self) -> None:
        super().__init__(appendonly=True)
        self.port = free_port()

    def _command(self) -> list[str]:
        ours = ["--port", str(self.port), "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"]
        return [*super()._command(), *ours]


class LaggingReplica(GoingBack):
    """A replica that was cut off takes the place of the primary."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._primary, self._replica = PortServer(), PortServer()
        self._primary.start()
        self._replica.start()
        with self._replica.client() as client:
            client.replicaof("127.0.0.1", str(self._primary.port))
        wait_until(self._follows, "a replica that follows")
        self._lead_to(self._primary)

    def remember(self) -> None:
        with self._primary.client() as primary, self._replica.client() as replica:
            wait_until(lambda: _offset(primary) == _offset(replica), "a replica that has everything")
            replica.replicaof("127.0.0.1", "1")

    def go_back(self) -> None:
        self._primary.kill()
        with self._replica.client() as client:
            client.replicaof("NO", "ONE")
        self._lead_to(self._replica)

    def remove(self) -> None:
        self._primary.remove()
        self._replica.remove()

    def _follows(self) -> bool:
        with self._replica.client() as client:
            return bool(client.info("replication").get("master_link_status") == "up")


def _offset(client: object) -> int:
    replication = client.info("replication")  # type: ignore[attr-defined]
    return int(replication["master_repl_offset" if replication["role"] == "master" else "slave_repl_offset"])
