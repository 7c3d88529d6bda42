"""The minute after the end of a large auction, while another one is being bid on.

    python -m bench.hammer [--bidders 150000] [--seats 2000] [--seconds 15] [--bids-rate 600] [--json]

Starts the product as in production (bench/hammer_scene.py). Auction A gets its bidders, three bids each, in bulk
through the product's own recording. While B takes bids at a fixed rate through nginx, A ends: how long until the first
result is read, how long until it is settled. Then the result is read, open loop, at rising rates: four of five reads
are pages of the result, one is the reader's own outcome. Bids are counted as accepted, refused and failed apart, and
both auctions are checked whole afterwards.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench import report, servers
from bench.hammer_evening import Evening, passes
from bench.hammer_load import CHANCES, Result, crowd, write_bids
from bench.hammer_scene import Site, say, site, start_work, wait_for
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from lab.filling.auctions import FilledAuction, fill_auction
from lab.filling.reading import PAGE_ROWS
from lab.signed_in import SignedIn, add_people, invite, sign_in

READ_RATES = "600,800,1000,1250,1500,2000,2500,3000"
READERS = 2_000
"""Signed-in bidders of A who read their outcome, again and again."""

FILL_SECONDS_A_BID = 0.0003
"""A generous guess of how long filling takes; A ends only when this has passed."""

READY_SECONDS = 20
BIDS_OF_B_MAX = 250_000
CHECK_SECONDS_MAX = 900
CROWD_READERS, CROWD_SECONDS = 150_000, 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for on the command line."""

    bidders: int
    seats: int
    seconds: float
    bids_rate: float
    read_rates: tuple[float, ...]

    @property
    def bids_seconds(self) -> float:
        """How long bids in B can go on: alone, during the settlement of A, and during all reads."""
        wanted = 5 * self.seconds + 90 + (self.seconds + 3) * len(self.read_rates)
        return min(wanted, BIDS_OF_B_MAX / self.bids_rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bidders", type=int, default=150_000, help="people who bid in A (default 150000)")
    parser.add_argument("--seats", type=int, default=2_000, help="seats of A (default 2000)")
    parser.add_argument("--seconds", type=float, default=15, help="length of each measured turn (default 15)")
    parser.add_argument("--bids-rate", type=float, default=600, help="bids a second in B (default 600)")
    parser.add_argument("--read-rates", default=READ_RATES, help=f"reads a second, one after another ({READ_RATES})")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    rates = tuple(float(rate) for rate in given.read_rates.split(","))
    figure = measure(Plan(given.bidders, given.seats, given.seconds, given.bids_rate, rates))
    report.finish({"bench": "hammer", **figure}, given.json)
    if figure["mismatches"]:
        sys.exit("an auction does not check: these figures must not be used")


def measure(plan: Plan) -> dict[str, Any]:
    with site() as running, running.app.app_context():
        engine: Engine = running.app.extensions["engine"]
        filled, readers = _fill_large(running, engine, plan)
        other, guests = _fill_other(running, engine, plan)
        result = Result(filled.id, -(-plan.bidders // PAGE_ROWS), readers)
        port, bids, reads = running.front.port, running.folder / "bids", running.folder / "reads"
        host = f"127.0.0.1:{port}"
        bid_templates = write_bids(bids, guests, other, host)
        read_templates = result.write(reads, host, int(sum(plan.read_rates) * plan.seconds) + 1_000)
        start_work(running)
        evening = Evening(running, result, plan.seconds, plan.bids_rate, plan.bids_seconds, plan.read_rates)
        with crowd(port, bids, bid_templates) as bidders, crowd(port, reads, read_templates) as crowd_of_readers:
            figure = evening.run(bidders, crowd_of_readers)
        wait_for(lambda: not any(engine.backlog([other]).values()), "end of recording", 120)
        size = {"bidders": plan.bidders, "seats": plan.seats, "bids": filled.bids, "bids_rate": plan.bids_rate}
        return size | _judged(figure) | figure | _checked(running, {"a": filled.id, "b": other})


def _fill_large(running: Site, engine: Engine, plan: Plan) -> tuple[FilledAuction, list[SignedIn]]:
    """Make auction A. Returns it, and some of its bidders signed in."""
    say(f"adding {plan.bidders:,} people")
    people = add_people(plan.bidders)
    bids, spare = CHANCES * plan.bidders, plan.bids_rate * plan.bids_seconds * 0.0003
    ends_in = READY_SECONDS + FILL_SECONDS_A_BID * bids + spare + plan.seconds
    started = time.monotonic()
    filled = fill_auction(
        engine,
        people,
        plan.seats,
        bids_each=range(CHANCES, CHANCES + 1),
        ends_in_ms=int(1000 * ends_in),
        title="The large one",
        progress=lambda what, done, whole: say(f"{what} {done:,} of {whole:,} bids") if done % 50_000 == 0 else None,
    )
    took = time.monotonic() - started
    say(f"filled A in {took:.0f} s; it ends in {ends_in - took:.0f} s")
    return filled, sign_in(running.app, people[:: max(1, len(people) // READERS)][:READERS])


def _fill_other(running: Site, engine: Engine, plan: Plan) -> tuple[int, list[SignedIn]]:
    """Make auction B. Returns its id, and people signed in who may bid there."""
    filled = fill_auction(engine, add_people(100), 20, title="The other one", ends_in_ms=4 * 3_600_000)
    guests = int(plan.bids_rate * (plan.bids_seconds + 2)) // CHANCES + 1
    say(f"inviting {guests:,} people to B")
    invited = invite(running.app, engine, filled.id, add_people(guests))
    db.session.remove()
    return filled.id, invited


def _judged(figure: dict[str, Any]) -> dict[str, Any]:
    """The figures that aims are stated for. What a crowd would need is computed from them, and not measured."""
    passed = [step for step in figure["reads"] if passes(step)]
    quiet = figure["bids_of_b"]["quiet"]["p99_ms"]
    # The busiest rate of reads that everybody was answered at.
    busy = passed[-1]["bids_of_b"]["p99_ms"] if passed else None
    cores = {kind: sum(cost.values()) / 1000 for kind, cost in figure["cpu_ms_a_read"].items()}
    a_read = 0.6 * cores["first_page"] + 0.2 * cores["other_page"] + 0.2 * cores["outcome"]
    return {
        "reads_per_second": passed[-1]["per_second"] if passed else 0.0,
        "outcome_cpu_ms": figure["cpu_ms_a_read"]["outcome"]["web"],
        "bids_p99_ratio": round(busy / quiet, 2) if busy and quiet else None,
        "bids_p99_ms": {"quiet": quiet, "settling": figure["bids_of_b"]["settling"]["p99_ms"], "reads": busy},
        "errors": sum(step["errors"] for step in passed) + figure["bids_of_b"]["in_all"]["errors"],
        "computed": {
            "what": f"{CROWD_READERS:,} reads in {CROWD_SECONDS} s, computed from processor time a read, not measured",
            "reads_per_second": CROWD_READERS / CROWD_SECONDS,
            "cores": round(CROWD_READERS / CROWD_SECONDS * a_read, 2),
        },
    }


def _checked(running: Site, auctions: dict[str, int]) -> dict[str, Any]:
    """Run `auction check` on both. Returns how long each took, and the lines it printed about auctions not sound."""
    seconds, mismatches = {}, []
    for name, auction in auctions.items():
        say(f"checking {name.upper()}")
        started = time.monotonic()
        answer = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "auction", "check", str(auction), "--json"],
            env=running.installation.environment,
            cwd=servers.ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=CHECK_SECONDS_MAX,
        )
        seconds[name] = round(time.monotonic() - started, 1)
        if answer.returncode:
            mismatches.append(f"{name}: {_faults(answer.stdout) or answer.stderr[-500:]}")
    return {"check_seconds": seconds, "mismatches": mismatches}


def _faults(printed: str) -> Any:
    try:
        return json.loads(printed)
    except ValueError:
        return printed[-500:]


if __name__ == "__main__":
    main()
