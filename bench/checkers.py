"""How long the checkers take for a million operations: read the history back, then check every promise.

    python -m bench.checkers [--operations 1000000] [--auctions 20] [--seed 1] [--json]

The history is synthetic (`lab.synthetic`), written as JSON lines as clients write it, and read again; making and
writing it are not counted. Sound evidence must give no complaint, and evidence with a single lost bid must give one: a
fast checker that finds nothing is worth nothing.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import report
from lab import history, synthetic
from lab.checkers import CHECKERS, violations
from lab.evidence import Evidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--auctions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    figure = measure(given.operations, given.auctions, given.seed)
    report.finish(figure, given.json)
    if figure["complaints"] or not figure["lost_bid_found"]:
        sys.exit("the checkers do not distinguish sound evidence from evidence with a lost bid")


def measure(operations: int, auctions: int, seed: int) -> dict[str, Any]:
    made = synthetic.synthetic_evidence(seed, auctions, operations)
    endings = made.endings
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as folder:
        path = Path(folder) / "history.jsonl"
        history.write(path, made.operations)
        del made
        print("made up; reading and checking ...", file=sys.stderr)
        began, worked = time.perf_counter(), time.process_time()
        evidence = Evidence(history.read(path), endings)
        read_seconds = time.perf_counter() - began
        complaints = len(violations(evidence))
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    return {
        "bench": "checkers",
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "read_seconds": round(read_seconds, 2),
        "operations": len(evidence.operations),
        "per_second": round(len(evidence.operations) / seconds),
        "bids": sum(len(ending.rows) for ending in endings),
        "auctions": auctions,
        "checkers": len(CHECKERS),
        "complaints": complaints,
        "lost_bid_found": _finds_a_lost_bid(evidence),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _finds_a_lost_bid(evidence: Evidence) -> bool:
    """Whether a lost bid is found. Checks one auction alone; this says nothing about speed."""
    ending = evidence.endings[-1]
    own = [operation for operation in evidence.operations if operation.question.get("auction") == ending.auction]
    del ending.rows[len(ending.rows) // 2]
    return {"I1", "I5", "I14"} <= {complaint.invariant for complaint in violations(Evidence(own, [ending]))}


if __name__ == "__main__":
    main()
