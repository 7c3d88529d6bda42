"""The witnesses of one process, one for each live store, told as one."""

from collections.abc import Iterable

from cashticket.witness.writer import WitnessCondition


def together(conditions: Iterable[WitnessCondition]) -> WitnessCondition:
    """Whether all of them run, the longest time since one wrote, all that is not written, and the first trouble."""
    all_of_them = list(conditions)
    return WitnessCondition(
        running=all(each.running for each in all_of_them),
        written_seconds_ago=max(each.written_seconds_ago for each in all_of_them),
        unwritten=sum(each.unwritten for each in all_of_them),
        trouble=next((each.trouble for each in all_of_them if each.trouble), ""),
    )
