"""What database and live store did for each accepted bid: statements, syncs and bytes."""

from collections.abc import Mapping, Sequence

from lab.load.figures import SystemFigures
from lab.load.report.tables import NONE, Table

COLUMNS = {
    "statements or scripts": {"database": "statements", "live store": "scripts"},
    "with those inside": {"database": "carried_out", "live store": "commands"},
    "commits": {"database": "commits"},
    "syncs": {"database": "flushes", "live store": "log_writes"},
}
BYTES = {"log": "log_bytes", "to the disk": "disk_bytes", "received": "received_bytes", "sent": "sent_bytes"}
PARTS = ("database", "live store")
HEAD = ("system", "part", *COLUMNS, *BYTES)
EXPLANATION = (
    "At the highest rate that was held, from the servers' own counters and the kernel's, read before and after. What "
    "the lab itself sent is taken off. Everything else that a system does meanwhile counts, such as its watch. “With "
    "those inside” are the statements that read, wrote, began or ended something, also those of procedures, and the "
    "commands of the live store, also those of scripts. The live store syncs with each write of its log. “To the disk” "
    "are bytes of the pages that the kernel wrote for it, “received” and “sent” those of its connections."
)


def has_traffic(systems: Sequence[SystemFigures]) -> bool:
    """Whether there is anything to show: older runs did not count."""
    return any(each.best and each.best.traffic for each in systems)


def table(systems: Sequence[SystemFigures]) -> Table:
    """A row for the database and one for the live store of each system, per what its scenario counts."""
    measured = [(each, each.best.traffic) for each in systems if each.best]
    return HEAD, [_row(each, part, traffic[part]) for each, traffic in measured for part in PARTS if part in traffic]


def _row(system: SystemFigures, part: str, numbers: Mapping[str, float]) -> tuple[str, ...]:
    counted = (_counted(numbers.get(names.get(part, ""))) for names in COLUMNS.values())
    return (system.facts["title"], part, *counted, *(_size(numbers.get(name)) for name in BYTES.values()))


def _counted(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def _size(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f} B"
