"""Every figure of a report, computed from raw files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.load.counting import errors_of, is_throughput
from lab.load.endurance import Minute, bid_waits, minutes_of
from lab.load.kinds import BY_SOCKET, COUNTED, GAVE_UP
from lab.load.knee import Knee, Turn, knee_of, reasons_choked, reasons_client_bound
from lab.load.news import with_news
from lab.load.raw import RawRepeat, RawSystem, RawTurn
from lab.load.repeats import median_of
from lab.load.scenarios import HOT, SCENARIOS, Scenario
from lab.load.waits import Waits, slowest, waits_by, waits_by_journey


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
class RepeatFigures:
    """One repeat of a system's knee: its turns by rate, and the processor cores that other work took just before it
    (None: not measured)."""

    turns: list[TurnFigures]
    knee: Knee
    other_work_cores: float | None = None

    @property
    def best(self) -> TurnFigures | None:
        return next((each for each in reversed(self.turns) if each.turn.rate == self.knee.held), None)


@dataclass(frozen=True, slots=True)
class EnduranceFigures:
    """Many minutes at a share of the knee: the whole as one turn, `bids` alone, and minute by minute."""

    turn: TurnFigures
    bids: Waits
    minutes: list[Minute]
    other_work_cores: float | None = None


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """One system: the knee of its median repeat, and the turns of all repeats by rate."""

    name: str
    facts: dict[str, Any]
    turns: list[TurnFigures]
    knee: Knee
    repeats: list[RepeatFigures] = field(default_factory=list)
    endurance: EnduranceFigures | None = None

    @property
    def scenario(self) -> Scenario:
        return SCENARIOS[self.facts.get("scenario", HOT.name)]

    @property
    def knees(self) -> list[Knee]:
        """The knee of each repeat, in their order."""
        return [each.knee for each in self.repeats]

    @property
    def best(self) -> TurnFigures | None:
        """The turn of the highest rate that was held in the median repeat."""
        median = median_of(self.knees)
        return None if median is None else self.repeats[median].best

    @property
    def all_turns(self) -> list[TurnFigures]:
        """The turns of all repeats by rate, then the one of many minutes."""
        return [*self.turns, *([self.endurance.turn] if self.endurance else [])]


def figures_of(system: RawSystem) -> SystemFigures:
    """All figures of one system."""
    repeats = [_repeat(each) for each in (RawRepeat(system.facts, system.turns), *system.repeats)]
    median = repeats[median_of([each.knee for each in repeats]) or 0]
    turns = sorted((turn for each in repeats for turn in each.turns), key=lambda each: each.turn.rate)
    endurance = _endurance(system.endurance) if system.endurance and system.endurance.turns else None
    return SystemFigures(system.name, system.facts, turns, median.knee, repeats, endurance)


def knee_of_repeat(repeat: RawRepeat) -> Knee:
    """The knee that the turns of one repeat show."""
    return _repeat(repeat).knee


def _repeat(repeat: RawRepeat) -> RepeatFigures:
    turns = sorted(map(turn_figures, repeat.turns), key=lambda each: each.turn.rate)
    return RepeatFigures(turns, knee_of([each.turn for each in turns]), repeat.facts.get("other_work_cores"))


def _endurance(measured: RawRepeat) -> EnduranceFigures:
    (turn,) = measured.turns
    other_work_cores = measured.facts.get("other_work_cores")
    return EnduranceFigures(turn_figures(turn), bid_waits(turn), minutes_of(turn), other_work_cores)


def turn_figures(raw: RawTurn) -> TurnFigures:
    """All figures of one turn."""
    raw = with_news(raw)
    facts, accepted = raw.facts, raw.facts["ledger_bids"]
    steps = waits_by(raw.answers, lambda answer: answer.kind)
    journeys = waits_by_journey(raw.answers, steps)
    longest = slowest(journeys)
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
        mean_ms=longest.mean_ms,
        p50_ms=longest.p50_ms,
        p95_ms=longest.p95_ms,
        p99_ms=longest.p99_ms,
        longest_ms=longest.longest_ms,
        recorded_after_s=facts["recorded_after_s"],
        backlog_max=max((waiting for _, waiting in facts["backlog"]), default=0),
        cpu_ms={name: used * 1000 / units for name, used in facts["cpu_seconds"].items()} if units else {},
        violations=facts["violations"],
        throttled=facts.get("throttled", {}),
        traffic=per_unit(facts.get("counters", {}), units),
        journeys=journeys,
        steps=steps,
    )


def per_unit(counters: Mapping[str, Mapping[str, int]], units: float) -> dict[str, dict[str, float]]:
    """The counters of each part divided by what a scenario counts; empty when there was none of it."""
    parts = counters.items() if units else ()
    return {part: {name: value / units for name, value in numbers.items()} for part, numbers in parts}


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
        p95_ms=slowest(journeys).p95_ms,
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
