"""Whether a process of this machine has ended is told by its mark, and only where it can be told."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cashticket.witness.ended_here import has_ended, own_mark
from lab.waiting import wait_until

MARKING = "from cashticket.witness.ended_here import own_mark; print(own_mark(), flush=True); input()"


@pytest.fixture
def other() -> Iterator["subprocess.Popen[str]"]:
    """Another process of this machine that prints its mark and lives until it is ended."""
    process = subprocess.Popen([sys.executable, "-c", MARKING], stdin=-1, stdout=-1, text=True)
    yield process
    process.kill()
    process.communicate()


def mark_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_living_process_has_not_ended(other: "subprocess.Popen[str]") -> None:
    assert own_mark() and not has_ended(own_mark())
    assert not has_ended(mark_of(other))


def test_a_killed_process_has_ended_before_and_after_its_parent_noticed(other: "subprocess.Popen[str]") -> None:
    mark = mark_of(other)
    os.kill(other.pid, 9)
    wait_until(lambda: has_ended(mark), "the end of the process, which its parent has not noticed")
    other.wait()
    assert has_ended(mark)


def test_the_number_given_to_another_process_is_the_end_of_the_one_before() -> None:
    namespace, _, _ = own_mark().rpartition(" ")
    assert has_ended(f"{namespace} 12345")


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "nonsense",
        "a b c d",
        "another-boot 4026531836 4194304 1",
        "another-boot 4026531836 1 1",
    ],
)
def test_nothing_is_told_of_a_process_elsewhere(mark: str) -> None:
    assert not has_ended(mark)


def test_a_number_that_no_process_can_have_tells_nothing() -> None:
    namespace = " ".join(own_mark().split()[:2])
    assert not has_ended(f"{namespace} {10**30} 1") and not has_ended(f"{namespace} -1 1")
