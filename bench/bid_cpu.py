"""CPU of an accepted bid in one process, as a multiple of a bare Flask route, without server or client.

    python -m bench.bid_cpu [--runs 9] [--bids 300] [--profile] [--json]

The application and a bare one (`bench/bare.py`) are called as WSGI servers call them, with requests made before, in
turns of `--bids` on one core. A turn counts the CPU of this process only (`time.process_time`); that of the live store
is not in it. Every bid must be answered 201. `--profile` prints afterwards which functions used the time.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import report, servers
from bench.bare import app as bare_app
from bench.scene import publish, settings
from cashticket import create_app
from cashticket.wiring import current_engine
from lab.signed_in import SignedIn, add_people, invite

CHANCES = 3
WARMING_BIDS = 60
PROFILED_LINES = 45

Environ = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="turns of each route (default 9)")
    parser.add_argument("--bids", type=int, default=300, help="requests of one turn (default 300)")
    parser.add_argument("--profile", action="store_true", help="print the functions of the last turn by their time")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as folder, servers.live_store(Path(folder)) as store:
        os.environ.update(settings(Path(folder), store))
        figure = measure(given.runs, given.bids, given.profile)
    report.finish(figure, given.json)


def measure(runs: int, bids: int, is_profiled: bool) -> dict[str, Any]:
    app = create_app()
    with app.app_context():
        auction = publish()
        requests = WARMING_BIDS + bids * (runs + 1)
        guests = invite(app, current_engine(), auction, add_people(-(-requests // CHANCES)))
    environs = [_bid(auction, guests, place) for place in range(requests)]
    _turn(app, environs[:WARMING_BIDS], "201")
    _turn(bare_app, [_bare() for _ in range(WARMING_BIDS)], "200")
    bid_ms, bare_ms = [], []
    for run in range(runs):
        start = WARMING_BIDS + run * bids
        bid_ms.append(_turn(app, environs[start : start + bids], "201"))
        bare_ms.append(_turn(bare_app, [_bare() for _ in range(bids)], "200"))
    bid_profile, bare_profile = (
        _profile(app, environs[-bids:], "201"),
        _profile(bare_app, [_bare() for _ in range(bids)], "200"),
    )
    if is_profiled:
        bid_profile.sort_stats("cumulative").print_stats(PROFILED_LINES)
    ratios = [bid / bare for bid, bare in zip(bid_ms, bare_ms, strict=True)]
    return {
        "bench": "bid_cpu",
        "cpu_ratio": report.spread(ratios)["median"],
        "cpu_ratio_spread": report.spread(ratios),
        "bid_cpu_ms": report.spread(bid_ms),
        "bare_cpu_ms": report.spread(bare_ms),
        "bid_calls": _calls(bid_profile) / bids,
        "bare_calls": _calls(bare_profile) / bids,
        "bids": runs * bids,
    }


def _turn(app: Callable[..., Iterable[bytes]], environs: list[Environ], status: str) -> float:
    """Milliseconds of CPU that each of these requests took. Exits when one is answered otherwise than by `status`."""
    statuses: list[str] = []

    def start_response(line: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        statuses.append(line)

    started = time.process_time()
    for environ in environs:
        answer = app(environ, start_response)
        for _part in answer:
            pass
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    seconds = time.process_time() - started
    others = {each for each in statuses if not each.startswith(status)}
    if others:
        sys.exit(f"a request was answered {others.pop()}: the figure would mean nothing")
    return seconds * 1000 / len(environs)


def _bid(auction: int, guests: list[SignedIn], place: int) -> Environ:
    """The bid number `place`: everybody's first chance, then everybody's second, then the third."""
    nth, guest = divmod(place, len(guests))
    amount = 100_000 + 1000 * place
    body = f"amount={amount}&sure={amount}&request_id=r{nth}".encode()
    return _environ(f"/auctions/{auction}/bids", body) | {
        "HTTP_COOKIE": guests[guest].cookie,
        "HTTP_X_CSRFTOKEN": guests[guest].token,
    }


def _bare() -> Environ:
    return _environ("/bare", b"")


def _environ(path: str, body: bytes) -> Environ:
    """What gunicorn hands over for a POST of `bench/load.lua`."""
    return {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "40000",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "application/json",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
    }


def _profile(app: Callable[..., Iterable[bytes]], environs: list[Environ], status: str) -> pstats.Stats:
    profile = cProfile.Profile()
    profile.enable()
    _turn(app, environs, status)
    profile.disable()
    return pstats.Stats(profile, stream=sys.stderr)


def _calls(profile: pstats.Stats) -> int:
    # The types of the standard library do not know this figure.
    return int(profile.total_calls)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
