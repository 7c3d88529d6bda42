"""Pausing the line of an auction: whoever is offered a seat in the same unit has mail right afterwards."""

from datetime import datetime

from cashticket.engine.interface import Engine
from cashticket.settlement import line_pauses
from cashticket.settlement.line_pauses import LinePause
from cashticket.work import queueing
from cashticket.work.handing_over import holders_now


def pause(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> LinePause:
    """Offer no freed seat of a settled auction from `now` (UTC) by this machine on. Raises NoLine."""
    return _with_mail(line_pauses.pause(auction_id, why.strip(), operator, holders_now(engine, now)))


def resume(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> LinePause:
    """Let the line go on at `now` (UTC) by this machine, and offer its free seats. Raises NoLine."""
    return _with_mail(line_pauses.resume(auction_id, why.strip(), operator, holders_now(engine, now)))


def _with_mail(done: LinePause) -> LinePause:
    queueing.deliver_soon()
    return done
