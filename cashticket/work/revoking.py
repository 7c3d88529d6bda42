"""Revoking one award: its holder and whoever is offered the seat have mail right afterwards."""

from datetime import datetime

from cashticket.engine.interface import Engine
from cashticket.settlement import revoking
from cashticket.settlement.revoking import Foreseen, Revoked
from cashticket.work import queueing
from cashticket.work.handing_over import holders_now


def foresee(engine: Engine, award_id: int, now: datetime) -> Foreseen:
    """What revoking would do at `now` (UTC) by this machine; nothing is changed. Raises NotRevocable."""
    return revoking.foresee(award_id, holders_now(engine, now))


def revoke(engine: Engine, award_id: int, why: str, operator: str, now: datetime) -> Revoked:
    """Revoke an award at `now` (UTC) by this machine, and offer its seat to the next in line. Raises NotRevocable."""
    done = revoking.revoke(award_id, why, operator, holders_now(engine, now))
    queueing.deliver_soon()
    return done
