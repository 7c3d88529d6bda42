"""Every figure of a course, computed from its raw files."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.load import ledger_file, raw
from lab.load.figures import dropped
from lab.load.hammer_figures import HammerFigures, hammer_figures
from lab.load.knee import CLIENT_CPU_SHARE_MAX
from lab.load.timeline import (
    Event,
    EventFigures,
    Observed,
    Second,
    events_of,
    lost_and_doubled,
    seconds_of,
    usual_p95_ms,
)


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """One system's course. `lost`: bids that were answered as accepted and are not in the ledger; `doubled`: bids that
    are there more than once. `hammer`: what else an auction that ended has."""

    name: str
    facts: dict[str, Any]
    rate: int
    sent: int
    accepted: int
    errors: dict[int, int]
    lost: int
    doubled: int
    usual_p95_ms: float
    seconds: list[Second]
    looks: list[tuple[float, int]]
    events: list[EventFigures]
    violations: list[str]
    client_bound: list[str]
    hammer: HammerFigures | None = None


def figures_of(folder: Path) -> CourseFigures:
    """All figures of the measured system whose files are in `folder`. Raises OSError and ValueError for bad files."""
    (place,) = [path.parent for path in folder.glob("turn-*/turn.json")]
    turn, ledger = raw.read_turn(place), ledger_file.read(place)
    # In published files the answers are timed from the first one on, events and looks as they were.
    began_ms, first_ms = min(answer.sent_ms for answer in turn.answers), turn.facts["first_sent_ms"]
    looks = [((at_ms - first_ms) / 1000, accepted, waiting) for at_ms, accepted, waiting in turn.facts["looks"]]
    bids = [answer for answer in turn.answers if answer.is_bid]
    seconds = seconds_of(bids, began_ms, [(at, waiting) for at, _, waiting in looks])
    events = [
        Event(each["name"], (each["began_ms"] - first_ms) / 1000, (each["ended_ms"] - first_ms) / 1000)
        for each in turn.facts["events"]
    ]
    lost, doubled = lost_and_doubled(bids, ledger)
    return CourseFigures(
        name=folder.name,
        facts=raw.read_json(folder / "system.json"),
        rate=turn.facts["rate"],
        sent=len(bids),
        accepted=turn.facts["ledger_bids"],
        errors=dict(Counter(answer.status for answer in bids if answer.is_error)),
        lost=lost,
        doubled=doubled,
        usual_p95_ms=usual_p95_ms(seconds, events),
        seconds=seconds,
        looks=[(at, waiting) for at, _, waiting in looks],
        events=events_of(Observed(turn.facts["rate"], began_ms, bids, seconds, looks), events),
        violations=turn.facts["violations"],
        client_bound=_client_bound(turn.facts["client"], dropped(turn.client)),
        hammer=hammer_figures(turn.facts, turn.answers) if "settled_ms" in turn.facts else None,
    )


def _client_bound(client: dict[str, float], dropped_count: int) -> list[str]:
    share = client["cpu_seconds"] / client["seconds"] / client["cores"]
    reasons = [f"{dropped_count} dropped"] if dropped_count else []
    return reasons + ([f"client at {share:.0%} of its CPU"] if share > CLIENT_CPU_SHARE_MAX else [])
