"""The supervisor: processes start together, come back when they die, and end together, whoever asks."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cashticket.cli.demo.supervisor import Supervisor, parse_procfile
from lab.waiting import wait_until

pytestmark = pytest.mark.sweep

PATIENCE_SECONDS = 60.0
SUPERVISE = """
import sys
from pathlib import Path
from cashticket.cli.demo import supervisor
from cashticket.cli.demo.supervisor import Supervisor
supervisor.PATIENCE_SECONDS = 1.0
everyone = Supervisor(Path(sys.argv[1]), {"GREETING": "two words"})
everyone.listen_to_signals()
for number, command in enumerate(sys.argv[2:]):
    everyone.start(f"part{number}", command)
everyone.run_until(lambda: False)
everyone.stop(last="part0")
print("ended in order", flush=True)
"""
# Writes its process id, then sleeps; the stubborn one does not listen to SIGTERM.
SLEEPER = "sh -c 'echo $$ > {}; exec sleep 600'"
STUBBORN = """sh -c 'trap "" TERM; echo $$ > {}; while :; do sleep 1; done'"""


def alive(pid: int) -> bool:
    """True while the process runs; a zombie whose parent is gone does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def pid_in(path: Path) -> int:
    """The process id a file tells, as soon as it is whole."""
    text = ""

    def written() -> bool:
        nonlocal text
        text = path.read_text() if path.exists() else ""
        return text.endswith("\n")

    wait_until(written, str(path))
    return int(text)


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def start(self, *commands: str) -> "subprocess.Popen[str]":
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, str(self.folder), *commands],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self.process

    def end(self) -> str:
        """Wait for the end and return everything printed."""
        assert self.process is not None
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    made = Supervised(tmp_path)
    yield made
    if made.process is not None:
        with suppress(ProcessLookupError):
            os.killpg(made.process.pid, signal.SIGKILL)
        made.process.communicate()


def test_a_procfile_names_its_commands() -> None:
    assert parse_procfile("# how\nweb: run --bind a:1\n\nbids:  work bids\n") == {
        "web": "run --bind a:1",
        "bids": "work bids",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_everybody(supervised: Supervised, tmp_path: Path, number: signal.Signals) -> None:
    process = supervised.start(SLEEPER.format("a"), SLEEPER.format("b"))
    pids = [pid_in(tmp_path / "a"), pid_in(tmp_path / "b")]
    process.send_signal(number)
    assert "ended in order" in supervised.end()
    assert not any(map(alive, pids))


def test_the_stubborn_are_killed(supervised: Supervised, tmp_path: Path) -> None:
    process = supervised.start(SLEEPER.format("a"), STUBBORN.format("b"))
    stubborn = pid_in(tmp_path / "b")
    process.send_signal(signal.SIGINT)
    assert "ended in order" in supervised.end()
    assert not alive(stubborn)


def test_a_process_that_dies_is_started_again(supervised: Supervised, tmp_path: Path) -> None:
    process = supervised.start(SLEEPER.format("a"))
    first = pid_in(tmp_path / "a")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid_in(tmp_path / "a") != first, "another process")
    process.send_signal(signal.SIGINT)
    assert "killed by SIGKILL; starting it again" in supervised.end().replace("(", "").replace(")", "")


def test_what_a_dead_process_left_running_is_ended_before_it_comes_back(supervised: Supervised, tmp_path: Path) -> None:
    process = supervised.start("sh -c 'sleep 600 & echo $! > child; echo $$ > a; wait'")
    first, child = pid_in(tmp_path / "a"), pid_in(tmp_path / "child")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not alive(child), "the end of the child")
    process.send_signal(signal.SIGINT)
    supervised.end()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of this system does not tell children")
def test_a_killed_supervisor_leaves_nobody_behind(supervised: Supervised, tmp_path: Path) -> None:
    process = supervised.start(SLEEPER.format("a"), SLEEPER.format("b"))
    pids = [pid_in(tmp_path / "a"), pid_in(tmp_path / "b")]
    process.kill()
    wait_until(lambda: not any(map(alive, pids)), "the end of every process")


def test_lines_carry_the_name_of_their_process(supervised: Supervised, tmp_path: Path) -> None:
    process = supervised.start("sh -c 'echo $GREETING; echo $$ > a; exec sleep 600'")
    pid_in(tmp_path / "a")
    process.send_signal(signal.SIGINT)
    assert "part0      | two words\n" in supervised.end()


def test_a_first_step_that_fails_stops_the_start_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"(?s)no such table.*nothing was started"):
        Supervisor(tmp_path, {}).once("sh -c 'echo no such table; exit 3'")
