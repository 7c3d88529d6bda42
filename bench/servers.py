"""Servers for measurements: a live store that fsyncs every write, gunicorn, and other commands.

They listen on 127.0.0.1 or on a unix socket in a temporary folder, and end with the `with` block that started them.
"""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.servers.installation import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20
STOP_SECONDS = 30


@contextmanager
def live_store(folder: Path) -> Iterator[str]:
    """A redis-server with the settings of production; yields its URL."""
    path = folder / "live.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]
    command += ["--aof-load-truncated", "no"]
    with running(command, os.environ.copy()):
        wait_until(path.exists, "the live store")
        yield f"unix://{path}"


@contextmanager
def web(environ: dict[str, str], application: str, workers: int, threads: int) -> Iterator[str]:
    """gunicorn with `application`; yields its address."""
    with web_process(environ, application, workers, threads, "/healthz") as (address, _pid):
        yield address


@contextmanager
def web_process(
    environ: dict[str, str],
    application: str,
    workers: int,
    threads: int,
    ready: str,
    config: str = "gunicorn.conf.py",
    worker_class: str = "gthread",
) -> Iterator[tuple[str, int]]:
    """gunicorn with `application`, which answers `ready` with 200; yields its address and the process above its
    workers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--config", config]
    command += [
        "--worker-class",
        worker_class,
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        "--log-level",
        "error",
    ]
    address = f"http://127.0.0.1:{port}"
    with running(command, environ) as process:
        wait_until(lambda: answers(f"{address}{ready}"), "the web processes")
        yield address, process.pid


@contextmanager
def running(command: list[str], environ: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that runs as long as the block."""
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(condition: object, what: str) -> None:
    """Wait until `condition()` is true. Exits, naming `what`, when it takes too long."""
    assert callable(condition)
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not start within {START_SECONDS} s")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
