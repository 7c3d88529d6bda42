"""Drives one system with Locust, keeps its HTML page, and checks every promise.

    python -m lab.load.locust [--people 10] [--seconds 60] [--system architecture] [--out FOLDER] [--json]

Locust's people wait for an answer before they go on, so a slow system is asked less: this is a second opinion and no
judgement. The first seconds count, without a warm-up. Ctrl+C stops every process and keeps the raw files.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.load import circumstances, raw, site
from lab.load.client import ClientFailed, Usage, environment_of, run_client
from lab.load.figures import TurnFigures, turn_figures
from lab.load.journeys import JourneyTurns, Visits
from lab.load.site import Site
from lab.load.stopping import interrupted_once
from lab.load.systems import SYSTEMS
from lab.load.turns import Load

LOCUST = circumstances.ROOT / ".venv" / "locust" / "bin" / "locust"
MISSING = "Locust is not installed: run `make lab-locust`"
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
REPORTS = circumstances.ROOT / "reports" / "lab"
PACING_SECONDS = 5
LAST_VISITS_SECONDS = 15
"""How long the last visits may take to their end; a bid that is cut off could be in the ledger unanswered."""
INTERRUPTED = 130


def visits_of(people: int) -> Visits:
    """So many people, each with a visit in PACING_SECONDS."""
    return Visits(bids=people / PACING_SECONDS)


class LocustTurns(JourneyTurns):
    """Drives one running system with so many people who sign in and bid, each a visit in PACING_SECONDS."""

    def __init__(self, site: Site, page: Path) -> None:
        super().__init__(site, visits_of)
        self._page = page
        self._people = 0

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        """Everybody's first visit is at the beginning: one more than the pace alone says."""
        self._people = rate
        load = super().prepare(rate, seconds + PACING_SECONDS, folder)
        facts = load.facts | {"cost_units": rate * seconds}
        return replace(load, plan=load.plan | {"pacing": PACING_SECONDS}, facts=facts)

    def drive(self, plan: Path, console: Path, seconds_max: float, look: Callable[[], None]) -> Usage:
        document = raw.read_json(plan)
        raw.write_json(plan, document | {"answers": str(console)})
        people = str(self._people)
        command = [str(LOCUST), "--headless", "--locustfile", str(LOCUSTFILE), "--host", document["target"]]
        command += ["--users", people, "--spawn-rate", people, "--run-time", f"{document['seconds']}s"]
        command += ["--stop-timeout", str(LAST_VISITS_SECONDS), "--exit-code-on-error", "0"]
        command += ["--html", str(self._page), "--only-summary", "--loglevel", "WARNING"]
        return run_client("Locust", command, environment_of(plan), console.with_suffix(".log"), seconds_max, look)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for a failure or a broken promise, 2 for wrong arguments, 130 after Ctrl+C."""
    given = _parser().parse_args(arguments)
    system = SYSTEMS[given.system]
    missing = circumstances.missing_programs(needs_front=system.has_front, needs_k6=False)
    missing += [] if LOCUST.exists() else [MISSING]
    if missing:
        return _fail("\n".join(missing))
    folder = Path(given.out or REPORTS / f"locust-{time.strftime('%Y%m%d-%H%M%S')}").resolve()
    if folder.exists():
        return _fail(f"{folder} exists; choose another folder.")
    page, visits = folder / "locust.html", folder / "visits"
    try:
        with interrupted_once(), site.running(system, folder / "processes", _say) as running:
            _say(f"{given.people} people for {given.seconds} s")
            LocustTurns(running, page).hold(given.people, given.seconds, visits)
    except KeyboardInterrupt:
        _say(f"stopped; the raw files are in {folder}")
        return INTERRUPTED
    except (ClientFailed, AssertionError, RuntimeError, OSError) as error:
        return _fail(f"{error}\nEverything is stopped; the raw files are in {folder}.")
    figures = turn_figures(raw.read_turn(visits))
    result = _result(figures, given) | {"report": str(page)}
    raw.write_json(folder / "result.json", result)
    print(json.dumps(result, ensure_ascii=False) if given.json else _table(figures, page))
    broken = len(figures.violations)
    return _fail(f"{broken} promises were broken: these figures must not be used.") if broken else 0


def _result(figures: TurnFigures, given: argparse.Namespace) -> dict[str, Any]:
    """What the readers of nGrinder know, tests a second and their mean time, and the rest of a turn."""
    return {
        "tool": "locust",
        "system": given.system,
        "people": given.people,
        "seconds": given.seconds,
        "tests_per_second": round(figures.answered_per_second, 1),
        "mean_ms": round(figures.mean_ms, 1),
        "p95_ms": round(figures.p95_ms, 1),
        "answered": figures.answered,
        "errors": sum(figures.errors.values()),
        "accepted": figures.accepted,
        "steps": {each.name: {"count": each.count, "mean_ms": round(each.mean_ms, 1)} for each in figures.steps},
        "client_bound": figures.client_bound,
        "broken_promises": figures.violations,
        "commit": circumstances.commit(),
        "machine": circumstances.machine(),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    """As of every run, with the client that drove this one."""
    versions = circumstances.versions()
    versions.pop("k6", None)
    printed = subprocess.run([LOCUST, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    return versions | {"Locust": printed.split()[1]}


def _table(figures: TurnFigures, page: Path) -> str:
    rows = [f"{'step':<14}{'answers':>9}{'mean':>9}{'p95':>9}{'errors':>8}"]
    for each in figures.steps:
        errors = sum(each.errors.values())
        rows.append(f"{each.name:<14}{each.count:>9}{each.mean_ms:>6.0f} ms{each.p95_ms:>6.0f} ms{errors:>8}")
    rows.append(f"{figures.answered_per_second:.1f} answers a second, {figures.accepted} bids accepted")
    rows += [f"client-bound: {why}" for why in figures.client_bound]
    return "\n".join([*rows, f"report: {page}"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flask lab locust", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=_positive, default=10, help="how many sign in and bid at once (default 10)")
    parser.add_argument("--seconds", type=_positive, default=60, help="how long (default 60)")
    parser.add_argument("--system", choices=list(SYSTEMS), default="architecture", help="what is driven")
    parser.add_argument("--out", help="a new folder for Locust's page and the raw files")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON on standard output")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
