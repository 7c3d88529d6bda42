"""Measures one system in a course: chooses its rate, holds it while the events happen, and leaves raw files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.load import circumstances, raw, site
from lab.load.course import CourseTurns
from lab.load.course_figures import CourseFigures
from lab.load.course_figures import figures_of as course_of
from lab.load.figures import figures_of
from lab.load.site import Say
from lab.load.systems import System

if TYPE_CHECKING:
    from lab.load.scenarios import Scenario
    from lab.load.schedule import Settings

RATE_SHARE = 0.5
"""A course is driven at this share of the rate that a system was seen to hold, so that it has something to spare."""
WARM_UP_SECONDS = 3
RUNS = circumstances.ROOT / "reports" / "lab"
PUBLISHED = circumstances.ROOT / "docs" / "load-report" / "hot"


def measure_one(
    folder: Path, scenario: Scenario, system: System, settings: Settings, say: Say, facts: dict[str, Any]
) -> None:
    """Hold the rate of one system; `facts` describe it in system.json.

    Raises ClientFailed, and AssertionError when a server does not start.
    """
    assert scenario.course
    rate, reason = (settings.rate, "--rate") if settings.rate else rate_of(system, RUNS, PUBLISHED)
    seconds = scenario.course.seconds(settings.seconds)
    flush = settings.database_flush
    facts |= {"began_at": circumstances.now(), "other_work_cores": circumstances.other_work_cores()}
    queues, place = scenario.course.queues, folder / "processes"
    with site.running(system, place, say, settings.sync_ms, database_flush=flush, queues=queues) as running:
        driver = scenario.turns(running)
        assert isinstance(driver, CourseTurns)
        say("warming up")
        driver.hold(min(rate, scenario.warm_up_rate), WARM_UP_SECONDS, folder / "warm-up")
        driver.unit_s = settings.seconds
        say(f"{rate} {scenario.unit} ({reason}) for {seconds} s")
        driver.hold(rate, seconds, folder / f"turn-01-rate-{rate}")
        facts |= {"durability": running.durability, "scenario": scenario.name, "rate_reason": reason}
    raw.write_json(folder / "system.json", facts)
    say(outcome_of(course_of(folder)))


def rate_of(system: System, runs: Path, published: Path) -> tuple[int, str]:
    """Half of what a system was seen to hold with everybody bidding in one auction, and where that was seen: in the
    newest run on this machine, else in the published one, else half of the rate that a search begins with."""
    # A run's name ends with its date.
    newest_first = sorted(runs.glob("hot-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for run in (*newest_first, published):
        if not raw.is_measured(run, system.name):
            continue
        (measured,) = raw.read_systems(run, [system.name])
        if held := figures_of(measured).knee.held:
            return max(1, round(held * RATE_SHARE)), f"half of the {held} that it held in {run.name}"
    return max(1, round(system.first_rate * RATE_SHARE)), f"half of the {system.first_rate} that a search begins with"


def outcome_of(course: CourseFigures) -> str:
    """One course in one line."""
    text = f"  {course.accepted:,} bids accepted, {sum(course.errors.values()):,} errors"
    text += f", {course.lost:,} lost, {course.doubled:,} doubled"
    if hammer := course.hammer:
        text += f"; settled after {hammer.settled_s:.1f} s, {hammer.reads_per_second:.0f} reads a second"
        text += f", p99 {hammer.reads_p99_ms:.0f} ms"
    for each in () if course.hammer else course.events:
        again = "not normal again" if each.normal_s is None else f"normal again after {each.normal_s:.0f} s"
        text += f"; {each.event.name}: {again}"
    return text + (f"; {len(course.violations)} broken promises" if course.violations else "")
