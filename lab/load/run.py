"""One run: system after system, rate after rate, until each knee is found. It leaves raw files and may be
interrupted."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.load import circumstances, course_run, raw, site
from lab.load.durability import sync_ms
from lab.load.figures import TurnFigures, turn_figures
from lab.load.knee import Turn, next_rate
from lab.load.scenarios import SCENARIOS, Scenario
from lab.load.site import Say
from lab.load.systems import System

WARM_UP_SECONDS = 3
SETTINGS = ("scenario", "settings", "commit", "machine", "versions")
"""What must be the same for two systems to stand in one report."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a rate is held, how narrow the knee is (a share of the held rate), and how many rates are tried.

    `sync_ms`: a sync of the database's and the stores' disk takes at least so long; 0: as long as it takes here.
    `database_flush`: when the database syncs its log (`lab.load.durability.FLUSHES`).
    `rate` is that of a course; None: half of what each system was seen to hold (`lab.load.course_run`).
    """

    seconds: int
    precision: float
    turns_max: int
    sync_ms: float = 0.0
    database_flush: str = "commit"
    rate: int | None = None


FULL = Settings(seconds=60, precision=0.08, turns_max=12)
QUICK = Settings(seconds=10, precision=0.2, turns_max=4)


class OtherRun(Exception):
    """The folder holds a run that this one cannot go on with."""


def prepare(folder: Path, scenario: str, settings: Settings) -> None:
    """Make the folder of a run, or see that it holds one of this kind. Raises OtherRun."""
    now = {
        "scenario": scenario,
        "settings": asdict(settings),
        "commit": circumstances.commit(),
        "machine": circumstances.machine(),
        "versions": circumstances.versions(),
    }
    document = folder / "run.json"
    if document.exists():
        before = raw.read_json(document)
        if different := [name for name in SETTINGS if before.get(name) != now[name]]:
            raise OtherRun(f"{folder} holds a run with another {' and '.join(different)}; choose another folder.")
        return
    if folder.exists() and any(folder.iterdir()):
        raise OtherRun(f"{folder} is not empty and holds no run of the load lab; choose another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    start: dict[str, Any] = {"began_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    start |= {"load_before": round(os.getloadavg()[0], 1), "disk_sync_ms": sync_ms()}
    raw.write_json(document, now | start)


def measure(folder: Path, systems: Sequence[System], settings: Settings, say: Say) -> None:
    """Measure the systems that the prepared folder lacks. Raises ClientFailed, AssertionError when a server does not
    start."""
    scenario = SCENARIOS[raw.read_json(folder / "run.json")["scenario"]]
    for system in systems:
        if raw.is_measured(folder, system.name):
            say(f"{system.name}: measured already")
            continue
        place = folder / system.name
        _set_interrupted_aside(place)
        tell: Say = lambda text, name=system.name: say(f"{name}: {text}")  # noqa: E731
        if scenario.course:
            course_run.measure_one(place, scenario, system, settings, tell, _facts(system))
        else:
            _measure_one(place, scenario, system, settings, tell)


def _set_interrupted_aside(folder: Path) -> None:
    """Keep the files of an interrupted system under another name."""
    if folder.exists():
        number = 1 + sum(1 for _ in folder.parent.glob(f"{folder.name}.interrupted-*"))
        folder.rename(folder.with_name(f"{folder.name}.interrupted-{number}"))


def _measure_one(folder: Path, scenario: Scenario, system: System, settings: Settings, say: Say) -> None:
    turns: list[Turn] = []
    place, sockets = folder / "processes", scenario.sockets
    flush = settings.database_flush
    with site.running(system, place, say, settings.sync_ms, sockets=sockets, database_flush=flush) as running:
        driver = scenario.turns(running)
        say("warming up")
        driver.hold(scenario.warm_up_rate, WARM_UP_SECONDS, folder / "warm-up")
        while len(turns) < settings.turns_max:
            rate = next_rate(turns, scenario.first_rate(system), settings.precision)
            if rate is None:
                break
            place = folder / f"turn-{len(turns) + 1:02}-rate-{rate}"
            say(f"{rate} {scenario.unit} for {settings.seconds} s")
            driver.hold(rate, settings.seconds, place)
            measured = turn_figures(raw.read_turn(place))
            turns.append(measured.turn)
            say(outcome_of(measured, scenario))
        facts = _facts(system) | {"durability": running.durability, "first_rate": scenario.first_rate(system)}
        facts |= {"memory_mib": running.memory_mib()}
    raw.write_json(folder / "system.json", facts | {"scenario": scenario.name})


def outcome_of(figures: TurnFigures, scenario: Scenario) -> str:
    """One turn in one line."""
    outcome = f"choked ({', '.join(figures.choked)})" if figures.choked else "held"
    notes = [f"client-bound ({', '.join(figures.client_bound)})"] if figures.client_bound else []
    notes += [f"{len(figures.violations)} broken promises"] if figures.violations else []
    per_second, counted = figures.answered_per_second, "answers"
    if scenario.counts_bids:
        per_second, counted = figures.accepted_per_second, "accepted"
    text = f"  {outcome}; {per_second:.0f} {counted} a second, p95 {figures.p95_ms:.0f} ms"
    return "; ".join([text, *notes])


def _facts(system: System) -> dict[str, Any]:
    names: tuple[str, ...] = ("title", "parts", "engine", "webs", "has_front", "drains", "pushes")
    names += ("server_cores", "is_one_server") if system.server_cores else ()
    return {name: getattr(system, name) for name in names}
