"""Sums over many runs: how often each kind of fault came, and how long it was felt."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.storm.fault_campaign.recovery import ANSWERED, DRAINED, GOALS, SOCKETS, Wait

NEVER = float("inf")


@dataclass
class Report:
    """Sums over runs. `complaints` are by seed."""

    seeds: list[int] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    recorded: int = 0
    seen: int = 0
    alerts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    waits: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    complaints: dict[int, list[str]] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)

    def take(self, waits: list[Wait], seed: int) -> None:
        """Add the waits of a run. What stood in the way is kept once for each fault and goal: the longest."""
        longest: dict[tuple[str, str], Wait] = {}
        for wait in waits:
            if wait.cause and _seconds(wait) >= _seconds(longest.get((wait.kind, wait.what))):
                longest[wait.kind, wait.what] = wait
        self.causes += [
            f"storm {seed}, {wait.kind}: {wait.what} after {_seconds(wait):.1f} s: {wait.cause}"
            for wait in longest.values()
        ]
        for wait in waits:
            self.waits[wait.kind][wait.what].append(NEVER if wait.seconds is None else wait.seconds)

    def missed(self, generous: float = 1.0) -> list[str]:
        """Goals that were missed by more than the factor `generous`."""
        return [
            f"{kind}: {what} after {late:.1f} s in 99 of 100 cases, the goal is {goal:.0f} s"
            for kind, goals in GOALS.items()
            for what, goal in goals.items()
            if (late := nth(self.waits[kind][what], 99)) > goal * generous
        ]

    def figures(self) -> dict[str, Any]:
        """Everything, for machines."""
        sums = {name: getattr(self, name) for name in ("seeds", "accepted", "refused", "recorded", "seen", "alerts")}
        by_kind = {
            kind: {what: {"n": len(values), **_figures(values)} for what, values in by_what.items() if values}
            for kind, by_what in self.waits.items()
        }
        faults = {"faults": self.faults.total(), "by_kind": dict(self.faults)}
        judged = {"complaints": self.complaints, "missed": self.missed(), "causes": self.causes}
        return {**sums, **faults, "seconds": by_kind, **judged}

    def table(self) -> str:
        """Everything, as a Markdown table. Seconds are median / 99th percentile / maximum."""
        complaints = sum(map(len, self.complaints.values()))
        lines = [
            (
                f"{len(self.seeds)} runs, {self.faults.total()} faults. {self.accepted:,} bids accepted, "
                f"{self.refused:,} refused."
            ),
            f"{self.seen:,} boards and standings and {self.alerts:,} alerts judged. {complaints} complaints.",
            "",
            f"| fault | n | {ANSWERED} (s) | {DRAINED} (s) | {SOCKETS} (s) |",
            "|---|--:|---|---|---|",
        ]
        for kind in sorted(self.faults, key=lambda each: (each.split()[1], each)):
            cells = (_cell(self.waits[kind][what]) for what in (ANSWERED, DRAINED, SOCKETS))
            lines.append(f"| {kind} | {self.faults[kind]} | {' | '.join(cells)} |")
        return "\n".join([*lines, "", "Waits beyond their goal, and what stood in the way:", *self.causes])


def _seconds(wait: Wait | None) -> float:
    if wait is None:
        return 0.0
    return NEVER if wait.seconds is None else wait.seconds


def nth(values: list[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)] if ordered else 0.0


def _figures(values: list[float]) -> dict[str, float | None]:
    """Median, 99th percentile and maximum; None where recovery never came."""
    by_kind = {"p50": nth(values, 50), "p99": nth(values, 99), "max": max(values)}
    return {name: None if value == NEVER else round(value, 2) for name, value in by_kind.items()}


def _cell(values: list[float]) -> str:
    if not values:
        return "–"
    return " / ".join("never" if value is None else f"{value:.1f}" for value in _figures(values).values())
