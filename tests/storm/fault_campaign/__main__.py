"""Runs faults against a whole installation: `--seed 7 --seconds 45` repeats one run, `--seeds 40` is the long
campaign.

Prints a line for every run, and in the end a table and one line of JSON. With `--report FILE` every outcome is kept
there, and an interrupted campaign of the same commit continues. Exits with 1 when anything was wrong or, in a campaign
of several runs, a goal was missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from tests.storm.fault_campaign.campaign import Campaign, Outcome, add
from tests.storm.fault_campaign.faults import plan
from tests.storm.fault_campaign.report import Report

SECONDS = 45.0


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    seeds = [options.seed] if options.seed is not None else list(range(options.first, options.first + options.seeds))
    if options.plan:
        for fault in plan(seeds[0], options.seconds):
            print(f"{fault.at:6.2f} {fault.action} {fault.target} {fault.seconds} s {fault.milliseconds} ms")
        return 0
    report, done = Report(), _finished_before(options.report, options.seconds)
    for outcome in done.values():
        if outcome.seed in seeds:
            add(report, outcome)
    with ExitStack() as stack:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(prefix="fire-", dir=options.keep)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ct-fire-"))
        _run([seed for seed in seeds if seed not in done], options, Path(folder), report)
    print(report.table())
    print(json.dumps(report.figures()))
    return 1 if report.complaints or (report.missed() and len(seeds) > 1) else 0


def _run(seeds: list[int], options: argparse.Namespace, folder: Path, report: Report) -> None:
    if not seeds:
        return
    with Campaign(folder) as campaign:
        for seed in seeds:
            began = time.monotonic()
            outcome = campaign.run(seed, options.seconds, keep=bool(options.keep))
            add(report, outcome)
            if options.report:
                _keep(options.report, options.seconds, outcome)
            print(f"{outcome.sentence()} ({time.monotonic() - began:.0f} s)", flush=True)
            for complaint in outcome.complaints:
                print(f"  {complaint}", flush=True)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.storm.fault_campaign")
    parser.add_argument("--seed", type=int, help="this run alone")
    parser.add_argument("--seeds", type=int, default=1, help="number of runs")
    parser.add_argument("--first", type=int, default=1, help="the first seed of many")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="seconds of bidding in each run")
    parser.add_argument("--report", type=Path, help="keep each outcome here, and continue from there")
    parser.add_argument("--keep", type=Path, help="a folder for logs and histories that outlives the run")
    parser.add_argument("--plan", action="store_true", help="print the faults of a seed and exit")
    return parser.parse_args(arguments)


def _finished_before(path: Path | None, seconds: float) -> dict[int, Outcome]:
    if path is None or not path.exists():
        return {}
    lines = [json.loads(text_line) for text_line in path.read_text().splitlines()]
    same = {"seconds": seconds, "commit": _commit()}
    return {each["outcome"]["seed"]: Outcome(**each["outcome"]) for each in lines if each["of"] == same}


def _keep(path: Path, seconds: float, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        of = {"seconds": seconds, "commit": _commit()}
        file.write(json.dumps({"of": of, "outcome": asdict(outcome)}) + "\n")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
