"""One run: part after part of its schedule, rate after rate. It leaves raw files and may be interrupted."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from lab.load import circumstances, course_run, raw, site
from lab.load.durability import sync_ms
from lab.load.endurance import endurance_rate
from lab.load.figures import TurnFigures, knee_of_repeat, turn_figures
from lab.load.knee import Knee, Turn, next_rate
from lab.load.repeats import median_of, next_rate_near, pair_around
from lab.load.scenarios import SCENARIOS, Scenario
from lab.load.schedule import Part, Settings, missing_parts, parts, plan_of_time
from lab.load.site import Say
from lab.load.systems import System
from lab.load.turns import Turns

WARM_UP_SECONDS = 3
SETTINGS = ("scenario", "settings", "commit", "machine", "versions")
"""What must be the same for two systems to stand in one report."""

Rates = Callable[[Sequence[Turn]], int | None]
"""The rate of the next turn, after these; None when there is none."""


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
    start: dict[str, Any] = {"began_at": circumstances.now()}
    start |= {"load_before": circumstances.other_work_cores(), "disk_sync_ms": sync_ms()}
    raw.write_json(document, now | start)


def measure(folder: Path, systems: Sequence[System], settings: Settings, say: Say) -> None:
    """Measure the parts that the prepared folder lacks. Raises ClientFailed, AssertionError when a server does not
    start."""
    scenario = SCENARIOS[raw.read_json(folder / "run.json")["scenario"]]
    missing = missing_parts(folder, systems, settings)
    say(plan_of_time(missing, settings, scenario))
    for part in parts(systems, settings):
        name = part.name(settings)
        if part not in missing:
            say(f"{name}: measured already")
            continue
        rates = _rates(part, scenario, settings, _knees(folder, part.system))
        if rates is None:
            say(f"{name}: left out, because no rate was held before")
            continue
        _set_interrupted_aside(part.folder(folder))
        tell: Say = lambda text, name=name: say(f"{name}: {text}")  # noqa: E731
        if scenario.course:
            course_run.measure_one(part.folder(folder), scenario, part.system, settings, tell, _facts(part.system))
        else:
            _measure_part(part, folder, scenario, settings, rates, tell)
    note_other_work(folder)


def note_other_work(folder: Path) -> None:
    """Write into a run how many processor cores other work took just before its first part."""
    proofs = [raw.read_json(path) for path in folder.rglob("*.json") if path.name in (raw.SYSTEM, raw.MEASURED)]
    if noted := [facts for facts in proofs if "other_work_cores" in facts]:
        first, document = min(noted, key=lambda facts: str(facts["began_at"])), folder / "run.json"
        raw.write_json(document, raw.read_json(document) | {"other_work_cores": first["other_work_cores"]})


def _knees(folder: Path, system: System) -> list[Knee]:
    """The knees of the system's finished repeats, from the raw files."""
    place = folder / system.name
    if not raw.is_measured(folder, system.name):
        return []
    further = [each for each in raw.further_folders(place) if each.name != raw.ENDURANCE]
    return [knee_of_repeat(raw.read_repeat(each)) for each in (place, *further)]


def _rates(part: Part, scenario: Scenario, settings: Settings, knees: Sequence[Knee]) -> Rates | None:
    """Which rates are tried in a part, after repeats with these knees. None when there is none to begin with."""
    search = partial(next_rate, first=scenario.first_rate(part.system), precision=settings.precision)
    if part.is_first:
        return search
    if part.repeat is not None:
        pair = pair_around(knees, settings.precision)
        return partial(next_rate_near, pair=pair, precision=settings.precision) if pair else search
    middle = median_of(knees)
    held = None if middle is None else knees[middle].held
    if held is None:
        return None
    rate = endurance_rate(held, settings.endurance_share)
    return lambda turns: None if turns else rate


def _set_interrupted_aside(folder: Path) -> None:
    """Keep the files of an interrupted part under another name."""
    if folder.exists():
        number = 1 + sum(1 for _ in folder.parent.glob(f"{folder.name}.interrupted-*"))
        folder.rename(folder.with_name(f"{folder.name}.interrupted-{number}"))


def _measure_part(part: Part, run: Path, scenario: Scenario, settings: Settings, rates: Rates, say: Say) -> None:
    """Start the part's system, drive it with these rates, end it, and write that the part is finished."""
    system, folder = part.system, part.folder(run)
    before = {"began_at": circumstances.now(), "other_work_cores": circumstances.other_work_cores()}
    if before["other_work_cores"] > circumstances.BUSY_LOAD:
        say(f"other work takes {before['other_work_cores']} cores")
    options = {"sockets": scenario.sockets, "database_flush": settings.database_flush}
    with site.running(system, folder / "processes", say, settings.sync_ms, **options) as running:
        driver = scenario.turns(running)
        say("warming up")
        driver.hold(scenario.warm_up_rate, WARM_UP_SECONDS, folder / "warm-up")
        _drive(driver, folder, scenario, rates, (part.seconds(settings), part.turns_max(settings)), say)
        facts = _facts(system) | {"durability": running.durability, "first_rate": scenario.first_rate(system)}
        facts |= {"memory_mib": running.memory_mib()}
    facts = facts | {"scenario": scenario.name} if part.is_first else {}
    raw.write_json(part.proof(run), facts | before)


def _drive(driver: Turns, folder: Path, scenario: Scenario, rates: Rates, limits: tuple[int, int], say: Say) -> None:
    """Hold one rate after the other, each for limits[0] s, at most limits[1] of them."""
    seconds, turns_max = limits
    turns: list[Turn] = []
    while len(turns) < turns_max and (rate := rates(turns)) is not None:
        place = folder / f"turn-{len(turns) + 1:02}-rate-{rate}"
        say(f"{rate} {scenario.unit} for {seconds} s")
        driver.hold(rate, seconds, place)
        measured = turn_figures(raw.read_turn(place))
        turns.append(measured.turn)
        say(outcome_of(measured, scenario))


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
