"""Processes in production write lines of JSON alone, whoever in them writes: the product, gunicorn or Python."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.servers.installation import WebProcess
from lab.servers.processes import WATCH, Process, running
from lab.waiting import wait_until

TOKEN = "WzEsImFiY2RlZiJd.Zx1y2w.hq3Jw0cJm9QdVx4mM1q8a7tB2nE"
# Stores that nobody runs.
PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "5f1d9c07b2e84a6390cd71fe28ab465d93e07c1b4fa86d25",
    "DATABASE_URL": "mysql+pymysql://cashticket:pw@127.0.0.1:1/cashticket",
    "REDIS_URL": "redis://cashticket:pw@127.0.0.1:1/0",
    "MAIL_URL": "smtp://shop:pw@127.0.0.1:1",
    "BASE_URL": "https://tickets.example",
    "VERSION": "abc1234",
    "PATH": os.environ.get("PATH", os.defpath),
    "PYTHONUNBUFFERED": "1",
}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess("web", {**PRODUCTION, "POSTERS": str(tmp_path)}, tmp_path)
    process.start()
    wait_until(lambda: process.says("/healthz") == 200, "the web process")
    yield process
    process.stop()


def lines_of(log: Path) -> list[dict[str, Any]]:
    """The complete lines: a process that runs may have written the last one in part."""
    return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def lines_saying(log: Path, text: str) -> list[dict[str, Any]]:
    return [each for each in lines_of(log) if text in each["event"]]


def children(process: WebProcess) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_a_web_process_writes_json_alone(web: WebProcess) -> None:
    assert web.says("/concerts/1?q=alice@example.com") == 503
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        connection.sendall(f"GET /reset/{TOKEN} alice@example.com\r\n\r\n".encode())
        connection.recv(1000)
    [worker] = children(web)
    os.kill(worker, signal.SIGKILL)
    lines = wait_until(lambda: [each for each in lines_of(web.log) if each["process"] == "gunicorn"], "gunicorn's line")
    assert "SIGKILL" in lines[0]["event"]
    [failure] = lines_saying(web.log, "a store is unavailable")
    assert (failure["process"], failure["version"], failure["endpoint"]) == ("web", "abc1234", "concerts.show")
    assert failure["event"].startswith("a store is unavailable: OperationalError (OperationalError 2003)")
    text = web.log.read_text()
    assert "alice" not in text and TOKEN.partition(".")[0] not in text and "pw@" not in text


def test_the_watch_writes_json_alone(tmp_path: Path) -> None:
    with running(PRODUCTION, tmp_path) as start:
        watch: Process = start(*WATCH)
        # Which of its threads writes first is left open.
        [line] = wait_until(lambda: lines_saying(watch.log, "the watch waits"), "the line of its first round")
        assert watch.stop() == 0, watch.log.read_text()
    assert watch.log.read_text().endswith("\n")
    assert {each["process"] for each in lines_of(watch.log)} == {"watch"}
    assert line["level"] == "error"


def test_an_error_that_ends_a_command_is_a_line(tmp_path: Path) -> None:
    code = "import wsgi\nraise KeyError('alice@example.com')"
    with running(PRODUCTION, tmp_path) as start:
        process: Process = start("-c", code)
        assert process.popen.wait(60) == 1
    [line] = lines_of(process.log)
    assert (line["event"], line["error"], line["level"]) == ("the process ends by an error", "KeyError", "critical")
    assert "alice" not in process.log.read_text()
