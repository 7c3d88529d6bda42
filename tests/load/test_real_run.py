"""The load lab itself: it starts a system, drives it with k6 at a low rate, counts, checks, and ends all processes."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lab.load import circumstances, quotas, raw, run
from lab.load.durability import FLUSHES
from lab.load.figures import figures_of
from lab.load.report import summary, write
from lab.load.run import Settings
from lab.load.systems import ALL_SYSTEMS, ARCHITECTURE, PROCEDURE, ROW_LOCK, SLOPE_SYSTEMS, SYNCHRONOUS
from lab.servers.processes import is_alive
from lab.waiting import wait_until
from tests.house.source import ROOT

RATE, SECONDS = 20, 3
SYNC_MS = 5.0
MARK = "LAB_TEST_FOLDER"
# The program with a rate that disturbs no other test: it takes a system's first rate from here.
LOW_RATE_LAB = f"""
import sys
from dataclasses import replace
from lab.load.__main__ import main
from lab.load.systems import ARCHITECTURE, SYSTEMS
SYSTEMS[ARCHITECTURE.name] = replace(ARCHITECTURE, first_rate={RATE})
sys.exit(main())
"""
LOW = Settings(seconds=SECONDS, precision=0.5, turns_max=1)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    if missing := circumstances.missing_programs(needs_front=True):
        pytest.skip(" ".join(missing))


@pytest.fixture(autouse=True)
def idle_machine() -> None:
    """Nothing is taken for granted here: a run sees itself what else the machine does."""


@pytest.mark.parametrize(
    ("name", "sync_ms", "flush"),
    [
        pytest.param(ROW_LOCK.name, 0.0, "second", marks=pytest.mark.sweep),
        pytest.param(PROCEDURE.name, SYNC_MS, "commit", marks=[pytest.mark.sweep, pytest.mark.trial]),
        pytest.param(SYNCHRONOUS.name, SYNC_MS, "commit", marks=[pytest.mark.sweep, pytest.mark.trial]),
        (ARCHITECTURE.name, SYNC_MS, "commit"),
    ],
)
def test_a_system_is_measured_counted_and_checked_and_nothing_is_left_running(
    name: str, sync_ms: float, flush: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing here depends on how fast this machine is: a bid that waits too long may be refused or unanswered."""
    monkeypatch.setenv(MARK, str(tmp_path))
    folder, system = tmp_path / "run", replace(ALL_SYSTEMS[name], first_rate=RATE)
    settings = replace(LOW, sync_ms=sync_ms, database_flush=flush)
    run.prepare(folder, "hot", settings)
    run.measure(folder, [system], settings, print)
    (measured,) = [figures_of(each) for each in raw.read_systems(folder, [name])]
    (turn,) = measured.turns
    (raw_turn,) = raw.read_systems(folder, [name])[0].turns
    accepted = [answer for answer in raw_turn.answers if answer.status == raw.ACCEPTED]
    assert turn.violations == []
    errors = sum(turn.errors.values())
    assert len(accepted) + turn.refused + errors == len(raw_turn.answers) <= RATE * SECONDS + 1
    # Whoever got no answer may have bid.
    assert 0 < len(accepted) <= turn.accepted <= len(accepted) + errors
    assert all(json.loads(answer.body)["outcome"] == "accepted" for answer in accepted)
    # A slow disk holds up every answer.
    assert min(answer.waited_ms for answer in accepted) >= sync_ms
    assert measured.facts["durability"]["MariaDB"]["innodb_flush_log_at_trx_commit"] == str(FLUSHES[flush])
    assert measured.facts["durability"]["live store"] == {"appendonly": "yes", "appendfsync": "always"}
    counters = raw_turn.facts["counters"]
    assert counters["database"]["statements"] > 0 and counters["database"]["commits"] > 0
    # A row lock commits each bid by itself or in its procedure; scripts of the live store decide in the architecture.
    decided = counters["live store"]["scripts"] if system.drains else counters["database"]["carried_out"]
    assert decided >= turn.accepted
    assert (turn.traffic["live store"].get("log_writes", 1) > 0) or not system.drains
    assert turn.turn.client_cpu_share > 0 and sum(turn.cpu_ms.values()) > 0
    before = raw.read_json(folder / "run.json")
    assert all(0 <= before[each] <= before["machine"]["cores"] + 1 for each in ("load_before", "other_work_cores"))
    assert summary(raw.read_json(folder / "run.json"), [measured])["systems"][0]["system"] == name
    assert measured.facts["title"] in write(folder, raw.read_json(folder / "run.json"), [measured]).read_text()
    wait_until(lambda: not marked_processes(tmp_path), "the end of every process")


@pytest.mark.sweep
def test_servers_of_a_size_are_measured_and_nothing_of_their_quotas_is_left(tmp_path: Path) -> None:
    try:
        quotas.check()
    except quotas.NoQuotas as error:
        pytest.skip(f"this machine's container has no right to CPU quotas: {error}")
    folder, system = tmp_path / "run", replace(SLOPE_SYSTEMS["servers-2-web"], first_rate=RATE)
    run.prepare(folder, "slope", LOW)
    run.measure(folder, [system], LOW, print)
    (measured,) = [figures_of(each) for each in raw.read_systems(folder, SLOPE_SYSTEMS)]
    (turn,) = measured.turns
    assert turn.violations == [] and turn.accepted > 0
    assert sorted(turn.throttled) == ["database", "live store", "nginx", "web-1", "web-2", "workers"]
    assert all(0 <= share <= 1 for share in turn.throttled.values())
    assert (measured.facts["webs"], measured.facts["server_cores"]) == (2, system.server_cores)
    assert not list(quotas.find_hierarchy().folder.glob(f"{quotas.PREFIX}{os.getpid()}-*"))


def test_a_stop_signal_ends_every_process_and_keeps_the_raw_files(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    command = [sys.executable, "-c", LOW_RATE_LAB, "hot", "--systems", ARCHITECTURE.name, "--out", str(folder)]
    environment = os.environ | {MARK: str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as lab:
        try:
            assert lab.stderr
            printed = [lab.stderr.readline()]
            while printed[-1] and "bids a second for" not in printed[-1]:
                printed.append(lab.stderr.readline())
            assert f": {RATE} bids a second" in printed[-1], "".join(printed)
            wait_until(
                lambda: list((folder / ARCHITECTURE.name).glob("turn-01-*/answers.tsv")), "the first answers", 90
            )
            # MariaDB, two Redis servers, two web processes, nginx, drain, watch and k6.
            assert len(marked_processes(tmp_path)) >= 9
            lab.send_signal(signal.SIGINT)
            last = lab.stderr.read()
            assert lab.wait(120) == 130, last
        finally:
            if lab.poll() is None:
                lab.send_signal(signal.SIGTERM)
    assert f"--out {folder} goes on" in last
    assert list(folder.glob("*/warm-up/turn.json"))
    assert not raw.is_measured(folder, ARCHITECTURE.name)
    wait_until(lambda: not marked_processes(tmp_path), "the end of every process")


def marked_processes(folder: Path) -> list[int]:
    """Processes that have the folder in their environment: the lab's own by their settings, stores and databases by
    the mark that they inherit."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [
        pid for pid in pids if pid != os.getpid() and is_alive(pid) and str(folder).encode() in _environment_of(pid)
    ]


def _environment_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
