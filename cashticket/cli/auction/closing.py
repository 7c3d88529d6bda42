"""`flask auction close-due`: queue what is due, once (for cron) or every second (the watch)."""

import json
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict

import click
from flask import Flask, current_app

from cashticket.auction.store_names import FIRST_STORE
from cashticket.cli.output import command, json_option
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.logs import setup
from cashticket.logs.failures import failure_text
from cashticket.wiring import (
    current_engine,
    current_settings,
    current_shelves,
    current_witness,
    hasty_queue_redis,
    queue_redis,
)
from cashticket.witness.testimony import read_testimony
from cashticket.work import queueing, stopping
from cashticket.work.backup.unfinished import require_no_unfinished_restore
from cashticket.work.outages import DATABASE_AWAY
from cashticket.work.watch.copy_beating import copy_beating
from cashticket.work.watch.due import Queued, queue_due
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.loop import run_watch
from cashticket.work.watch.report import Reporter
from cashticket.work.watch.store_guards import guarding
from cashticket.work.watch.unsettled import UnsettledAuction, unsettled_auctions
from cashticket.work.watch.witnessing import witnessing


@command("close-due", example="auction close-due --watch")
@click.option("--watch", is_flag=True, help="Repeat every second until SIGTERM or Ctrl+C.")
@json_option
def close_due(watch: bool, as_json: bool) -> None:
    """Queue what is due: recording, settlements, hand-overs, reminders, forgotten mail. Pause auctions that are not
    safe.

    The work itself is done by `python worker.py bids`, `settlement`, `checks` and `mail`. Repeating this is
    harmless. Without --watch it also prints why each auction that is due is not settled yet.
    """
    if watch:
        _watch(as_json)
    else:
        _run_once(as_json)


def _run_once(as_json: bool) -> None:
    engine = current_engine()
    _guard_once(engine)
    try:
        queued = queue_due(engine)
    except DATABASE_AWAY:
        _print(Queued(), as_json, unsettled_auctions(engine))
        raise
    _print(queued, as_json, unsettled_auctions(engine))


def _watch(as_json: bool) -> None:
    require_no_unfinished_restore()
    setup.name_process("watch")
    stopping.stop_on_signals(signal.SIGTERM, signal.SIGINT)
    engine = current_engine()
    settings = current_settings()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    reporter = Reporter(hasty_queue_redis(), settings.disk_paths, settings.disk_free_min)
    guards = _guards(queueing.check_due)
    with ExitStack() as stack:
        for name, url in settings.store_urls.items():
            stack.enter_context(witnessing(current_witness(name), current_shelves(name), engine.stores()[name], url))
        # The only one makes its rounds between those that queue what is due; several must not wait for each other.
        apart = guards if len(guards) > 1 else {}
        longest = stack.enter_context(guarding(app, apart, stopping.stop_event))
        stack.enter_context(copy_beating())
        run_watch(
            engine,
            None if apart else guards[FIRST_STORE],
            stopping.stop_event,
            lambda queued: _print(queued, as_json),
            lambda seconds, risks: reporter.tell(max(seconds, longest()), risks),
        )


def _guard_once(engine: Engine) -> None:
    """A round in each live store. Raises what the store raises when there is no other."""
    for name, guard in _guards(None).items():
        try:
            guard.round()
        except (StoreUnavailable, OutcomeUnknown) as error:
            if len(engine.stores()) == 1:
                raise
            click.echo(f"The live store {name} is away: {failure_text(error)}", err=True)


def _guards(queue_checks: Callable[[], bool] | None) -> dict[str, Guard]:
    """The guard of each live store, by its name."""
    engine = current_engine()
    return {name: _guard(name, store, engine, queue_checks) for name, store in engine.stores().items()}


def _guard(name: str, store: Engine, everywhere: Engine, queue_checks: Callable[[], bool] | None) -> Guard:
    settings, shelves = current_settings(), current_shelves(name)
    return Guard(
        store,
        queue_redis(),
        settings.disk_paths,
        settings.disk_free_min,
        queue_checks=queue_checks,
        read_testimony=lambda: read_testimony(shelves),
        backlog_max=settings.backlog_max,
        store=name,
        everywhere=everywhere,
    )


def _print(queued: Queued, as_json: bool, unsettled: Sequence[UnsettledAuction] = ()) -> None:
    if as_json:
        click.echo(json.dumps(asdict(queued) | {"waiting": [asdict(auction) for auction in unsettled]}))
        return
    parts = ["recording"] if queued.drain else []
    parts += [f"settlement of auction {auction_id}" for auction_id in queued.settle]
    parts += [f"hand-over of auction {auction_id}" for auction_id in queued.hand_over]
    parts += [f"telling the bidders of auction {auction_id}" for auction_id in queued.tell]
    parts += ["checks of whole auctions"] if queued.check else []
    parts += ["a look at who was outbid"] if queued.rank_outs else []
    parts += ["reminders"] if queued.remind else []
    parts += ["mail"] if queued.mail else []
    parts += ["pushes"] if queued.push else []
    parts += ["removing keys of ended auctions"] if queued.forget else []
    if parts or not unsettled:
        click.echo(f"queued: {', '.join(parts)}" if parts else "nothing is due")
    for auction in unsettled:
        click.echo(f"auction {auction.id} waits: {auction.reason}: {auction.detail}")


commands = (close_due,)
