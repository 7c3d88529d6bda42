"""How many pages a second one web process and nginx before it give to anonymous visitors, and what a page costs beside
a route of the same application that does nothing (`ratio`) and a route of a bare Flask application (`bare_ratio`).

    python -m bench.page [--runs 5] [--seconds 4] [--json]

The database holds a season of concerts with auctions that run, open later, or have ended. wrk asks as fast as answers
come, with 32 connections, in turns, so that the machine's other work affects all of them.

`home`, `concert`, `auction_straight`, `auction_signed_in` (with a session) and the own part of a bidder (`own_part`) go
straight to the web process. `auction` goes through the shipped nginx, which keeps it a second. `browse_straight` asks
for home page, concerts, one concert and its auction in turn; `browse` for the same through nginx, which keeps the
auction page alone. A `front_ratio` is the rate through nginx by the one straight.

`missed` names the targets that the middle of the turns misses, `client_bound` what wrk may have limited: it used more
than 80 % of its two threads. `front_kept_shares` are the shares of answers that nginx had kept, by path.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import report, servers
from bench.scene import settings
from cashticket import create_app
from cashticket.catalogue.concerts import add_concert
from cashticket.catalogue.plans import Plan
from cashticket.wiring import current_engine, page_cache
from cashticket.work.publishing import publish, store_now
from lab.servers.nginx_server import MISSING, Nginx, nginx_binary
from lab.signed_in import add_people, sign_in

THREADS = 2
CONNECTIONS = 32
CONCERTS = 30
YARDSTICK = "/yardstick"
CLIENT_SHARE_MAX = 0.8
LOGGED = re.compile(r'"path":"(?P<path>[^"]*)".*"cache":"(?P<cache>[A-Z]*)"')
KEPT = ("HIT", "STALE", "UPDATING", "REVALIDATED")
TARGETS = {"home_bare_ratio": 0.4, "concert_bare_ratio": 0.4, "auction_signed_in_bare_ratio": 0.25}
TARGETS |= {"auction_front_ratio": 10, "browse_front_ratio": 10}
"""What is aimed at, with one web process."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns of each route (default 5)")
    parser.add_argument("--seconds", type=int, default=4, help="length of one turn (default 4)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt install wrk")
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as folder, servers.live_store(Path(folder)) as store:
        os.environ.update(settings(Path(folder), store))
        figure = measure(given.runs, given.seconds, given.workers)
    report.finish(figure, given.json)


def measure(runs: int, seconds: int, workers: int) -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=servers.ROOT, check=True)
        concert = _season()
        page_cache().drop()
        cookie = sign_in(app, add_people(1))[0].cookie
    environ = dict(os.environ)
    bare_server = servers.web_process(environ, "bench.bare:app", workers, CONNECTIONS, "/bare", "python:bench.bare")
    ours = servers.web(environ, "bench.app:app", workers, CONNECTIONS)
    with ours as web, _nginx(web) as front, bare_server as (bare, _):
        urls = {
            "home": f"{web}/",
            "concert": f"{web}/concerts/{concert}",
            "auction": f"{front.url}/auctions/1",
            "auction_straight": f"{web}/auctions/1",
            "auction_signed_in": f"{web}/auctions/1",
            "own_part": f"{web}/auctions/1/standing?lang=ko&with=account",
            "browse": f"{front.url}/",
            "browse_straight": f"{web}/",
            "yardstick": f"{web}{YARDSTICK}",
            "bare": f"{bare}/bare",
        }
        cookies = {"own_part": cookie, "auction_signed_in": cookie}
        in_turn = ["/", "/concerts/", f"/concerts/{concert}", "/auctions/1"]
        paths = {"browse": in_turn, "browse_straight": in_turn}
        turns: dict[str, list[dict[str, Any]]] = {name: [] for name in urls}
        sizes = {name: _size(url, cookies.get(name, "")) for name, url in urls.items()}
        for turn in range(runs):
            for name, url in urls.items():
                turns[name].append(load(url, seconds, cookies.get(name, ""), paths.get(name, [])))
                print(f"turn {turn + 1}/{runs} {name}: {_rate(turns[name][-1]):,.0f}/s", file=sys.stderr)
        kept = _kept_shares(front.access_log)
    return _figure(turns, sizes) | {"workers": workers, "front_kept_shares": kept}


@contextmanager
def _nginx(web: str) -> Iterator[Nginx]:
    """The shipped nginx before `web`."""
    binary = nginx_binary()
    if binary is None:
        sys.exit(MISSING)
    port = int(web.rpartition(":")[2])
    with tempfile.TemporaryDirectory(prefix="cashticket-nginx-") as folder:
        nginx = Nginx(binary, Path(folder) / "nginx", [port, port], port)
        try:
            yield nginx.start()
        finally:
            nginx.stop()


def _figure(turns: dict[str, list[dict[str, Any]]], sizes: dict[str, int]) -> dict[str, Any]:
    rates = {name: [_rate(turn) for turn in of_route] for name, of_route in turns.items()}
    figure: dict[str, Any] = {"bench": "page"}
    for name in ("home", "concert", "auction", "auction_straight", "auction_signed_in", "own_part"):
        for kind, yardstick in (("ratio", "yardstick"), ("bare_ratio", "bare")):
            figure |= _ratio(f"{name}_{kind}", rates[name], rates[yardstick])
        figure |= {f"{name}_bytes": sizes[name]}
    for name in ("auction", "browse"):
        figure |= _ratio(f"{name}_front_ratio", rates[name], rates[f"{name}_straight"])
    for name, of_route in turns.items():
        figure[f"{name}_per_second"] = report.spread(rates[name])
        figure[f"{name}_p99_ms"] = report.spread([turn["p99_ms"] for turn in of_route])["median"]
        figure[f"{name}_requests"] = sum(turn["requests"] for turn in of_route)
    figure["client_bound"] = [name for name, of_route in turns.items() if _client_share(of_route) > CLIENT_SHARE_MAX]
    figure["missed"] = [name for name, least in TARGETS.items() if figure[name] < least]
    every = [turn for of_route in turns.values() for turn in of_route]
    return figure | {"broken": sum(turn["broken"] for turn in every), "not_2xx": sum(turn["not_2xx"] for turn in every)}


def _ratio(name: str, rates: list[float], others: list[float]) -> dict[str, Any]:
    """The ratio of two rates of each turn: its middle, and its spread."""
    ratios = report.spread([rate / other for rate, other in zip(rates, others, strict=True)])
    return {name: ratios["median"], f"{name}_spread": ratios}


def _client_share(turns: list[dict[str, Any]]) -> float:
    """The share of its threads that wrk used."""
    return float(sum(turn["client_cpu_seconds"] for turn in turns) / sum(turn["seconds"] for turn in turns) / THREADS)


def _kept_shares(access_log: Path) -> dict[str, float]:
    """The share of answers that nginx had kept, by path."""
    answers: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    with open(access_log, encoding="utf-8") as file:
        for text_line in file:
            request = LOGGED.search(text_line)
            assert request, text_line
            answers[request["path"]] += 1
            kept[request["path"]] += request["cache"] in KEPT
    return {path: round(kept[path] / count, 3) for path, count in sorted(answers.items())}


def _season() -> int:
    """Add concerts with auctions that run, open later, or have ended. Returns the id of one whose auction runs."""
    now = store_now(current_engine())
    first = 0
    for number in range(CONCERTS):
        concert = add_concert(
            title=f"Night {number}", artist="The Lanterns", venue="Han River Hall", starts_at=now + timedelta(days=30)
        )
        first = first or concert.id
        opens = now if number % 2 == 0 else now + timedelta(days=1 + number)
        plan = Plan(concert.id, 20, 100_000, 5_000, opens_at=opens, closes_at=min(opens, now) + timedelta(days=28))
        if plan.closes_at > plan.opens_at:
            publish(current_engine(), plan, now)
    return first


def _size(url: str, cookie: str) -> int:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=10) as answer:
        return len(answer.read())


def load(url: str, seconds: int, cookie: str, paths: Sequence[str] = ()) -> dict[str, Any]:
    """What wrk says of a turn of GETs of `url`, or of these paths there in turn, and its own processor seconds."""
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency"]
    command += [
        "-H",
        f"Cookie: {cookie}",
        "-s",
        str(Path(__file__).with_name("page.lua")),
        url,
        *(["--", *paths] if paths else []),
    ]
    before = _cpu_seconds_of_children()
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = _cpu_seconds_of_children() - before
    text_line = next(text_line for text_line in printed.splitlines() if text_line.startswith("RESULT "))
    answer: dict[str, Any] = json.loads(text_line.removeprefix("RESULT "))
    return answer | {"client_cpu_seconds": used}


def _cpu_seconds_of_children() -> float:
    """Processor seconds of the children of this process that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _rate(turn: dict[str, Any]) -> float:
    return float(turn["requests"] - turn["not_2xx"]) / float(turn["seconds"])


if __name__ == "__main__":
    main()
