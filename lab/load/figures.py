"""Every figure of a report, computed from raw files."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.load.knee import Knee, Turn, knee_of, reasons_choked, reasons_client_bound
from lab.load.raw import REFUSED, RawSystem, RawTurn


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """One rate as a report shows it. Times in ms; `cpu_ms` is processor time per accepted bid, by part. `throttled` is
    the share of its periods in which each server was stopped at its CPU quota; empty without quotas."""

    turn: Turn
    accepted: int
    accepted_per_second: float
    answered_per_second: float
    refused: int
    errors: dict[int, int]
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float
    recorded_after_s: float
    backlog_max: int
    cpu_ms: dict[str, float]
    violations: list[str]
    throttled: dict[str, float]

    @property
    def choked(self) -> list[str]:
        return reasons_choked(self.turn)

    @property
    def client_bound(self) -> list[str]:
        return reasons_client_bound(self.turn)


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """One system: its knee, and its turns by rate. `best` is the turn of the highest rate that was held."""

    name: str
    facts: dict[str, Any]
    turns: list[TurnFigures]
    knee: Knee

    @property
    def best(self) -> TurnFigures | None:
        return next((each for each in reversed(self.turns) if each.turn.rate == self.knee.held), None)


def figures_of(system: RawSystem) -> SystemFigures:
    """All figures of one system."""
    turns = sorted((turn_figures(raw) for raw in system.turns), key=lambda each: each.turn.rate)
    return SystemFigures(system.name, system.facts, turns, knee_of([each.turn for each in turns]))


def turn_figures(raw: RawTurn) -> TurnFigures:
    """All figures of one turn. Percentiles are over every answer, errors included: who got an error waited too."""
    waits = sorted(answer.waited_ms for answer in raw.answers)
    errors = Counter(answer.status for answer in raw.answers if answer.is_error)
    facts, accepted = raw.facts, raw.facts["ledger_bids"]
    seconds = seconds_of(raw)
    return TurnFigures(
        turn=turn_of(raw),
        accepted=accepted,
        accepted_per_second=accepted / seconds,
        answered_per_second=(len(waits) - errors.total()) / seconds,
        refused=sum(answer.status == REFUSED for answer in raw.answers),
        errors=dict(errors),
        mean_ms=math.fsum(waits) / len(waits) if waits else 0.0,
        p50_ms=percentile(waits, 0.5),
        p95_ms=percentile(waits, 0.95),
        p99_ms=percentile(waits, 0.99),
        longest_ms=waits[-1] if waits else 0.0,
        recorded_after_s=facts["recorded_after_s"],
        backlog_max=max((waiting for _, waiting in facts["backlog"]), default=0),
        cpu_ms={name: used * 1000 / accepted for name, used in facts["cpu_seconds"].items()} if accepted else {},
        violations=facts["violations"],
        throttled=facts.get("throttled", {}),
    )


def seconds_of(raw: RawTurn) -> float:
    """How long the turn took, from the first request to the last answer; not less than the rate was held. A system that
    still answers when the client has stopped sending has not decided so many bids a second."""
    if not raw.answers:
        return float(raw.facts["seconds"])
    ended, began = max(each.answered_ms for each in raw.answers), min(each.sent_ms for each in raw.answers)
    return max(float(raw.facts["seconds"]), (ended - began) / 1000)


def turn_of(raw: RawTurn) -> Turn:
    """What the rule of the knee looks at."""
    facts, waits = raw.facts, sorted(answer.waited_ms for answer in raw.answers)
    client = facts["client"]
    errors = sum(answer.is_error for answer in raw.answers)
    return Turn(
        rate=facts["rate"],
        seconds=facts["seconds"],
        # Without a single answer everything failed.
        p95_ms=percentile(waits, 0.95),
        error_share=errors / len(waits) if waits else 1.0,
        backlog=tuple((moment, waiting) for moment, waiting in facts["backlog"]),
        dropped=dropped(raw.client),
        client_cpu_share=client["cpu_seconds"] / client["seconds"] / client["cores"],
    )


def dropped(summary: dict[str, Any]) -> int:
    """Requests that k6 did not send when they were due, by its own summary."""
    metric = summary["metrics"].get("dropped_iterations")
    return int(metric["values"]["count"]) if metric else 0


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of these ascending values; 0 for none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
