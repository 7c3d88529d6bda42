"""Everything a measurement of sockets needs on one machine: store, ledger, live service, a busy auction, and people."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import servers
from cashticket import create_app
from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import Permission
from cashticket.catalogue.concerts import add_concert
from cashticket.catalogue.plans import Plan
from cashticket.wiring import current_engine
from cashticket.work.publishing import publish, store_now
from lab.filling import auctions as filling
from lab.servers.installation import free_port
from lab.servers.nginx_server import Nginx, nginx_binary
from lab.signed_in import SignedIn, add_people, invite

MINIMUM, STEP = 100_000, 1_000
SPARE_FILES = 2_000
INTRODUCED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Scene:
    """Addresses and ids. `watching` are people with a session, `bidding` all who bid during the measurement, those
    watching among them. `step` is the bid step in won."""

    store: str
    auction: int
    origin: str
    port: int
    live_pid: int
    watching: list[SignedIn]
    bidding: list[int]
    step: int


def raise_file_limit(sockets: int) -> None:
    """Let this process and its children open enough files. Exits when the system does not allow it."""
    wanted = sockets + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        sys.exit(f"{sockets} sockets need {wanted} open files, and {hard} are allowed: raise `ulimit -Hn` first")


@contextmanager
def scene_of_sockets(
    sockets: int, signed_in: int, bidders: int, seats: int, crowd: int, *, nginx: bool
) -> Iterator[Scene]:
    """Prepare everything for `sockets` sockets, of which `signed_in` have their own session. A `crowd` of other people
    has bid before."""
    raise_file_limit(sockets)
    with tempfile.TemporaryDirectory(prefix="cashticket-bench-") as name, servers.live_store(Path(name)) as store:
        folder = Path(name)
        live_port = free_port()
        front = Nginx(nginx_or_exit(), folder / "nginx", [live_port, live_port], live_port) if nginx else None
        port = front.port if front else live_port
        os.environ.update(
            APP_ENV="testing",
            SECRET_KEY="a key for measuring only",
            DATABASE_URL=f"sqlite:///{folder}/ledger.db",
            REDIS_URL=store,
            BASE_URL=f"http://127.0.0.1:{port}",
            # A quarter is kept for the signed-in, of whom there may be none.
            SOCKETS_MAX=str(sockets * 4 // 3 + 100),
            MAIL_URL=f"file:{folder}/mail",
            WITNESS_DIR=f"{folder}/witness",
        )
        auction, watching, bidding = _fill(signed_in, bidders, seats, crowd)
        step = filling.STEP if crowd else STEP
        with _live(live_port, sockets) as pid:
            if front:
                front.start()
            try:
                yield Scene(store, auction, os.environ["BASE_URL"], port, pid, watching, bidding, step)
            finally:
                if front:
                    front.stop()


def nginx_or_exit() -> str:
    """Path of the installed nginx. Exits without one."""
    return nginx_binary() or sys.exit("nginx is not installed")


def _fill(signed_in: int, bidders: int, seats: int, crowd: int) -> tuple[int, list[SignedIn], list[int]]:
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=servers.ROOT, check=True)
    app = create_app()
    with app.app_context():
        auction = _auction(seats, crowd)
        people = add_people(max(bidders, signed_in))
        every = max(1, len(people) // max(1, signed_in))
        # Spread evenly among the bidders, so that always the same share of displaced people watches.
        watching = people[::every][:signed_in]
        engine = current_engine()
        with ThreadPoolExecutor(INTRODUCED_AT_ONCE) as introducing:
            list(introducing.map(lambda each: engine.introduce(auction, each, Permission.OK, 1, 1), people))
        return auction, invite(app, engine, auction, watching), people


def _auction(seats: int, crowd: int) -> int:
    """A running auction: without a bid, or with one bid of each person of a crowd, made in bulk."""
    engine = current_engine()
    if crowd:
        people = add_people(crowd)
        return filling.fill_auction(engine, people, seats, bids_each=range(1, 2), ends_in_ms=3 * filling.HOUR_MS).id
    now = store_now(engine)
    concert = add_concert(title="Many sockets", artist="Bench", venue="Bench", starts_at=now + timedelta(days=30))
    window = {"opens_at": now, "closes_at": now + timedelta(hours=3)}
    plan = Plan(concert.id, seats, MINIMUM, STEP, **window, maximum=NO_CEILING)
    return int(publish(engine, plan, now).id)


@contextmanager
def _live(port: int, sockets: int) -> Iterator[int]:
    """The live service with the settings of the container installation. Yields the process id of its one worker."""
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gevent", "--worker-connections", str(sockets + 500), "wsgi:live"]
    with servers.running(command, os.environ.copy()) as process:
        servers.wait_until(lambda: servers.answers(f"http://127.0.0.1:{port}/healthz"), "the live service")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield int(children[0])
