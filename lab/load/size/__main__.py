"""Measures what a bid costs the server that decides it when 1,000 to 1,000,000 bids stand: `flask lab run size`.

    python -m lab.load.size [--quick] [--systems live-store,row-lock] [--out FOLDER] [--json] [--publish]

Ctrl+C stops every server and keeps the raw files. With the same --out a run goes on with what it lacks.
"""

import argparse
import sys
import time
from pathlib import Path

from lab.load import circumstances, raw
from lab.load.report.published import publish_files
from lab.load.report.size import table, write
from lab.load.run import OtherRun
from lab.load.size.command import FULL, QUICK, run, summary
from lab.load.size.points import FILE, FORMS, SCENARIO, read_points
from lab.load.stopping import interrupted_once

REPORTS = circumstances.ROOT / "reports" / "lab"
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for a failure, 2 for wrong arguments, 130 after Ctrl+C."""
    given = _parser().parse_args(arguments)
    forms = given.systems.split(",") if given.systems else list(FORMS)
    if strangers := [form for form in forms if form not in FORMS]:
        return _fail(f"There is no system {', '.join(strangers)}; there are {', '.join(FORMS)}.", 2)
    if missing := circumstances.missing_programs(needs_front=False):
        return _fail("\n".join(missing))
    mark = f"{SCENARIO}-quick" if given.quick else SCENARIO
    folder = Path(given.out or REPORTS / f"{mark}-{time.strftime('%Y%m%d-%H%M%S')}").resolve()
    try:
        with interrupted_once():
            run(folder, forms, QUICK if given.quick else FULL, _say)
    except KeyboardInterrupt:
        _say(f"stopped; the raw files are in {folder}, and --out {folder} goes on with what is missing")
        return INTERRUPTED
    except OtherRun as error:
        return _fail(str(error))
    except (AssertionError, RuntimeError, OSError) as error:
        return _fail(f"{error}\nEverything is stopped; --out {folder} goes on with what is missing.")
    return _report(folder, given.json, given.publish)


def _report(folder: Path, as_json: bool, is_published: bool) -> int:
    facts, page = raw.read_json(folder / "run.json"), write(folder)
    if circumstances.is_busy(facts):
        _say(f"other work took {circumstances.other_work_of(facts)} cores: publish none of these figures")
    if is_published and circumstances.is_busy(facts):
        return _fail("Nothing was published: run it again on a machine that does nothing else.")
    if is_published:
        _say(f"published {publish_files(folder, facts, (FILE,))}")
    head, rows = table(read_points(folder))
    shown = "\n".join(["; ".join(head), *("; ".join(row) for row in rows), f"report: {page}"])
    print(summary(folder) if as_json else shown)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flask lab run size", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="to 100,000 bids, in two rounds")
    parser.add_argument("--systems", help=f"some of {', '.join(FORMS)}, by commas; all by default")
    parser.add_argument("--out", help="folder for the raw files and the report")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON on standard output")
    parser.add_argument("--publish", action="store_true", help="write docs/load-report.md anew, with this run in it")
    return parser


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _fail(text: str, status: int = 1) -> int:
    print(text, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
