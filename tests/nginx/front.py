"""The way in: two web processes with a witness, and the real nginx before them."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.servers.installation import WebProcess
from lab.servers.nginx_server import Nginx
from lab.waiting import wait_until
from tests.nginx.programs import Answer, Caller


class WitnessedWeb(WebProcess):
    """A web process of the product with the witness in front of its doors."""

    def _spawn(self, command: list[str], **options: Any) -> None:
        super()._spawn([*command[:-1], "tests.nginx.witness:app"], **options)

    def kill(self) -> None:
        """SIGKILL to gunicorn and all its workers, like a machine that goes away."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@dataclass(frozen=True)
class Front:
    """Everything asked here goes through nginx. `deaths` lists the requests that killed a web process; `environment` is
    what the web processes were started with."""

    nginx: Nginx
    webs: tuple[WitnessedWeb, WitnessedWeb]
    auction_id: int
    deaths: Path
    caller: Caller
    environment: dict[str, str]

    def ask(self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request on a connection of its own: GET, or POST with a body."""
        return self.caller.ask(path, headers, body)

    def told(self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> dict[str, Any]:
        """What the witness tells of such a request."""
        answer, text = self.ask(path, {**(headers or {}), "X-Witness": "tell"}, body)
        assert answer.status == 200, (answer.status, text[:500])
        found: dict[str, Any] = json.loads(text)
        return found

    @property
    def bids(self) -> str:
        return f"/auctions/{self.auction_id}/bids"


def line_of(log: Path, request_id: str) -> dict[str, Any]:
    """The only line of a request, once nginx has written it."""
    mark = f'"request_id":"{request_id}"'
    lines = wait_until(lambda: [each for each in log.read_text().splitlines() if mark in each], "the line")
    assert len(lines) == 1
    line: dict[str, Any] = json.loads(lines[0])
    return line
