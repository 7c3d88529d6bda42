"""Accepted bids per second through the bid door, as a ratio to a route of the same application that does nothing.

    python -m bench.bid [--runs 5] [--seconds 6] [--json]

Both routes pass the same hooks (session, CSRF, limits, headers) and get requests from the same tool, with the same
headers and bodies, in turns, so that the machine's other work affects both. Every bid is by another person or another
chance of that person. Accepted bids are counted by the engine, refused and broken answers apart. Afterwards the backlog
is recorded and the auction checked: a fast answer that breaks an invariant is worth nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import report, servers
from cashticket import create_app
from cashticket.auction.terms import NO_CEILING
from cashticket.ledger.recording import record_waiting
from cashticket.wiring import current_engine
from lab.signed_in import SignedIn, add_people, invite

THREADS = 2
CONNECTIONS = 32
CHANCES = 3
BIDS_PER_SECOND_MAX = 4000


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of the load tool against one route."""

    accepted: int
    refused: int
    broken: int
    seconds: float
    p50_ms: float
    p99_ms: float

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
        os.environ.update(
            APP_ENV="development",
            SECRET_KEY="a key for measuring only",
            DATABASE_URL=f"sqlite:///{folder}/ledger.db",
            REDIS_URL=store,
            RATE_LIMITS="off",
            MAIL_URL=f"file:{folder}/mail",
            WITNESS_DIR=f"{folder}/witness",
        )
        figure = measure(given.runs, given.seconds, given.workers, Path(folder))
    report.finish(figure, given.json)
    if figure["mismatches"]:
        sys.exit("the auction does not check: this figure must not be used")


def measure(runs: int, seconds: int, workers: int, folder: Path) -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        _flask("db", "upgrade")
        auction = _publish()
        people_a_turn = BIDS_PER_SECOND_MAX * seconds // CHANCES
        guests = invite(app, current_engine(), auction, add_people(people_a_turn * runs + 2))
        with servers.web(dict(os.environ), "bench.app:app", workers, CONNECTIONS) as address:
            _probe(address, auction, guests.pop())
            turns = []
            for turn in range(runs):
                print(f"turn {turn + 1}/{runs}", file=sys.stderr)
                mine = guests[turn * people_a_turn : (turn + 1) * people_a_turn]
                turns.append(_take_turn(address, auction, folder, mine, seconds))
        mismatches = _check(auction)
    bids, idle = [bid for bid, _ in turns], [none for _, none in turns]
    return _figure(bids, idle) | {"mismatches": mismatches}


def _take_turn(address: str, auction: int, folder: Path, guests: list[SignedIn], seconds: int) -> tuple[Run, Run]:
    """Load the bid door, then the yardstick, with the same guests."""
    engine, bid_route = current_engine(), f"/auctions/{auction}/bids"
    runs = []
    for route in (bid_route, "/yardstick"):
        before = engine.read(auction).sequence
        answer = _load(address, _prepare(folder, route, guests), seconds)
        accepted = engine.read(auction).sequence - before
        runs.append(_count(answer, accepted if route == bid_route else None))
        print(f"  {route}: {runs[-1].rate:,.0f}/s", file=sys.stderr)
    return runs[0], runs[1]


def _figure(bids: list[Run], idle: list[Run]) -> dict[str, Any]:
    ratios = [bid.rate / none.rate for bid, none in zip(bids, idle, strict=True)]
    return {
        "bench": "bid",
        "ratio": report.spread(ratios)["median"],
        "ratio_spread": report.spread(ratios),
        "accepted_per_second": report.spread([run.rate for run in bids]),
        "yardstick_per_second": report.spread([run.rate for run in idle]),
        "accepted": sum(run.accepted for run in bids),
        "refused": sum(run.refused for run in bids),
        "broken": sum(run.broken for run in bids),
        "p50_ms": report.spread([run.p50_ms for run in bids])["median"],
        "p99_ms": report.spread([run.p99_ms for run in bids])["median"],
        "yardstick_p99_ms": report.spread([run.p99_ms for run in idle])["median"],
    }


def _probe(address: str, auction: int, guest: SignedIn) -> None:
    """Send one bid. Exits if it is refused, because every figure would then be meaningless."""
    headers = {"Cookie": guest.cookie, "X-CSRFToken": guest.token, "Accept": "application/json"}
    request = urllib.request.Request(f"{address}/auctions/{auction}/bids", b"amount=100000&request_id=probe", headers)
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except urllib.error.HTTPError as error:
        sys.exit(f"a plain bid was answered {error.code}: {error.read().decode()[:300]}")


def _prepare(folder: Path, route: str, guests: list[SignedIn]) -> Path:
    """Write each thread's requests: everybody's first chance, then everybody's second, then the third."""
    name = folder / "requests"
    for thread in range(THREADS):
        mine = guests[thread::THREADS]
        with open(f"{name}.{thread + 1}", "w") as file:
            for nth in range(1, CHANCES + 1):
                for place, guest in enumerate(mine):
                    amount = 100_000 + 1000 * (nth * len(mine) + place)
                    file.write(f"{route}\t{guest.cookie}\t{guest.token}\t{amount}\tr{nth}\n")
    return name


def _load(address: str, prepared: Path, seconds: int) -> dict[str, Any]:
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency"]
    command += ["-s", str(Path(__file__).with_name("load.lua")), address, "--", str(prepared)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text_line = next(text_line for text_line in printed.splitlines() if text_line.startswith("RESULT "))
    answer: dict[str, Any] = json.loads(text_line.removeprefix("RESULT "))
    return answer


def _count(answer: dict[str, Any], accepted: int | None) -> Run:
    served = answer["requests"] - answer["not_2xx"]
    return Run(
        # The tool does not count a bid still on its way when it stops, so the smaller number is the right one.
        accepted=served if accepted is None else min(accepted, served),
        refused=answer["not_2xx"],
        broken=answer["broken"],
        seconds=answer["seconds"],
        p50_ms=answer["p50_ms"],
        p99_ms=answer["p99_ms"],
    )


def _publish() -> int:
    concert = ["--title", "Bench", "--artist", "Bench", "--venue", "Bench", "--starts", "2099-01-01T19:00:00+09:00"]
    concert_id = json.loads(_flask("concert", "add", *concert, "--json"))["id"]
    prices = ["--minimum", "100000", "--step", "1000", "--maximum", str(NO_CEILING)]
    terms = ["--seats", "20", *prices, "--opens", "now", "--closes", "+2h"]
    return int(json.loads(_flask("auction", "add", "--concert", str(concert_id), *terms, "--json"))["id"])


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


def _flask(*arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=servers.ROOT, check=False)
    if answer.returncode:
        sys.exit(f"flask {' '.join(arguments)} failed:\n{answer.stderr}")
    return answer.stdout


if __name__ == "__main__":
    main()
