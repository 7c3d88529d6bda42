"""A live or queue store as docker-compose.yml starts it: shipped settings and accounts, on a unix socket."""

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

import redis

from lab.servers.redis_server import MEND_LOG, redis_binary
from lab.waiting import wait_until

COMPOSE = Path(__file__).resolve().parents[2] / "deploy" / "compose"
PASSWORD = "a password of tests"


class ShippedStore:
    """One store. `settings` is a file of deploy/compose, `data` the data folder, `changes` further settings.

    `binary` is another server program. It starts at once unless `start` is False and somebody else runs `command`.
    """

    def __init__(
        self,
        settings: str,
        data: Path | None = None,
        changes: tuple[str, ...] = (),
        *,
        binary: str | None = None,
        start: bool = True,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ct-shipped-")
        folder = Path(self._folder.name)
        socket = folder / "redis.sock"
        lines = (COMPOSE / settings).read_text().splitlines()
        shipped = [text_line for text_line in lines if not re.match(r"(bind|port|aclfile) ", text_line)]
        accounts = folder / "users.acl"
        accounts.write_text(_accounts())
        own = ["port 0", f"aclfile {accounts}", f"dir {data or folder}", f"unixsocket {socket}", *changes]
        (folder / "redis.conf").write_text("\n".join([*shipped, *own]))
        binary = binary or redis_binary()
        assert binary, "no Redis is installed"
        self.command = ["sh", str(MEND_LOG), binary, str(folder / "redis.conf")]
        self.url = f"unix://cashticket:{PASSWORD.replace(' ', '%20')}@{socket}"
        self.process: subprocess.Popen[bytes] | None = None
        if start:
            self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        wait_until(self.answers, "the shipped store")

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def stop(self) -> None:
        """Stop it with SIGTERM, as `docker compose stop` does."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def remove(self) -> None:
        """Kill it and delete its own folder."""
        self.kill()
        self._folder.cleanup()


def _accounts() -> str:
    """The accounts that start-store.sh writes."""
    script = (COMPOSE / "start-store.sh").read_text()
    match = re.search(r"<<ACCOUNTS\n(.*?)\nACCOUNTS", script, re.DOTALL)
    assert match, "start-store.sh writes the accounts"
    return match[1].replace("$hash", hashlib.sha256(PASSWORD.encode()).hexdigest()) + "\n"
