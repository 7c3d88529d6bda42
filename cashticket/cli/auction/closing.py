"""`flask auction close-due`: see to it that what is due gets done, once (for cron) or every second (the watch)."""

import json
import logging
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

import click

from cashticket.cli.output import command, json_option
from cashticket.extensions import db
from cashticket.models import durability
from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work import stopping
from cashticket.work.outages import DATABASE_AWAY, Outages
from cashticket.work.watch import unsettled as waiting
from cashticket.work.watch.due import Queued, look
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.unsettled import UnsettledAuction

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0


@command("close-due", example="auction close-due --watch")
@click.option("--watch", is_flag=True, help="Go on every second until SIGTERM or Ctrl+C.")
@json_option
def close_due(watch: bool, as_json: bool) -> None:
    """Queue what is due: recording, settlements, hand-overs, forgotten mail. Pause what could not be kept.

    The work itself is done by `python worker.py bids`, `settlement` and `mail`. Repeating this is harmless. Without
    --watch it also says of every auction that is due why it is not settled yet.
    """
    if watch:
        _watch(as_json)
    else:
        _once(as_json)


def _once(as_json: bool) -> None:
    engine = current_engine()
    _guard().round()
    try:
        queued = look(engine)
    except DATABASE_AWAY:
        _tell(Queued(), as_json, waiting.due(engine))
        raise
    _tell(queued, as_json, waiting.due(engine))


def _guard() -> Guard:
    settings = current_settings()
    return Guard(current_engine(), queue_redis(), settings.disk_paths, settings.disk_free_min)


def _watch(as_json: bool) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    stopping.stop_on_signals(signal.SIGTERM, signal.SIGINT)
    outages = Outages(log, "the watch")
    guard = _guard()
    with outages.tolerated():
        _tell_softness_of_the_ledger()
    while not stopping.stop_event.is_set():
        started = time.monotonic()
        with outages.tolerated():
            guard.round()
            queued = look(current_engine())
            if queued.anything:
                _tell(queued, as_json)
        stopping.stop_event.wait(max(outages.pause_seconds, ROUND_SECONDS - (time.monotonic() - started)))


def _tell_softness_of_the_ledger() -> None:
    with db.engine.connect() as connection:
        for sentence in durability.softness(connection):
            log.error("the database may lose recorded bids: %s", sentence)


def _tell(queued: Queued, as_json: bool, due: Sequence[UnsettledAuction] = ()) -> None:
    if as_json:
        click.echo(json.dumps(asdict(queued) | {"waiting": [asdict(each) for each in due]}))
        return
    parts = ["recording"] if queued.drain else []
    parts += [f"settlement of auction {each}" for each in queued.settle]
    parts += [f"hand-over of auction {each}" for each in queued.hand_over]
    parts += ["a look at who was outbid"] if queued.rank_outs else []
    parts += [f"mail {each}" for each in queued.mail]
    if parts or not due:
        click.echo(f"queued: {', '.join(parts)}" if parts else "nothing is due")
    for each in due:
        click.echo(f"auction {each.id} waits: {each.reason}: {each.detail}")


commands = (close_due,)
