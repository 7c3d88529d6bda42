"""Jobs put on the queues, each with its timeout. They carry ids only and may run twice or not at all:
`flask auction close-due` finds what is not done and queues it again.

Functions return whether they queued something. They raise redis.RedisError while the queue store is away.
"""

from collections.abc import Iterable

import redis
from structlog.contextvars import get_contextvars

from cashticket import redis_keys
from cashticket.wiring import queue, queue_redis
from cashticket.work.leases import Lease

JOBS = "cashticket.jobs"
DRAIN_LEASE_MS = 3_000
DRAIN_TIMEOUT_SECONDS = 120
"""Well above the 60 seconds after which a drain ends by itself."""

SETTLEMENT_AGAIN_MS = 5_000
"""A queued settlement or hand-over is not queued again for this long; afterwards its worker may have died."""

MAIL_AGAIN_MS = 60_000
"""A queued rank-out mail is not queued again for this long; it may still wait, or its server refused it."""

SETTLEMENT_TIMEOUT_SECONDS = 600
MAIL_TIMEOUT_SECONDS = 60
FAILURE_TTL_SECONDS = 86_400


def drain_lease() -> Lease:
    """Return a new claim on being the drain. Each drain needs its own."""
    return Lease(queue_redis(), redis_keys.DRAIN_LEASE, DRAIN_LEASE_MS)


def ensure_drain() -> bool:
    """Queue a drain unless one is running or waiting."""
    if drain_lease().is_taken():
        return False
    return drain()


def drain() -> bool:
    """Queue a drain unless one is waiting."""
    if queue("bids").count:
        return False
    _enqueue("bids", "drain", DRAIN_TIMEOUT_SECONDS)
    return True


def settle(auction_id: int) -> bool:
    """Queue the settlement of an auction unless it was queued just now."""
    return _enqueue_once("settle", auction_id, redis_keys.settling(auction_id))


def lapse_and_offer(auction_id: int) -> bool:
    """Queue lapsing expired offers and offering freed seats of an auction, unless it was queued just now."""
    return _enqueue_once("lapse_and_offer", auction_id, redis_keys.handing_over(auction_id))


def deliver(notification_ids: Iterable[int]) -> bool:
    """Queue the mails of these notices."""
    ids = list(notification_ids)
    for notification_id in ids:
        _enqueue("mail", "deliver", MAIL_TIMEOUT_SECONDS, notification_id)
    return bool(ids)


def deliver_soon(notification_ids: Iterable[int]) -> bool:
    """Like `deliver`, but returns False while the queue store is away: the watch queues these mails later."""
    try:
        return deliver(notification_ids)
    except redis.RedisError:
        return False


def sort_rank_outs() -> bool:
    """Queue deciding which displaced people need a mail, unless it was queued just now."""
    if not Lease(queue_redis(), redis_keys.RANK_OUTS_LEASE, SETTLEMENT_AGAIN_MS).hold():
        return False
    _enqueue("mail", "sort_rank_outs", MAIL_TIMEOUT_SECONDS)
    return True


def deliver_rank_outs(notification_ids: Iterable[int]) -> list[int]:
    """Queue the mails of these displacements except those queued just now. Returns the ids queued."""
    queued = [each for each in notification_ids if Lease(queue_redis(), redis_keys.mailing(each), MAIL_AGAIN_MS).hold()]
    for notification_id in queued:
        _enqueue("mail", "deliver_rank_out", MAIL_TIMEOUT_SECONDS, notification_id)
    return queued


def deliver_account_mails(mail_ids: Iterable[int]) -> bool:
    """Queue these mails about accounts."""
    ids = list(mail_ids)
    for mail_id in ids:
        _enqueue("mail", "deliver_account_mail", MAIL_TIMEOUT_SECONDS, mail_id)
    return bool(ids)


def deliver_account_mail_soon(mail_id: int | None) -> bool:
    """Queue one account mail, unless it is None. Returns False while the queue store is away; the watch tries later."""
    try:
        return mail_id is not None and deliver_account_mails([mail_id])
    except redis.RedisError:
        return False


def _enqueue_once(job_name: str, auction_id: int, key: str) -> bool:
    settlement = queue("settlement")
    if not Lease(queue_redis(), key, SETTLEMENT_AGAIN_MS).hold():
        return False
    if any(job.func_name == f"{JOBS}.{job_name}" and job.args == [auction_id] for job in settlement.jobs):
        return False
    _enqueue("settlement", job_name, SETTLEMENT_TIMEOUT_SECONDS, auction_id)
    return True


def _enqueue(queue_name: str, job_name: str, timeout_seconds: int, *arguments: int) -> None:
    queue(queue_name).enqueue(
        f"{JOBS}.{job_name}",
        *arguments,
        job_timeout=timeout_seconds,
        result_ttl=0,
        failure_ttl=FAILURE_TTL_SECONDS,
        # The lines of the job carry the code of the request that needed it.
        meta={key: value for key, value in get_contextvars().items() if key == "request_id"},
    )
