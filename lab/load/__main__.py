"""Runs a scenario of the load lab.

    python -m lab.load hot [--quick] [--steps | --systems row-lock,architecture] [--repeats 5] [--endurance 600]
        [--sync-ms 1] [--database-flush second] [--out FOLDER] [--json] [--publish]

Ctrl+C stops every process and keeps the raw files. With the same --out and options a run goes on at the repeat at which
it stopped.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.load import circumstances, quotas, raw
from lab.load.client import ClientFailed
from lab.load.course_run import outcome_of
from lab.load.durability import FLUSHES
from lab.load.figures import SystemFigures, figures_of
from lab.load.repeats import spread_of
from lab.load.report import course, publish, summary, write
from lab.load.run import OtherRun, measure, prepare
from lab.load.scenarios import SCENARIOS, Scenario
from lab.load.schedule import ENDURANCE_SECONDS, REPEATS, settings_of
from lab.load.stopping import interrupted_once
from lab.load.systems import ALL_SYSTEMS, System

REPORTS = circumstances.ROOT / "reports" / "lab"
INTERRUPTED = 130
SYNC_MS_MAX = 1000.0
REPEATS_MAX = 20
ENDURANCE_SECONDS_MAX = 3_600
"""Each auction of the lab is open for two hours."""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for a failure or a broken promise, 2 for wrong arguments, 130 after Ctrl+C."""
    given = _parser().parse_args(arguments)
    try:
        systems = _chosen(SCENARIOS[given.scenario], given)
    except ValueError as error:
        return _fail(str(error), 2)
    needs_front = any(each.has_front for each in systems)
    if missing := circumstances.missing_programs(needs_front=needs_front, needs_compiler=given.sync_ms > 0):
        return _fail("\n".join(missing))
    try:
        if any(each.server_cores for each in systems):
            quotas.check()
    except quotas.NoQuotas as error:
        return _fail(str(error))
    try:
        settings = settings_of(
            given.scenario, quick=given.quick, steps=given.steps, repeats=given.repeats, endurance=given.endurance
        )
    except ValueError as error:
        return _fail(str(error), 2)
    settings = replace(settings, sync_ms=given.sync_ms, database_flush=given.database_flush, rate=given.rate)
    folder = Path(given.out or REPORTS / _name(given)).resolve()
    try:
        with interrupted_once():
            prepare(folder, given.scenario, settings)
            measure(folder, systems, settings, _say)
    except KeyboardInterrupt:
        _say(f"stopped; the raw files are in {folder}, and --out {folder} goes on with what is missing")
        return INTERRUPTED
    except OtherRun as error:
        return _fail(str(error))
    except (ClientFailed, AssertionError, RuntimeError, OSError) as error:
        return _fail(f"{error}\nEverything is stopped; --out {folder} goes on with what is missing.")
    return _report(folder, given.json, given.publish)


def _chosen(scenario: Scenario, given: argparse.Namespace) -> list[System]:
    """The systems that are driven, in the order of a report. Raises ValueError for names of none and for
    options that the scenario does not have."""
    choice = scenario.steps | scenario.systems
    there = [name for name in ALL_SYSTEMS if name in choice]
    if given.steps and not scenario.steps:
        raise ValueError(f"{scenario.name} has no steps.")
    if given.rate and not scenario.course:
        raise ValueError("--rate is for the scenarios that hold one rate: hammer, storm, db-away.")
    names = given.systems.split(",") if given.systems else list(scenario.steps if given.steps else scenario.systems)
    if strangers := [name for name in names if name not in choice]:
        raise ValueError(f"There is no system {', '.join(strangers)}; there are {', '.join(there)}.")
    return [choice[name] for name in there if name in names]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flask lab run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", choices=list(SCENARIOS))
    parser.add_argument(
        "--quick", action="store_true", help="three to five minutes: rates held 10 s, a wider knee, once"
    )
    driven = parser.add_mutually_exclusive_group()
    driven.add_argument("--systems", help="which systems, by commas; by default row locks and this architecture")
    driven.add_argument("--steps", action="store_true", help="from row locks to this architecture, an idea at a time")
    repeats = f"how often each knee is found; by default {REPEATS} in hot and mixed, else once"
    parser.add_argument("--repeats", type=_whole(1, REPEATS_MAX), help=repeats)
    endurance = f"seconds at 70 %% of the knee, 0 for none; by default {ENDURANCE_SECONDS} in hot and mixed, else none"
    parser.add_argument("--endurance", type=_whole(0, ENDURANCE_SECONDS_MAX), help=endurance)
    parser.add_argument("--sync-ms", type=_sync_ms, default=0.0, help="least time of a disk sync; by default as it is")
    parser.add_argument(
        "--database-flush",
        choices=list(FLUSHES),
        default="commit",
        help="when the database of every system syncs its log: at each commit (default), or once a second",
    )
    parser.add_argument("--rate", type=int, help="rate of hammer, storm and db-away; by default half of what each held")
    parser.add_argument("--out", help="folder for the raw files and the report")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON on standard output")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="write docs/load-report.md anew, with this run among the published ones",
    )
    return parser


def _sync_ms(text: str) -> float:
    value = float(text)
    if not 0 <= value <= SYNC_MS_MAX:
        raise ValueError
    return value


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    """Reads a whole number of this range."""

    def number(text: str) -> int:
        if not lowest <= (value := int(text)) <= highest:
            raise ValueError
        return value

    return number


def _name(given: argparse.Namespace) -> str:
    """Name of a new run's folder."""
    marks = [given.scenario, *(["steps"] if given.steps else []), *(["quick"] if given.quick else [])]
    marks += [f"sync-{given.sync_ms:g}-ms"] if given.sync_ms else []
    marks += ["flush-second"] if given.database_flush == "second" else []
    return "-".join([*marks, time.strftime("%Y%m%d-%H%M%S")])


def _report(folder: Path, as_json: bool, is_published: bool) -> int:
    """Write the report of everything that the folder holds, and print the result."""
    run = raw.read_json(folder / "run.json")
    if SCENARIOS[run["scenario"]].course:
        return _report_course(folder, run, as_json, is_published)
    # One after the other, because the answers of all systems together fill the memory of a small machine.
    measured = [figures_of(each) for name in ALL_SYSTEMS for each in raw.read_systems(folder, [name])]
    page = write(folder, run, measured)
    if circumstances.is_busy(run):
        _say(f"other work took {circumstances.other_work_of(run)} cores: these figures are no capacity")
    if is_published and circumstances.is_busy(run):
        return _fail("Nothing was published: run it again on a machine that does nothing else.")
    if is_published:
        _say(f"published {publish(folder, run, measured)}")
    result = summary(run, measured) | {"folder": str(folder), "report": str(page)}
    print(json.dumps(result, ensure_ascii=False) if as_json else _table(measured, page))
    broken = sum(len(turn.violations) for each in measured for turn in each.all_turns)
    return _fail(f"{broken} promises were broken: these figures must not be used.") if broken else 0


def _report_course(folder: Path, run: dict[str, Any], as_json: bool, is_published: bool) -> int:
    measured = course.read(folder, ALL_SYSTEMS)
    page = course.write(folder, run, measured)
    if circumstances.is_busy(run):
        _say(f"other work took {circumstances.other_work_of(run)} cores: these figures are no capacity")
    if is_published and circumstances.is_busy(run):
        return _fail("Nothing was published: run it again on a machine that does nothing else.")
    if is_published:
        _say(f"published {publish(folder, run, measured)}")
    result = course.summary(run, measured) | {"folder": str(folder), "report": str(page)}
    printed = "\n".join([*(f"{each.name}:{outcome_of(each)}" for each in measured), f"report: {page}"])
    print(json.dumps(result, ensure_ascii=False) if as_json else printed)
    broken = sum(len(each.violations) + each.lost + each.doubled for each in measured)
    return _fail(f"{broken} promises were broken: these figures must not be used.") if broken else 0


def _table(measured: list[SystemFigures], page: Path) -> str:
    rows = []
    for each in measured:
        bound = ", client-bound" if each.knee.client_bound else ""
        low, high = spread_of(each.knees)
        spread = f" ({low or '-'} to {high or '-'} in {len(each.repeats)} repeats)" if len(each.repeats) > 1 else ""
        rows.append(
            f"{each.name:<13} holds {each.knee.held or '-'}{spread}, chokes at {each.knee.choked or '-'}{bound}"
        )
    return "\n".join([*rows, f"report: {page}"])


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _fail(text: str, status: int = 1) -> int:
    print(text, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
