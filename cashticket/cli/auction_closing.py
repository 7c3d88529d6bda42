"""`flask auction close-due`: see to it that what is due gets done, once (for cron) or every second (the watch)."""

import json
import logging
import signal
import sys
import time
from dataclasses import asdict

import click

from cashticket.cli.output import command, json_option
from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work import stopping
from cashticket.work.guarding import Guard
from cashticket.work.outages import Outages
from cashticket.work.watch import Queued, look

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0


@command("close-due", example="auction close-due --watch")
@click.option("--watch", is_flag=True, help="Go on every second until SIGTERM or Ctrl+C.")
@json_option
def close_due(watch: bool, as_json: bool) -> None:
    """Queue what is due: recording, settlements, hand-overs, forgotten mail. Pause what could not be kept.

    The work itself is done by `python worker.py bids`, `settlement` and `mail`. Repeating this is harmless.
    """
    if watch:
        _watch(as_json)
    else:
        _guard().round()
        _tell(look(current_engine()), as_json)


def _guard() -> Guard:
    settings = current_settings()
    return Guard(current_engine(), queue_redis(), settings.disk_paths, settings.disk_free_least)


def _watch(as_json: bool) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    stopping.on_signals(signal.SIGTERM, signal.SIGINT)
    outages = Outages(log, "the watch")
    guard = _guard()
    while not stopping.asked.is_set():
        started = time.monotonic()
        with outages.survived():
            guard.round()
            queued = look(current_engine())
            if queued.anything:
                _tell(queued, as_json)
        stopping.asked.wait(max(outages.pause_seconds, ROUND_SECONDS - (time.monotonic() - started)))


def _tell(queued: Queued, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(queued)))
        return
    parts = ["recording"] if queued.drain else []
    parts += [f"settlement of auction {each}" for each in queued.settle]
    parts += [f"hand-over of auction {each}" for each in queued.hand_over]
    parts += ["a look at who was outbid"] if queued.rank_outs else []
    parts += [f"mail {each}" for each in queued.mail]
    click.echo(f"queued: {', '.join(parts)}" if parts else "nothing is due")


commands = (close_due,)
