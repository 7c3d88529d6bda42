"""How long a mail with a link for a new password takes while the results of a large auction are being mailed.

    python -m bench.post [--mails 150000] [--seats 2000] [--resets 60] [--every 2] [--workers 1] [--to-end] [--json]

MariaDB, a queue store and the product's own mail workers, as durable as in production; the mail server is a sink on
127.0.0.1 (bench/mail_sink.py). First nothing waits, and resets are asked for one after the other, as the door does.
Then notices are stored in bulk, one for each bidder of an auction that has ended, as many of them wins as there are
seats; the product adds their mails, the workers begin to send, and as many resets are asked for in the same way.

With `--to-end` resets go on until nothing waits, and `end` tells how long all of it took and how the messages ended.

The figure is the longest delay of a reset meanwhile, from the call that stores it until the sink has its mail, and
`ratio` the median one by the median when nothing waited. `taken` counts all mails that left meanwhile. The run fails
when a reset did not come, or when the queue was empty before the last one was asked for.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from bench import report
from bench.hammer_scene import say
from bench.mail_sink import MailSink, running_sink
from bench.post_notices import WINDOW, store_notices
from cashticket import create_app
from cashticket.accounts import recovery
from cashticket.extensions import db
from cashticket.models import OutboxMessage, Person
from cashticket.models.outbox import MessageState, Source
from cashticket.wiring import current_engine
from cashticket.work import queueing
from lab.filling.auctions import fill_auction
from lab.servers.installation import Installation, ServerProcess
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.signed_in import add_people

COMES_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for on the command line."""

    mails: int
    seats: int
    resets: int
    every: float
    workers: int
    to_end: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=150_000, help="mails about results that wait (default 150000)")
    parser.add_argument("--seats", type=int, default=2_000, help="wins among them (default 2000)")
    parser.add_argument("--resets", type=int, default=60, help="resets, quiet and meanwhile (default 60 of each)")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two resets (default 2)")
    parser.add_argument("--workers", type=int, default=1, help="mail workers (default 1)")
    parser.add_argument("--to-end", action="store_true", help="go on until every mail has left")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    plan = Plan(given.mails, given.seats, given.resets, given.every, given.workers, given.to_end)
    with running_sink() as sink, site(sink, plan.workers) as workers:
        figure = measure(plan, sink, workers)
    report.finish(figure, given.json)


@contextmanager
def site(sink: MailSink, count: int) -> Iterator[list[ServerProcess]]:
    """Stores and the application's context, with mail workers that are not started yet."""
    if mariadb_binary() is None:
        sys.exit("MariaDB is not installed")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cashticket-post-")))
        database = MariaDbServer(durable=True)
        stack.callback(database.remove)
        installation = Installation(folder, database.start().create_database("post"))
        installation.environment["MAIL_URL"] = sink.url
        stack.callback(installation.stop)
        installation.store.start()
        say("migrating the database")
        installation.flask("db", "upgrade")
        os.environ.update(installation.environment)
        stack.enter_context(create_app().app_context())
        workers = [installation.server(f"mail-{number}", "worker.py", "mail") for number in range(count)]
        for worker in workers:
            stack.callback(worker.stop)
        yield workers


def measure(plan: Plan, sink: MailSink, workers: Sequence[ServerProcess]) -> dict[str, Any]:
    say(f"adding {plan.mails:,} people")
    windows = [min(WINDOW, plan.mails - start) for start in range(0, plan.mails, WINDOW)]
    people = [person for size in windows for person in add_people(size)]
    auction = fill_auction(current_engine(), people[:10], plan.seats, ends_in_ms=-1_000).id
    first, *addresses = _addresses(people, 1 + 2 * plan.resets)
    for worker in workers:
        worker.start()
    # Not counted: the workers start.
    resets(sink, [first], plan.every)
    say("resets while nothing waits")
    quiet = resets(sink, addresses[: plan.resets], plan.every)
    say(f"storing {plan.mails:,} notices with their mails")
    store_notices(auction, people, plan.seats)
    before, began = sink.taken, time.monotonic()
    queueing.deliver()
    say("resets while the results are mailed")
    busy = resets(sink, addresses[plan.resets :], plan.every)
    if plan.to_end:
        busy += resets_until_sent(sink, addresses, plan.every)
    seconds, taken, waiting = time.monotonic() - began, sink.taken - before, _waiting()
    if not waiting and not plan.to_end:
        sys.exit("the queue was empty before the last reset: ask for fewer resets or more mails")
    quiet_s, busy_s = report.spread(quiet), report.spread(busy)
    return {
        "bench": "post",
        "longest_seconds": busy_s["max"],
        "ratio": round(busy_s["median"] / quiet_s["median"], 2),
        "delay_seconds": busy_s,
        "quiet_delay_seconds": quiet_s,
        "resets": len(busy),
        "mails": plan.mails,
        "wins": plan.seats,
        "workers": plan.workers,
        "taken": taken,
        "seconds": round(seconds, 1),
        "waiting": waiting,
        **({"end": _ends()} if plan.to_end else {}),
    }


def resets(sink: MailSink, addresses: Sequence[str], every: float) -> list[float]:
    """Ask for a new password for each address, as the door does, `every` seconds. Returns how long each mail took."""
    delays = []
    for address in addresses:
        sink.came_at[address] = None
        asked = time.monotonic()
        queueing.deliver_account_mail_soon(recovery.request_reset(address, "ko"))
        came = sink.wait_for(address, COMES_SECONDS)
        if came is None:
            sys.exit(f"after {COMES_SECONDS:.0f} s a reset did not come: this figure must not be used")
        delays.append(came - asked)
        time.sleep(max(0.0, asked + every - time.monotonic()))
    return delays


def resets_until_sent(sink: MailSink, addresses: Sequence[str], every: float) -> list[float]:
    """Ask for new passwords like `resets`, for one address after the other again and again, until no mail waits."""
    delays: list[float] = []
    for address in cycle(addresses):
        if not (waiting := _waiting()):
            break
        if len(delays) % 30 == 0:
            say(f"{waiting:,} mails wait")
        delays += resets(sink, [address], every)
    return delays


def _ends() -> dict[str, int]:
    """How many messages about the auction ended how."""
    ends = select(OutboxMessage.state, func.count()).where(OutboxMessage.source == Source.NOTICE)
    return {state.value: number for state, number in db.session.execute(ends.group_by(OutboxMessage.state)).all()}


def _addresses(people: Sequence[int], count: int) -> list[str]:
    rows = select(Person.email).where(Person.id.in_(people[-count:])).order_by(Person.id)
    return list(db.session.scalars(rows))


def _waiting() -> int:
    db.session.rollback()
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING)
    return db.session.scalar(waiting) or 0


if __name__ == "__main__":
    main()
