"""Rebuilding as an operator does it: one at a time for each auction, and kept among the acts of operators."""

from typing import Any

import redis

from cashticket import redis_keys
from cashticket.engine.interface import Engine
from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject
from cashticket.witness.testimony import Testimony
from cashticket.work.check.reading import Progress, silent
from cashticket.work.leases import Lease
from cashticket.work.rebuilding import NotRebuildable, Rebuilt, rebuild
from cashticket.work.witnesses import NOBODY

LEASE_MS = 30_000


def rebuild_alone(
    engine: Engine,
    client: redis.Redis,
    auction_id: int,
    why: str,
    operator: str,
    *,
    replace: bool,
    backlog_max: int,
    testimony: Testimony = NOBODY,
    progress: Progress = silent,
) -> Rebuilt:
    """Rebuild under a lease in the queue store (`client`) and record the act. Raises what `rebuild` raises."""
    if len(why) > WHY_MAX:
        raise NotRebuildable(f"--why takes at most {WHY_MAX} characters.")
    lease = Lease(client, redis_keys.rebuilding(auction_id), LEASE_MS)
    if not lease.hold():
        raise NotRebuildable(f"Auction {auction_id} is being rebuilt already; wait half a minute.")

    def account_for(facts: dict[str, Any]) -> None:
        record_alone(operator, Act.AUCTION_REBUILD, auction_subject(auction_id), why, facts)

    choices: dict[str, Any] = {"replace": replace, "backlog_max": backlog_max, "testimony": testimony}
    try:
        return rebuild(engine, auction_id, account_for=account_for, progress=_keeping(lease, progress), **choices)
    finally:
        lease.release()


def _keeping(lease: Lease, progress: Progress) -> Progress:
    """`progress` that also holds the lease on, because a large auction takes longer than it lasts."""

    def report(step: str, done: int, total: int) -> None:
        lease.hold()
        progress(step, done, total)

    return report
