"""Every figure of a report, computed from raw files."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from lab.load.counting import errors_of, is_throughput
from lab.load.kinds import BY_SOCKET, COUNTED, GAVE_UP, REPORTED_ONLY
from lab.load.knee import Knee, Turn, knee_of, reasons_choked, reasons_client_bound
from lab.load.news import with_news
from lab.load.raw import Answer, RawSystem, RawTurn
from lab.load.scenarios import HOT, SCENARIOS, Scenario


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people waited for one kind of answer, in ms, errors included: who got an error waited too."""

    name: str
    count: int
    errors: dict[int, int]
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float

    @property
    def error_share(self) -> float:
        # Without a single answer everything failed.
        return sum(self.errors.values()) / self.count if self.count else 1.0


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """One rate as a report shows it. Times in ms, those of the journey that had to wait longest by its p95; `journeys`
    has all of them, `steps` each of their steps. `cpu_ms` is processor time per accepted bid, or what else the scenario
    counts, by part. `throttled` is the share of its periods in which each server was stopped at its CPU quota; empty
    without quotas. `traffic` is what database and live store did (`lab.load.traffic`), per the same as `cpu_ms`; empty
    where it was not counted."""

    turn: Turn
    accepted: int
    accepted_per_second: float
    answered: int
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
    traffic: dict[str, dict[str, float]]
    journeys: list[Waits]
    steps: list[Waits]

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
    def scenario(self) -> Scenario:
        return SCENARIOS[self.facts.get("scenario", HOT.name)]

    @property
    def best(self) -> TurnFigures | None:
        return next((each for each in reversed(self.turns) if each.turn.rate == self.knee.held), None)


def figures_of(system: RawSystem) -> SystemFigures:
    """All figures of one system."""
    turns = sorted((turn_figures(raw) for raw in system.turns), key=lambda each: each.turn.rate)
    return SystemFigures(system.name, system.facts, turns, knee_of([each.turn for each in turns]))


def turn_figures(raw: RawTurn) -> TurnFigures:
    """All figures of one turn."""
    raw = with_news(raw)
    facts, accepted = raw.facts, raw.facts["ledger_bids"]
    journeys = waits_by(raw.answers, lambda answer: answer.journey)
    slowest = _slowest(journeys)
    answered = sum(each.count for each in raw.answers if is_throughput(each, facts))
    seconds, units = seconds_of(raw), facts.get("cost_units", accepted)
    return TurnFigures(
        turn=turn_of(raw, journeys),
        accepted=accepted,
        accepted_per_second=accepted / seconds,
        answered=answered,
        answered_per_second=answered / seconds,
        refused=sum(answer.is_refusal and answer.kind != GAVE_UP for answer in raw.answers),
        errors=errors_of(raw.answers),
        mean_ms=slowest.mean_ms,
        p50_ms=slowest.p50_ms,
        p95_ms=slowest.p95_ms,
        p99_ms=slowest.p99_ms,
        longest_ms=slowest.longest_ms,
        recorded_after_s=facts["recorded_after_s"],
        backlog_max=max((waiting for _, waiting in facts["backlog"]), default=0),
        cpu_ms={name: used * 1000 / units for name, used in facts["cpu_seconds"].items()} if units else {},
        violations=facts["violations"],
        throttled=facts.get("throttled", {}),
        traffic=per_unit(facts.get("counters", {}), units),
        journeys=journeys,
        steps=waits_by(raw.answers, lambda answer: answer.kind),
    )


def per_unit(counters: Mapping[str, Mapping[str, int]], units: float) -> dict[str, dict[str, float]]:
    """The counters of each part divided by what a scenario counts; empty when there was none of it."""
    parts = counters.items() if units else ()
    return {part: {name: value / units for name, value in numbers.items()} for part, numbers in parts}


def waits_by(answers: Sequence[Answer], name_of: Callable[[Answer], str]) -> list[Waits]:
    """The waits of each kind of answer, in the order of their names."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(name_of(answer), []).append(answer)
    return [_waits(name, groups[name]) for name in sorted(groups)]


def _waits(name: str, answers: Sequence[Answer]) -> Waits:
    times = sorted(chain.from_iterable(repeat(answer.waited_ms, answer.count) for answer in answers))
    return Waits(
        name=name,
        count=len(times),
        errors=errors_of(answers),
        mean_ms=math.fsum(times) / len(times) if times else 0.0,
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        longest_ms=times[-1] if times else 0.0,
    )


def _slowest(journeys: Sequence[Waits]) -> Waits:
    judged = [each for each in journeys if each.name not in REPORTED_ONLY]
    return max(judged, key=lambda each: each.p95_ms, default=_waits("", []))


def seconds_of(raw: RawTurn) -> float:
    """How long the turn took, from the first request to the last answer; not less than the rate was held. A system that
    still answers when the client has stopped sending has not decided so many bids a second."""
    # Sockets open before the rate is held.
    requests = [answer for answer in raw.answers if answer.kind not in {*BY_SOCKET, *COUNTED}]
    if not requests:
        return float(raw.facts["seconds"])
    ended, began = max(each.answered_ms for each in requests), min(each.sent_ms for each in requests)
    return max(float(raw.facts["seconds"]), (ended - began) / 1000)


def turn_of(raw: RawTurn, journeys: Sequence[Waits]) -> Turn:
    """What the rule of the knee looks at: each journey must be held, so that the many do not hide the few."""
    facts = raw.facts
    client = facts["client"]
    return Turn(
        rate=facts["rate"],
        seconds=facts["seconds"],
        p95_ms=_slowest(journeys).p95_ms,
        error_share=max((each.error_share for each in journeys), default=1.0),
        backlog=tuple((moment, waiting) for moment, waiting in facts["backlog"]),
        dropped=dropped(raw.client),
        client_cpu_share=client["cpu_seconds"] / client["seconds"] / client["cores"],
        bids_per_second=facts.get("bid_rate"),
    )


def dropped(summary: dict[str, Any]) -> int:
    """Requests that k6 did not send when they were due, or much later, by its own summary."""
    metrics = [summary["metrics"].get(name) for name in ("dropped_iterations", "late_requests")]
    return sum(int(metric["values"]["count"]) for metric in metrics if metric)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of these ascending values; 0 for none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
