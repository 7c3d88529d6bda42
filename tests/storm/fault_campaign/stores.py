"""The stores of the campaign, with shipped settings and start scripts, and the log of the live store.

Only the log tells after which bid each version of an auction was true.
"""

import getpass
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pymysql

from lab.servers.installation import ROOT, ServerProcess, free_port
from lab.servers.mariadb_server import MariaDbServer

COMPOSE = ROOT / "deploy" / "compose"
PASSWORD = "a-password-of-tests"
STATE_KEY = re.compile(rb"\{auction:(\d+)\}:state")


class Store(ServerProcess):
    """A Redis as start-store.sh starts it. Its data outlive it."""

    def __init__(self, name: str, settings: str, folder: Path, clock: Mapping[str, str] | None = None) -> None:
        """`clock` is the environment of a clock that can be stepped."""
        self.data, self.port = folder / name, free_port()
        self.data.mkdir(parents=True)
        ours = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.data)]
        command = ["sh", str(COMPOSE / "start-store.sh"), str(COMPOSE / settings), *ours]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "STORE_PASSWORD": PASSWORD}
        environment |= {"STORE_FOLDER": str(self.data), **(clock or {})}
        super().__init__(name, [*command, "--aclfile", str(self.data / "users.acl")], environment, folder)

    def url(self, port: int | None = None, database: int = 0) -> str:
        """Its URL, directly or through the link at `port`."""
        return f"redis://cashticket:{PASSWORD}@127.0.0.1:{port or self.port}/{database}"


class _Data(MariaDbServer):
    """Files and connection of a MariaDB server whose process somebody else keeps alive."""

    def command(self, port: int) -> list[str]:
        """Command with the shipped settings; only place and port differ."""
        return [
            self.binary,
            f"--defaults-file={COMPOSE / 'mariadb.cnf'}",
            f"--datadir={self.directory / 'data'}",
            f"--socket={self.socket}",
            f"--pid-file={self.directory / 'pid'}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--user={getpass.getuser()}",
            "--innodb-buffer-pool-size=128M",
        ]


class Ledger(ServerProcess):
    """A MariaDB with the shipped settings and one account, cashticket."""

    def __init__(self, folder: Path) -> None:
        self.files, self.port = _Data(), free_port()
        super().__init__("database", self.files.command(self.port), {}, folder)

    def prepare(self) -> None:
        """Create the account and its database. The server must answer."""
        self.files.execute("CREATE DATABASE cashticket CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        self.files.execute(f"CREATE USER cashticket@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        self.files.execute("GRANT ALL ON cashticket.* TO cashticket@'127.0.0.1'")

    def answers(self) -> bool:
        """Whether it carries out statements."""
        if not Path(self.files.socket).exists():
            return False
        with suppress(pymysql.Error):
            self.files.execute("SELECT 1")
            return True
        return False

    def url(self, port: int | None = None) -> str:
        """Its URL, directly or through the link at `port`."""
        return f"mysql+pymysql://cashticket:{PASSWORD}@127.0.0.1:{port or self.port}/cashticket?charset=utf8mb4"

    def remove(self) -> None:
        self.files.remove()


class StoreLog:
    """Reads the append-only log of a live store as it grows. `sequences[auction][version]` is the last bid of a
    version.

    Files stay open, so that one that is rewritten meanwhile is still read to its end.
    """

    def __init__(self, store: Store) -> None:
        self.sequences: dict[int, dict[int, int]] = {}
        self._folder = store.data / "appendonlydir"
        self._files: dict[str, tuple[BinaryIO, int]] = {}

    def read(self) -> None:
        """Read what is new. What follows the last complete transaction is left for the next time."""
        for path in sorted(self._folder.glob("*.incr.aof"), key=lambda each: int(each.name.split(".")[-3])):
            if path.name not in self._files:
                self._files[path.name] = (path.open("rb"), 0)
        for name, (file, offset) in self._files.items():
            file.seek(offset)
            text = file.read()
            self._files[name] = (file, offset + self._take(text))

    def close(self) -> None:
        for file, _ in self._files.values():
            file.close()

    def _take(self, text: bytes) -> int:
        """Number of bytes that were complete."""
        place, whole, waiting = 0, 0, list[list[bytes]]()
        inside = False
        while (command := _command(text, place)) is not None:
            arguments, place = command
            verb = arguments[0].upper()
            inside = verb == b"MULTI" or (inside and verb != b"EXEC")
            waiting.append(arguments)
            if not inside:
                for each in waiting:
                    self._note(each)
                waiting, whole = [], place
        return whole

    def _note(self, arguments: list[bytes]) -> None:
        if arguments[0].upper() != b"HSET" or not (key := STATE_KEY.fullmatch(arguments[1])):
            return
        fields = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        versions = self.sequences.setdefault(int(key[1]), {})
        if b"version" in fields:
            last = max(versions.values(), default=0)
            versions[int(fields[b"version"])] = int(fields.get(b"sequence", last))


def _command(text: bytes, place: int) -> tuple[list[bytes], int] | None:
    """The command that begins at `place` and where the next one does; None when it is not complete."""
    end = text.find(b"\r\n", place)
    if end < 0:
        return None
    if text[place : place + 1] == b"#":
        # An annotation by the server, such as the time.
        return [b"#"], end + 2
    arguments, count, place = [], int(text[place + 1 : end]), end + 2
    for _ in range(count):
        end = text.find(b"\r\n", place)
        if end < 0:
            return None
        size = int(text[place + 1 : end])
        place = end + 2 + size + 2
        if place > len(text):
            return None
        arguments.append(text[end + 2 : end + 2 + size])
    return arguments, place
