"""Faults: a plan made from the seed alone, and how each fault is injected into an installation.

The same seed gives the same plan, to the millisecond. Faults begin one after the other, so that each wait belongs to
one of them, but the next does not wait for recovery.
"""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.servers.links import CUT, HALF_OPEN, OPEN, RESET, SLOW
from tests.storm.fault_campaign.installation import LINKS, Installation

KILL, KILL_CHILD, TERMINATE, FREEZE, STEP = "kill", "kill-child", "terminate", "freeze", "step"
FIRST_SECONDS, QUIET_SECONDS = 2.5, 4.5
"""Nothing happens in the first and last seconds of a run: people come, and everything recovers."""

APART, AFTER_A_STORE = (2.0, 3.0), (3.5, 4.5)
"""Seconds between two faults; more after one to the live store, whose restart is checked."""

PROCESSES = {
    "live-store": 5,
    "web-1": 3,
    "web-2": 3,
    "live": 4,
    "nginx": 4,
    "bids-1": 3,
    "bids-2": 3,
    "database": 3,
    "watch-1": 2,
    "watch-2": 2,
    "settlement": 1,
    "queue-store": 2,
    "mail": 2,
}
ACTIONS = {KILL: 6, TERMINATE: 2, FREEZE: 3, KILL_CHILD: 1}
HAVE_CHILDREN = ("web-1", "web-2", "live", "nginx", "bids-1", "bids-2")
TROUBLES = {CUT: 3, HALF_OPEN: 3, SLOW: 3, RESET: 2}
LINK_SHARE, CLOCK_SHARE = 0.35, 0.06
CLOCKS, STEP_MS = ("store-clock", "app-clock"), 600_000
ASLEEP_SECONDS = (4.0, 8.0)
"""How long one of the two watches is frozen: longer than any lease."""

TWINS = {"web-1": "web-2", "web-2": "web-1"}
TWIN_SECONDS = 6.0
"""Of two web processes only one may be down: nobody would answer before one has started."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`action` is done to the process or link `target`, `at` seconds after the beginning, for `seconds`.

    `milliseconds` is the delay of a slow link, or by how much a clock is stepped.
    """

    at: float
    action: str
    target: str
    seconds: float = 0.0
    milliseconds: int = 0

    @property
    def kind(self) -> str:
        """What faults are counted by. Both web processes count as one, and so do both drains and both watches."""
        return f"{self.action} {self.target.removesuffix('-1').removesuffix('-2')}"


def plan(seed: int, seconds: float) -> list[Fault]:
    """The faults of a run of so many seconds."""
    return list(_faults(random.Random(f"fire {seed}"), seconds))


def _faults(dice: random.Random, seconds: float) -> Iterator[Fault]:
    at, struck = FIRST_SECONDS, dict[str, float]()
    while True:
        fault = _fault(dice, at)
        if at - struck.get(TWINS.get(fault.target, ""), -TWIN_SECONDS) < TWIN_SECONDS:
            continue
        if at + fault.seconds > seconds - QUIET_SECONDS:
            return
        struck[fault.target] = at
        yield fault
        apart = dice.uniform(*(AFTER_A_STORE if "live-store" in fault.target else APART))
        at = round(at + max(apart, fault.seconds + 1.5), 3)


def _fault(dice: random.Random, at: float) -> Fault:
    share = dice.random()
    if share < CLOCK_SHARE:
        return Fault(at, STEP, dice.choice(CLOCKS), round(dice.uniform(2.0, 3.0), 3), dice.choice((1, -1)) * STEP_MS)
    return _line_fault(dice, at) if share < CLOCK_SHARE + LINK_SHARE else _process_fault(dice, at)


def _process_fault(dice: random.Random, at: float) -> Fault:
    target = _pick(dice, PROCESSES)
    action = _pick(dice, ACTIONS)
    if action == KILL_CHILD and target not in HAVE_CHILDREN:
        action = KILL
    lasts = ASLEEP_SECONDS if target.startswith("watch") else (0.5, 3.0)
    return Fault(at, action, target, round(dice.uniform(*lasts), 3) if action == FREEZE else 0.0)


def _line_fault(dice: random.Random, at: float) -> Fault:
    target, action = dice.choice(LINKS), _pick(dice, TROUBLES)
    seconds = 0.0 if action == RESET else round(dice.uniform(0.5, 2.5), 3)
    return Fault(at, action, target, seconds, dice.randrange(50, 501) if action == SLOW else 0)


def _pick(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def inject(installation: Installation, fault: Fault) -> Callable[[], None] | None:
    """Inject the fault. Returns a function that ends it; None when only restarting ended processes can."""
    if fault.target in LINKS:
        installation.links.set(fault.target, fault.action, fault.milliseconds)
        return None if fault.action == RESET else lambda: installation.links.set(fault.target, OPEN)
    if fault.target in CLOCKS:
        clock = installation.store_clock if fault.target == "store-clock" else installation.app_clock
        clock.step(fault.milliseconds / 1000)
        return lambda: clock.step(0)
    process = installation.processes[fault.target]
    if process.pid is None:
        return None
    members = process_tree(process.pid)
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


def process_tree(pid: int) -> list[int]:
    """Ids of a process and all its descendants, itself first."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(each for child in children for each in process_tree(int(child)))]
    return [pid]


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
