"""Slow clients: slowhttptest holds connections in four ways while an ordinary reader keeps asking.

It begins TLS without naming a server, which the shipped nginx refuses at once, so it is given the one without TLS: the
same settings before the same services.
"""

import re
import subprocess
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from lab.security.findings import Finding, Level, Scan
from lab.security.installation import Production
from lab.security.scanners import slow_program

SECONDS = 20
CONNECTIONS = 1500
PAGE = "/auctions/{auction}/board?lang=ko"
# An ordinary page must not take longer than this while the slow ones are there.
PATIENCE_SECONDS = 2.0
MODES = {
    "slow headers": ["-H", "-i", "5", "-x", "24"],
    "slow body": ["-B", "-i", "5", "-s", "8192", "-x", "10", "-t", "POST"],
    "slow read": ["-X", "-w", "1", "-y", "8", "-n", "5", "-z", "32", "-k", "3"],
    "ranges": ["-R", "-a", "10", "-b", "3000", "-t", "HEAD"],
}


@dataclass(eq=False)
class Reader(threading.Thread):
    """Asks for pages in turns, ten times a second, on a new connection each time, and keeps how long each took."""

    site: Production
    paths: tuple[str, ...]
    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.1):
            path = self.paths[len(self.seconds) % len(self.paths)]
            connection = HTTPConnection("127.0.0.1", self.site.plain_nginx.port, timeout=10)
            began = time.monotonic()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                self.failures += answer.status != 200
            except (OSError, HTTPException):
                self.failures += 1
            finally:
                connection.close()
            self.seconds.append(time.monotonic() - began)

    def stop(self) -> str:
        """End it, and say how it went."""
        self.stopping.set()
        self.join()
        ordered = sorted(self.seconds)
        return (
            f"{len(ordered)} pages of an ordinary reader, {self.failures} failed, median "
            f"{1000 * ordered[len(ordered) // 2]:.0f} ms, slowest {1000 * ordered[-1]:.0f} ms"
        )


def slowhttptest(site: Production) -> list[Scan]:
    """One scan for each way of being slow."""
    return [_slow(site, name, options) for name, options in MODES.items()]


def _slow(site: Production, name: str, options: list[str]) -> Scan:
    path = f"/auctions/{site.auction}/bids" if name == "slow body" else "/static/app.css"
    shared = [
        "-c",
        str(CONNECTIONS),
        "-r",
        "300",
        "-l",
        str(SECONDS),
        "-p",
        "3",
        "-u",
        site.plain_nginx.url + path,
        "-v",
        "1",
    ]
    command = [slow_program(), *options, *shared]
    reader = Reader(site, (PAGE.format(auction=site.auction), "/login"))
    reader.start()
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 60, check=False, errors="replace")
    scan = Scan(
        f"slowhttptest ({name})", _version(), " ".join(["slowhttptest", *command[1:]]), time.monotonic() - began
    )
    scan.facts.append(reader.stop())
    last = re.findall(
        r"(service available|closed|connected|error|pending):\s+(\S+)", re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    )
    scan.facts.append("at the end: " + ", ".join(f"{what} {count}" for what, count in dict(last).items()))
    if reader.failures or max(reader.seconds) > PATIENCE_SECONDS:
        scan.findings.append(Finding(Level.HIGH, scan.tool, "ordinary readers wait", path, scan.facts[0]))
    return scan


def _version() -> str:
    said = subprocess.run([slow_program(), "-h"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\S+)", said.stdout + said.stderr)
    return found[1] if found else "?"
