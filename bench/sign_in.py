"""How long bids of others take while somebody signs in as fast as the site lets them, as a ratio to a quiet site.

    python -m bench.sign_in [--seconds 20] [--connections 80] [--nginx] [--json]

gunicorn runs with the shipped settings, one process, or two behind the shipped nginx. Eighty connections sign in with
the right passwords of ten accounts, from sixteen addresses and without pauses. Limits are off (RATE_LIMITS=off): only
the hashing pool, and with `--nginx` what nginx lets through, stand between them and the threads that serve bids. Bids
come twenty times a second, each by somebody else on a connection of its own. The attacker would have a machine of its
own, so it gets only the processor time that is left.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import report, servers
from cashticket import create_app
from cashticket.accounts.people import add_person
from cashticket.auction.terms import NO_CEILING
from cashticket.wiring import current_engine
from lab.servers.installation import free_port
from lab.servers.nginx_server import Nginx, nginx_binary
from lab.signed_in import SignedIn, add_people, invite

ACCOUNTS = 10
PASSWORD = "correct horse battery"
BID_EVERY_SECONDS = 0.05
BIDDERS = 2_000
SOURCES = 16
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="length of the quiet and of the busy part (default 20)")
    parser.add_argument("--connections", type=int, default=80, help="connections that sign in (default 80)")
    parser.add_argument("--nginx", action="store_true", help="two web processes behind the shipped nginx")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as name, servers.live_store(Path(name)) as store:
        folder = Path(name)
        os.environ.update(
            APP_ENV="development",
            SECRET_KEY="a key for measuring only, long enough",
            DATABASE_URL=f"sqlite:///{folder}/ledger.db",
            REDIS_URL=store,
            RATE_LIMITS="off",
            PROXIES="1" if given.nginx else "0",
            MAIL_URL=f"file:{folder}/mail",
            WITNESS_DIR=f"{folder}/witness",
        )
        auction, guests = _fill()
        with _site(folder, nginx=given.nginx) as port:
            figure = _measure(port, auction, guests, given.seconds, given.connections)
    report.finish({"bench": "sign_in", "nginx": given.nginx, **figure}, given.json)


def _fill() -> tuple[int, list[SignedIn]]:
    """An open auction with people who may bid, and the accounts that sign in."""
    app = create_app()
    with app.app_context():
        _flask("db", "upgrade")
        concert = ["--title", "Bench", "--artist", "B", "--venue", "B", "--starts", "2099-01-01T19:00:00+09:00"]
        concert_id = json.loads(_flask("concert", "add", *concert, "--json"))["id"]
        prices = ["--minimum", "100000", "--step", "1000", "--maximum", str(NO_CEILING)]
        terms = ["--seats", "20", *prices, "--opens", "now", "--closes", "+2h"]
        auction = int(json.loads(_flask("auction", "add", "--concert", str(concert_id), *terms, "--json"))["id"])
        for number in range(ACCOUNTS):
            add_person(f"account{number}@example.com", "Account", PASSWORD, verified=True)
        return auction, invite(app, current_engine(), auction, add_people(BIDDERS))


def _flask(*arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=servers.ROOT, check=True).stdout


@contextmanager
def _site(folder: Path, *, nginx: bool) -> Iterator[int]:
    """The port on which the site is reached."""
    ports = [free_port() for _ in range(2 if nginx else 1)]
    with ExitStack() as stack:
        for port in ports:
            command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
            stack.enter_context(servers.running([*command, "wsgi:app"], dict(os.environ)))
        for port in ports:
            address = f"http://127.0.0.1:{port}/healthz"
            servers.wait_until(lambda address=address: servers.answers(address), "a web process")
        if not nginx:
            yield ports[0]
            return
        front = Nginx(nginx_binary() or sys.exit("nginx is not installed"), folder / "nginx", ports, ports[0])
        front.start()
        stack.callback(front.stop)
        yield front.port


def _measure(port: int, auction: int, guests: list[SignedIn], seconds: int, connections: int) -> dict[str, Any]:
    bidders = iter(guests)
    # The first requests of a process load code and open connections.
    _bid(port, auction, bidders, 2)
    quiet, _ = _bid(port, auction, bidders, seconds)
    statuses: multiprocessing.Queue[Counter[int]] = multiprocessing.Queue()
    attack = multiprocessing.Process(target=_sign_in_all, args=(port, seconds + 2, connections, statuses))
    attack.start()
    time.sleep(1)
    busy, answers = _bid(port, auction, bidders, seconds)
    sign_ins = statuses.get(timeout=seconds + 60)
    attack.join()
    return {
        "ratio": round(_percentile(busy, 99) / _percentile(quiet, 99), 2),
        "quiet_p50_ms": _percentile(quiet, 50),
        "quiet_p99_ms": _percentile(quiet, 99),
        "busy_p50_ms": _percentile(busy, 50),
        "busy_p99_ms": _percentile(busy, 99),
        "busy_max_ms": max(busy),
        "bids": len(busy),
        "bid_answers": dict(answers),
        "sign_ins": dict(sign_ins),
        "load": os.getloadavg()[0],
    }


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _bid(port: int, auction: int, bidders: Iterator[SignedIn], seconds: int) -> tuple[list[float], Counter[int]]:
    """Bid at a steady pace, each bid in a thread of its own, so that a slow one does not hide those after it."""
    waits: list[float] = []
    answers: Counter[int] = Counter()
    threads = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        thread = threading.Thread(target=_one_bid, args=(port, auction, next(bidders), waits, answers))
        thread.start()
        threads.append(thread)
        time.sleep(BID_EVERY_SECONDS)
    for thread in threads:
        thread.join()
    return waits, answers


def _one_bid(port: int, auction: int, guest: SignedIn, waits: list[float], answers: Counter[int]) -> None:
    amount = 100_000 + guest.person * 1000
    body = urlencode({"amount": amount, "sure": amount, "request_id": "bench"})
    headers = FORM | {"Cookie": guest.cookie, "X-CSRFToken": guest.token, "Accept": "application/json"}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.monotonic()
    connection.request("POST", f"/auctions/{auction}/bids", body, headers)
    answer = connection.getresponse()
    answer.read()
    waits.append(round((time.monotonic() - began) * 1000, 1))
    answers[answer.status] += 1
    connection.close()


def _sign_in_all(port: int, seconds: int, connections: int, statuses: "multiprocessing.Queue[Counter[int]]") -> None:
    """Sign in over and over on so many connections. Puts how often each status came."""
    os.nice(19)
    count: Counter[int] = Counter()
    ends_at = time.monotonic() + seconds
    threads = [threading.Thread(target=_sign_in, args=(port, ends_at, n, count)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses.put(count)


def _sign_in(port: int, ends_at: float, number: int, count: Counter[int]) -> None:
    source = (f"127.0.1.{1 + number % SOURCES}", 0)
    body = b""
    headers: dict[str, str] = {}
    for _ in itertools.takewhile(lambda _: time.monotonic() < ends_at, itertools.count()):
        connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)
        try:
            if not body:
                connection.request("GET", "/login")
                answer = connection.getresponse()
                token = answer.read().decode().partition('name="csrf_token" value="')[2].partition('"')[0]
                headers = FORM | {"Cookie": (answer.headers["Set-Cookie"] or "").partition(";")[0]}
                typed = {"email": f"account{number % ACCOUNTS}@example.com", "password": PASSWORD}
                body = urlencode(typed | {"csrf_token": unescape(token)}).encode()
            connection.request("POST", "/login", body, headers)
            answer = connection.getresponse()
            answer.read()
            count[answer.status] += 1
        except (OSError, HTTPException):
            count[0] += 1
        finally:
            connection.close()


if __name__ == "__main__":
    main()
