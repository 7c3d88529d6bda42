"""What a round of the watch costs at any size, and with many auctions: it asks for checks and never makes them."""

from collections.abc import Callable
from threading import Event
from typing import Any

from cashticket import jobs
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.work import queueing
from cashticket.work.check.due_checks import answer_wanted
from cashticket.work.check.verdicts import check_all
from cashticket.work.watch.due import queue_due
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.wanted_checks import CHECK_SECONDS
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert
from tests.staging.sizes import FilledSite, Sites


class Clock:
    """Monotonic seconds that only a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def guard_of(site: FilledSite, clock: Clock) -> Guard:
    """A guard that has workers make its checks, on a site whose running auction has been checked."""
    engine = site.app.extensions["engine"]
    check_all(engine, site.running.id)
    return Guard(engine, site.app.extensions["queue_redis"], (), 0, clock, queueing.check_due)


def rounds(site: FilledSite) -> Callable[[], None]:
    clock = Clock()
    return guard_of(site, clock).round


def asking_rounds(site: FilledSite) -> Callable[[], None]:
    """Each call is a round in which a check of every auction is due, and the last one was not answered: the round makes
    it."""
    clock = Clock()
    guard = guard_of(site, clock)

    def ask() -> None:
        clock.now += CHECK_SECONDS
        guard.round()

    return ask


def test_a_round_of_the_guard_costs_the_same_at_every_size(sites: Sites) -> None:
    # The live store keeps a beat at most twice a second, in two commands.
    sites.cost_of(rounds).stays(live_commands=1.2).never_exceeds(statements=4, live_commands=15)
    # Snapshots of the live store still carry every winning row.
    sites.cost_of(asking_rounds).stays(live_bytes=40, live_commands=1.05).never_exceeds(statements=22, round_trips=13)


def test_the_checks_that_a_round_wants_cost_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        ask, engine = asking_rounds(site), site.app.extensions["engine"]

        def answer() -> None:
            ask()
            answer_wanted(engine, Event())

        return answer

    # Snapshots of the live store still carry every winning row.
    sites.cost_of(prepare).stays(live_bytes=40, live_commands=1.05)


def test_queueing_what_is_due_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], Any]:
        jobs.check_due()
        return lambda: queue_due(site.app.extensions["engine"])

    sites.cost_of(prepare).stays(queue_bytes=2)


def test_closing_what_is_due_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], Any]:
        check_all(site.app.extensions["engine"], site.running.id)
        return lambda: site.app.test_cli_runner().invoke(args=["auction", "close-due"], catch_exceptions=False)

    # A beat writes two commands unless there was one just before.
    sites.cost_of(prepare).stays(live_bytes=40, live_commands=1.05, queue_bytes=2)


def test_fifty_auctions_cost_a_round_no_more_statements_and_round_trips_than_one(sites: Sites) -> None:
    site = next(iter(sites))
    with site.inside():
        engine: Engine = site.app.extensions["engine"]
        site.running  # noqa: B018 - made before it is counted
        clock = Clock()
        guard = guard_of(site, clock)
        guard.round()
        with site.counters.counted() as alone:
            guard.round()
        concert = add_concert()
        added = [open_auction(concert=concert) for _ in range(49)]
        guard.round()
        db.session.remove()
        with site.counters.counted() as many:
            guard.round()
        assert (many.statements, many.round_trips) == (alone.statements, alone.round_trips), f"{alone}\n{many}"
        # The kinds of all keys of an auction are looked at, so that one that cannot be read is named.
        # What is done once a round, whatever the number of auctions, differs from round to round.
        assert many.live_commands <= alone.live_commands + 49 * 10 + 10
        for auction_id in added:
            engine.close(auction_id)
