"""What goes wrong, and when: a plan made from the seed alone, and how each fault is done to an installation.

The same seed is the same plan, to the millisecond. One fault after the other, so that each wait can be told from the
next, but mended or not the next one comes.
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.servers.links import CUT, HALF_OPEN, OPEN, RESET, SLOW
from tests.storm.fault_campaign.installation import LINES, Installation

KILL, KILL_CHILD, TERMINATE, FREEZE = "kill", "kill-child", "terminate", "freeze"
FIRST_SECONDS, QUIET_SECONDS = 2.5, 4.5
"""Nothing happens before the first and during the last seconds of a storm: people come, everything heals."""

APART, AFTER_A_STORE = (2.0, 3.0), (3.5, 4.5)
"""Seconds between the beginnings of two faults; more after one to the live store, whose restart is looked into."""

PROCESSES = {
    "live-store": 5,
    "web-1": 3,
    "web-2": 3,
    "live": 4,
    "nginx": 4,
    "bids-1": 3,
    "bids-2": 3,
    "database": 3,
    "watch": 2,
    "settlement": 1,
    "queue-store": 2,
}
ACTIONS = {KILL: 6, TERMINATE: 2, FREEZE: 3, KILL_CHILD: 1}
HAVE_CHILDREN = ("web-1", "web-2", "live", "nginx", "bids-1", "bids-2")
TROUBLES = {CUT: 3, HALF_OPEN: 3, SLOW: 3, RESET: 2}
LINE_SHARE = 0.35
TWINS = {"web-1": "web-2", "web-2": "web-1"}
TWIN_SECONDS = 6.0
"""One of two may be killed, not both at once: nobody answers before a process has started."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`action` is done to the process or line `target` `at` so many seconds after the beginning; what lasts ends after
    `seconds`. `milliseconds` is how late a slow line is."""

    at: float
    action: str
    target: str
    seconds: float = 0.0
    milliseconds: int = 0

    @property
    def kind(self) -> str:
        """What faults are counted by: web processes and drains are alike."""
        return f"{self.action} {self.target.removesuffix('-1').removesuffix('-2')}"


def plan(seed: int, seconds: float) -> list[Fault]:
    """The faults of a storm of so many seconds."""
    return list(_faults(random.Random(f"fire {seed}"), seconds))


def _faults(dice: random.Random, seconds: float) -> Iterator[Fault]:
    at, struck = FIRST_SECONDS, dict[str, float]()
    while True:
        fault = _line_fault(dice, at) if dice.random() < LINE_SHARE else _process_fault(dice, at)
        if at - struck.get(TWINS.get(fault.target, ""), -TWIN_SECONDS) < TWIN_SECONDS:
            continue
        if at + fault.seconds > seconds - QUIET_SECONDS:
            return
        struck[fault.target] = at
        yield fault
        apart = dice.uniform(*(AFTER_A_STORE if "live-store" in fault.target else APART))
        at = round(at + max(apart, fault.seconds + 1.5), 3)


def _process_fault(dice: random.Random, at: float) -> Fault:
    target = _pick(dice, PROCESSES)
    action = _pick(dice, ACTIONS)
    if action == KILL_CHILD and target not in HAVE_CHILDREN:
        action = KILL
    return Fault(at, action, target, round(dice.uniform(0.5, 3.0), 3) if action == FREEZE else 0.0)


def _line_fault(dice: random.Random, at: float) -> Fault:
    target, action = dice.choice(LINES), _pick(dice, TROUBLES)
    seconds = 0.0 if action == RESET else round(dice.uniform(0.5, 2.5), 3)
    return Fault(at, action, target, seconds, dice.randrange(50, 501) if action == SLOW else 0)


def _pick(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def strike(installation: Installation, fault: Fault) -> Callable[[], None] | None:
    """Do it. What is answered mends it; None when nothing is left to mend but by whoever starts processes again."""
    if fault.target in LINES:
        installation.links.set(fault.target, fault.action, fault.milliseconds)
        return None if fault.action == RESET else lambda: installation.links.set(fault.target, OPEN)
    process = installation.processes[fault.target]
    if process.pid is None:
        return None
    members = family(process.pid)
    if fault.action == FREEZE:
        _signal(members, signal.SIGSTOP)
        return lambda: _signal(members, signal.SIGCONT)
    if fault.action == TERMINATE:
        process.ask_to_stop()
    elif fault.action == KILL_CHILD:
        _signal(members[1:2], signal.SIGKILL)
    else:
        _signal(members, signal.SIGKILL)
    return None


def family(pid: int) -> list[int]:
    """A process and everything it started, itself first."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(each for child in children for each in family(int(child)))]
    return [pid]


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
