"""The long run: `python -m tests.storm.failovers --seeds 50`, then `--seeds 50 --first 51`.

Prints a line for each failover and in the end a table. `--report FILE` keeps a line of JSON for each seed; a run
that is started again goes on behind the last one of the same commit. `--replicas 0` waits for no replica, `--kind` sets
one kind for every seed. Exits with 1 when anything was wrong or the goal was missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from tests.storm.failovers.faults import KINDS, LAG, plan
from tests.storm.failovers.installation import Installation
from tests.storm.failovers.report import AGAIN_SECONDS_GOAL, median_again, table
from tests.storm.failovers.run import PEOPLE, Outcome, Run

COMMIT = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    seeds = list(range(options.first, options.first + options.seeds))
    done = _finished_before(options.report, options.replicas) if options.report else {}
    outcomes = [done[seed] for seed in seeds if seed in done]
    missing = [seed for seed in seeds if seed not in done]
    if missing:
        with tempfile.TemporaryDirectory(prefix="ct-failovers-") as folder:
            outcomes += _run(missing, options, Path(folder))
    print(table(outcomes))
    return 1 if any(each.complaints for each in outcomes) or median_again(outcomes) > AGAIN_SECONDS_GOAL else 0


def _run(seeds: list[int], options: argparse.Namespace, folder: Path) -> list[Outcome]:
    outcomes, installation = [], Installation(folder / "site", options.replicas, PEOPLE)
    try:
        installation.start(without=("bids",) if options.no_drain else ())
        for seed in seeds:
            began, chosen = time.monotonic(), plan(seed)
            run = Run(installation, seed, replace(chosen, kind=options.kind or chosen.kind))
            outcome = run.run()
            outcomes.append(outcome)
            installation.void(run.auction_id)
            if options.report:
                _keep(options.report, options.replicas, outcome)
            print(f"{outcome.sentence()} ({time.monotonic() - began:.0f} s)", flush=True)
            for complaint in outcome.complaints:
                print(f"  {complaint}", flush=True)
            if outcome.complaints and options.logs:
                _keep_logs(folder, options.logs / f"seed-{seed}")
    finally:
        installation.stop()
    return outcomes


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.storm.failovers")
    parser.add_argument("--seeds", type=int, default=1, help="number of failovers")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--report", type=Path, help="keep each outcome here, and go on from there")
    parser.add_argument("--replicas", type=int, default=1, help="STORE_REPLICAS of the installation")
    parser.add_argument("--kind", choices=(*KINDS, LAG), help="one kind for every seed")
    parser.add_argument("--no-drain", action="store_true", help="record nothing, so that the live store alone has bids")
    parser.add_argument("--logs", type=Path, help="keep the logs of failovers with complaints here")
    return parser.parse_args(arguments)


def _finished_before(path: Path, replicas: int) -> dict[int, Outcome]:
    rows = [json.loads(row) for row in path.read_text().splitlines()] if path.exists() else []
    same = {"replicas": replicas, "commit": COMMIT}
    return {row["outcome"]["seed"]: Outcome(**row["outcome"]) for row in rows if row["of"] == same}


def _keep(path: Path, replicas: int, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        of = {"replicas": replicas, "commit": COMMIT}
        file.write(json.dumps({"of": of, "outcome": asdict(outcome)}) + "\n")


def _keep_logs(folder: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for log in folder.rglob("*.log"):
        (target / log.name).write_bytes(log.read_bytes())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
