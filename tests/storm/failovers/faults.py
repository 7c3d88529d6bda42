"""What happens to the primary, and when: from the seed alone."""

import os
import random
import signal
from dataclasses import dataclass

from lab.servers.links import CUT, HALF_OPEN
from lab.servers.replicated_store import ReplicatedStore

KILL, FREEZE, LAG = "kill", "freeze", "lag"
KINDS = (KILL, FREEZE, CUT, HALF_OPEN)
"""Ended by SIGKILL; stopped by SIGSTOP; cut off from clients, sentinels and replica; reached, but nothing passes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`kind` strikes `at` seconds after the first bid; the former primary is back `back` seconds after the promotion.

    LAG is no kind of the long run: the replica is away for a second before the primary is killed, and comes back alone.
    """

    kind: str
    at: float
    back: float


def plan(seed: int) -> Plan:
    """The failover of a seed. Four seeds in a row have the four kinds, in an order of their own."""
    four = random.Random(f"failovers {(seed - 1) // len(KINDS)}")
    kinds = four.sample(KINDS, len(KINDS))
    dice = random.Random(f"failover {seed}")
    return Plan(kinds[(seed - 1) % len(KINDS)], round(dice.uniform(1.5, 3.0), 3), round(dice.uniform(0.2, 2.0), 3))


def strike(store: ReplicatedStore, kind: str, primary: int) -> None:
    """Let it happen to the store of this number. `heal` of the store ends it."""
    process = store.stores[primary]
    if kind in (CUT, HALF_OPEN):
        store.links.set(f"store-{primary}", kind)
    elif kind == FREEZE:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
    else:
        process.kill()
