"""Accepted bids per second through the bid door, as a ratio to a bare Flask route and to a route behind our hooks.

    python -m bench.bid [--runs 5] [--seconds 6] [--workers 1] [--json]

`bare_ratio` compares with a route of a bare Flask application (`bench/bare.py`) without settings, hooks, session or
form, on the same server with as many workers. `hooks_ratio` compares with a route of our application that passes the
same hooks as a bid (session, CSRF, limits, headers) and does nothing (`bench/app.py`). All get requests from the same
tool, with the same headers and bodies, in turns, so that the machine's other work affects all. The CPU of each process,
read from the kernel, is told in milliseconds per answer.

Every bid is by another person or another chance of that person. Accepted bids are counted by the engine, refused and
broken answers apart. Afterwards the backlog is recorded and the auction checked: a fast answer that breaks an invariant
is worth nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import redis

from bench import report, servers
from bench.live_process import tree_cpu_seconds
from bench.prepared_bids import CHANCES, CONNECTIONS, load, prepare
from bench.scene import publish, settings
from cashticket import create_app
from cashticket.ledger.recording import record_waiting
from cashticket.wiring import current_engine
from lab.signed_in import SignedIn, add_people, invite

BIDS_PER_SECOND_MAX = 4000


class Route(NamedTuple):
    """One route: where it is, and the processes that serve it."""

    address: str
    path: str
    web: int
    store: int


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of the load tool against one route. CPU is in milliseconds per answer."""

    accepted: int
    refused: int
    broken: int
    seconds: float
    p50_ms: float
    p99_ms: float
    web_cpu_ms: float
    store_cpu_ms: float

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns of each route (default 5)")
    parser.add_argument("--seconds", type=int, default=6, help="length of one turn (default 6)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as folder, servers.live_store(Path(folder)) as store:
        os.environ.update(settings(Path(folder), store))
        figure = measure(given.runs, given.seconds, given.workers, Path(folder))
    report.finish(figure, given.json)
    if figure["mismatches"]:
        sys.exit("the auction does not check: this figure must not be used")


def measure(runs: int, seconds: int, workers: int, folder: Path) -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        auction = publish()
        people_a_turn = BIDS_PER_SECOND_MAX * seconds // CHANCES
        guests = invite(app, current_engine(), auction, add_people(people_a_turn * runs + 2))
        turns: dict[str, list[Run]] = {"bid": [], "yardstick": [], "bare": []}
        with _routes(workers, auction) as routes:
            _probe(routes["bid"], guests.pop())
            for turn in range(runs):
                print(f"turn {turn + 1}/{runs}", file=sys.stderr)
                mine = guests[turn * people_a_turn : (turn + 1) * people_a_turn]
                for name, route in routes.items():
                    turns[name].append(take_turn(route, auction if name == "bid" else None, folder, mine, seconds))
                    print(f"  {name}: {turns[name][-1].rate:,.0f}/s", file=sys.stderr)
        mismatches = _check(auction)
    return _figure(**turns) | {"workers": workers, "mismatches": mismatches}


@contextmanager
def _routes(workers: int, auction: int) -> Iterator[dict[str, Route]]:
    """The three routes, on two servers that run side by side."""
    environ, store = dict(os.environ), redis.Redis.from_url(os.environ["REDIS_URL"]).info("server")["process_id"]
    ours = servers.web_process(environ, "bench.app:app", workers, CONNECTIONS, "/healthz")
    bare = servers.web_process(environ, "bench.bare:app", workers, CONNECTIONS, "/bare", "python:bench.bare")
    with ours as (address, web), bare as (bare_address, bare_web):
        yield {
            "bid": Route(address, f"/auctions/{auction}/bids", web, store),
            "yardstick": Route(address, "/yardstick", web, store),
            "bare": Route(bare_address, "/bare", bare_web, store),
        }


def take_turn(route: Route, auction: int | None, folder: Path, guests: list[SignedIn], seconds: int) -> Run:
    """Load one route with requests of these guests. Bids in `auction` are counted by the engine."""
    prepared, before = prepare(folder, route.path, guests), _given_out(auction)
    web, store = tree_cpu_seconds(route.web), tree_cpu_seconds(route.store)
    answer = load(route.address, prepared, seconds)
    web, store = tree_cpu_seconds(route.web) - web, tree_cpu_seconds(route.store) - store
    served = answer["requests"] - answer["not_2xx"]
    # The tool does not count a bid still on its way when it stops, so the smaller number is the right one.
    accepted = served if auction is None else min(served, _given_out(auction) - before)
    return Run(
        accepted=accepted,
        refused=answer["not_2xx"],
        broken=answer["broken"],
        seconds=answer["seconds"],
        p50_ms=answer["p50_ms"],
        p99_ms=answer["p99_ms"],
        web_cpu_ms=1000 * web / max(1, accepted),
        store_cpu_ms=1000 * store / max(1, accepted),
    )


def _given_out(auction: int | None) -> int:
    return current_engine().read(auction).sequence if auction is not None else 0


def _figure(bid: list[Run], yardstick: list[Run], bare: list[Run]) -> dict[str, Any]:
    figure: dict[str, Any] = {"bench": "bid"}
    for name, others in (("bare", bare), ("hooks", yardstick)):
        ratios = report.spread([mine.rate / other.rate for mine, other in zip(bid, others, strict=True)])
        figure |= {f"{name}_ratio": ratios["median"], f"{name}_ratio_spread": ratios}
    figure["accepted_per_second"] = report.spread([run.rate for run in bid])
    figure["yardstick_per_second"] = report.spread([run.rate for run in yardstick])
    figure["bare_per_second"] = report.spread([run.rate for run in bare])
    for name, runs in (("bid", bid), ("yardstick", yardstick), ("bare", bare)):
        figure[f"{name}_cpu_ms"] = report.spread([run.web_cpu_ms for run in runs])["median"]
        figure[f"{name}_p99_ms"] = report.spread([run.p99_ms for run in runs])["median"]
    return figure | {
        "bid_store_cpu_ms": report.spread([run.store_cpu_ms for run in bid])["median"],
        "accepted": sum(run.accepted for run in bid),
        "refused": sum(run.refused for run in bid),
        "broken": sum(run.broken for run in bid),
        "p50_ms": report.spread([run.p50_ms for run in bid])["median"],
    }


def _probe(route: Route, guest: SignedIn) -> None:
    """Send one bid. Exits if it is refused, because every figure would then be meaningless."""
    headers = {"Cookie": guest.cookie, "X-CSRFToken": guest.token, "Accept": "application/json"}
    request = urllib.request.Request(route.address + route.path, b"amount=100000&request_id=probe", headers)
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except urllib.error.HTTPError as error:
        sys.exit(f"a plain bid was answered {error.code}: {error.read().decode()[:300]}")


def _check(auction: int) -> list[str]:
    """Record the backlog and run `auction check`. Returns the lines it prints, none when the auction is sound."""
    while record_waiting(current_engine(), auction):
        pass
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "auction", "check", str(auction)],
        capture_output=True,
        text=True,
        cwd=servers.ROOT,
        check=False,
    )
    return [] if answer.returncode == 0 else (answer.stdout + answer.stderr).strip().splitlines()


if __name__ == "__main__":
    main()
