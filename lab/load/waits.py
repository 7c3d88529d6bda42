"""How long people waited for answers: mean, percentiles and errors of each kind."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

from lab.load.counting import errors_of
from lab.load.kinds import REPORTED_ONLY
from lab.load.raw import Answer


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


def waits_by(answers: Sequence[Answer], name_of: Callable[[Answer], str]) -> list[Waits]:
    """The waits of each kind of answer, in the order of their names."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(name_of(answer), []).append(answer)
    return [waits_of(name, groups[name]) for name in sorted(groups)]


def waits_by_journey(answers: Sequence[Answer], steps: Sequence[Waits]) -> list[Waits]:
    """The waits of each journey, in the order of their names. `steps` are those of each kind of these answers: a
    journey of one step has waited as that step has, and is not sorted a second time."""
    kinds: dict[str, list[Waits]] = {}
    for step in steps:
        kinds.setdefault(step.name.partition(".")[0], []).append(step)
    waits = [replace(only, name=journey) for journey, (only, *others) in kinds.items() if not others]
    if len(waits) < len(kinds):
        found = {each.name for each in waits}
        waits += waits_by([each for each in answers if each.journey not in found], lambda answer: answer.journey)
    return sorted(waits, key=lambda each: each.name)


def waits_of(name: str, answers: Iterable[Answer]) -> Waits:
    """The waits of these answers."""
    answers = list(answers)
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


def slowest(kinds: Sequence[Waits]) -> Waits:
    """The kind that waited longest by its p95, of those whose waits choke a rate."""
    judged = [each for each in kinds if each.name not in REPORTED_ONLY]
    return max(judged, key=lambda each: each.p95_ms, default=waits_of("", []))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by `share` of these ascending values; 0 for none."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
