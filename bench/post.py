"""How long a mail with a link for a new password takes while the results of a large auction are being mailed.

    python -m bench.post [--mails 150000] [--seats 2000] [--resets 60] [--every 2] [--workers 1] [--json]

MariaDB, a queue store and the product's own mail workers, as durable as in production; the mail server is a sink on
127.0.0.1 (bench/mail_sink.py). First nothing waits, and resets are asked for one after the other, as the door does.
Then notices are stored in bulk, one for each bidder of an auction that has ended, as many of them wins as there are
seats; the product adds their mails, the workers begin to send, and as many resets are asked for in the same way.

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
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, insert, select

from bench import report
from bench.hammer_scene import say
from bench.mail_sink import MailSink, running_sink
from cashticket import create_app
from cashticket.accounts import recovery
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Notification, OutboxMessage, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work import queueing
from lab.filling.auctions import fill_auction
from lab.servers.installation import Installation, ServerProcess
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.signed_in import add_people

WINDOW = 5_000
COMES_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for on the command line."""

    mails: int
    seats: int
    resets: int
    every: float
    workers: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=150_000, help="mails about results that wait (default 150000)")
    parser.add_argument("--seats", type=int, default=2_000, help="wins among them (default 2000)")
    parser.add_argument("--resets", type=int, default=60, help="resets, quiet and meanwhile (default 60 of each)")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two resets (default 2)")
    parser.add_argument("--workers", type=int, default=1, help="mail workers (default 1)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    plan = Plan(given.mails, given.seats, given.resets, given.every, given.workers)
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
    seconds, taken, waiting = time.monotonic() - began, sink.taken - before, _waiting()
    if not waiting:
        sys.exit("the queue was empty before the last reset: ask for fewer resets or more mails")
    quiet_s, busy_s = report.spread(quiet), report.spread(busy)
    return {
        "bench": "post",
        "longest_seconds": busy_s["max"],
        "ratio": round(busy_s["median"] / quiet_s["median"], 2),
        "delay_seconds": busy_s,
        "quiet_delay_seconds": quiet_s,
        "resets": plan.resets,
        "mails": plan.mails,
        "wins": plan.seats,
        "workers": plan.workers,
        "taken": taken,
        "seconds": round(seconds, 1),
        "waiting": waiting,
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


def store_notices(auction: int, people: Sequence[int], wins: int) -> None:
    """A notice of the result for each of these people, the first of them winners, and the product's mails of them."""
    now = utcnow()
    expires = iso(now + timedelta(days=1))
    for start in range(0, len(people), WINDOW):
        rows = [
            _notice(auction, person, rank, wins, expires)
            for rank, person in enumerate(people[start : start + WINDOW], start + 1)
        ]
        mine = (Notification.auction_id == auction, Notification.person_id.in_(people[start : start + WINDOW]))
        in_one_unit(lambda session, rows=rows: session.execute(insert(Notification), rows))  # type: ignore[misc]
        in_one_unit(lambda session, mine=mine: add_notice_messages(session, now, *mine))  # type: ignore[misc]


def _notice(auction: int, person: int, rank: int, wins: int, expires: str) -> dict[str, Any]:
    amount = 1_000_000_000 - rank
    facts: dict[str, Any] = {"rank": rank, "amount": amount, "position": rank - wins}
    if rank <= wins:
        seat = {"award_id": rank, "seat": f"VIP-{rank}", "seat_number": rank}
        facts = {**seat, "price": amount, "rank": rank, "expires_at": expires}
    kind = NoticeKind.WON if rank <= wins else NoticeKind.NOT_WON
    return {"person_id": person, "auction_id": auction, "kind": kind, "occasion": 0, "facts": facts}


def _addresses(people: Sequence[int], count: int) -> list[str]:
    rows = select(Person.email).where(Person.id.in_(people[-count:])).order_by(Person.id)
    return list(db.session.scalars(rows))


def _waiting() -> int:
    db.session.rollback()
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == MessageState.WAITING)
    return db.session.scalar(waiting) or 0


if __name__ == "__main__":
    main()
