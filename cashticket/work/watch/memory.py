"""Free memory of the live store: bidding pauses before the store refuses everything."""

from cashticket.engine.condition import MIB, StoreCondition

FREE_MIN = 0.05
"""The least free share of the live store's `maxmemory` with which bidding goes on."""

MARGIN = 1.5
"""While bidding is paused, half as much more must be free before it resumes, so that it does not flap."""


def memory_shortage(condition: StoreCondition, *, paused: bool = False) -> str:
    """What is short, in a sentence; '' while enough is free. `paused`: bidding is paused for it, so MARGIN applies."""
    if condition.memory_free >= FREE_MIN * (MARGIN if paused else 1):
        return ""
    left = max(0, condition.memory_max - condition.memory_used)
    return (
        f"the memory of the live store is nearly full: {left // MIB} MiB of {condition.memory_max // MIB} MiB are left "
        "(raise maxmemory, or remove what is not its own)"
    )
