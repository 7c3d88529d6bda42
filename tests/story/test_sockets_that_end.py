"""Pages that are closed while their socket opens or is open: an ordinary evening leaves no error in the log."""

import re
import socket
from urllib.request import urlopen

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.storm.open_pages import CLOSE, masked, request

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

PAGES = 60
ANSWER_BYTES = 65_536


def everything(line: socket.socket) -> bytes:
    """What still comes until the server ends the connection."""
    received = b""
    while part := line.recv(ANSWER_BYTES):
        received += part
    return received


def test_pages_that_are_closed_leave_no_error_in_the_log(installation: Installation, auction: int) -> None:
    web = installation.webs[0]
    port = int(web.url.rsplit(":", 1)[1])
    before = len(web.log.read_text())
    for number in range(PAGES):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(request(port, auction).replace(b"http://127.0.0.1:8000", web.url.encode()))
            if number % 3:
                assert line.recv(ANSWER_BYTES).startswith(b"HTTP/1.1 101 ")
            if number % 3 == 2:
                line.sendall(masked(CLOSE, b"\x03\xe9"))
                assert b"HTTP/1.1" not in everything(line), "an answer by HTTP into a socket"
    wait_until(lambda: sockets(web.url) == 0, "the end of the last socket")
    assert " ERROR " not in (log := web.log.read_text()[before:]), log


def sockets(url: str) -> int:
    """How many sockets the web process holds, by its metrics."""
    with urlopen(f"{url}/metrics", timeout=30) as answer:
        metrics = answer.read().decode()
    count = re.search(r"^cashticket_sockets\{[^}]*\} (\d+)", metrics, re.MULTILINE)
    assert count, metrics
    return int(count[1])
