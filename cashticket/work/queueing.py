"""What is put on which queue, with its timeout. Jobs carry ids alone and are safe to run twice or not at all: whatever
is not done is found and queued again by `flask auction close-due`.

Every function answers whether it queued something. Raises redis.RedisError while the queue Redis is away.
"""

from collections.abc import Iterable

import redis

from cashticket import redis_keys
from cashticket.wiring import queue, queue_redis
from cashticket.work.leases import Lease

JOBS = "cashticket.jobs"
DRAIN_LEASE_MS = 3_000
DRAIN_TIMEOUT_SECONDS = 120
"""Well above the 60 seconds after which a drain ends by itself."""

IN_FLIGHT_MS = 5_000
"""How long a settlement or hand-over that was queued is not queued again, in case its worker died."""

MAIL_AGAIN_MS = 60_000
"""How long the mail of a displacement that was queued is not queued again: it waits, or its server refused it."""

SETTLEMENT_TIMEOUT_SECONDS = 600
MAIL_TIMEOUT_SECONDS = 60
FAILURES_KEPT_SECONDS = 86_400


def drain_lease() -> Lease:
    """Who drains now. Each holder needs an object of its own."""
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
    return _once("settle", auction_id, redis_keys.settling(auction_id))


def hand_over(auction_id: int) -> bool:
    """Queue the hand-over of an auction's freed seats unless it was queued just now."""
    return _once("hand_over", auction_id, redis_keys.handing_over(auction_id))


def deliver(notification_ids: Iterable[int]) -> bool:
    """Queue the mails of these notices."""
    found = list(notification_ids)
    for notification_id in found:
        _enqueue("mail", "deliver", MAIL_TIMEOUT_SECONDS, notification_id)
    return bool(found)


def deliver_soon(notification_ids: Iterable[int]) -> bool:
    """The same for a caller whose own work is done: a queue Redis that is away is no failure, the watch comes later."""
    try:
        return deliver(notification_ids)
    except redis.RedisError:
        return False


def sort_rank_outs() -> bool:
    """Queue the look at who was pushed out and is away, unless it was queued just now."""
    if not Lease(queue_redis(), redis_keys.RANK_OUTS_LEASE, IN_FLIGHT_MS).hold():
        return False
    _enqueue("mail", "sort_rank_outs", MAIL_TIMEOUT_SECONDS)
    return True


def deliver_rank_outs(notification_ids: Iterable[int]) -> list[int]:
    """Queue the mails of these displacements but for those queued just now; which were."""
    due = [each for each in notification_ids if Lease(queue_redis(), redis_keys.mailing(each), MAIL_AGAIN_MS).hold()]
    for notification_id in due:
        _enqueue("mail", "deliver_rank_out", MAIL_TIMEOUT_SECONDS, notification_id)
    return due


def deliver_account_mails(mail_ids: Iterable[int]) -> bool:
    """Queue these mails about accounts."""
    found = list(mail_ids)
    for mail_id in found:
        _enqueue("mail", "deliver_account_mail", MAIL_TIMEOUT_SECONDS, mail_id)
    return bool(found)


def deliver_account_mail_soon(mail_id: int | None) -> bool:
    """The same for a door that has answered its question: somebody waits for a link, and the watch comes later."""
    try:
        return mail_id is not None and deliver_account_mails([mail_id])
    except redis.RedisError:
        return False


def _once(verb: str, auction_id: int, key: str) -> bool:
    waiting = queue("settlement")
    if not Lease(queue_redis(), key, IN_FLIGHT_MS).hold():
        return False
    if any(job.func_name == f"{JOBS}.{verb}" and job.args == [auction_id] for job in waiting.jobs):
        return False
    _enqueue("settlement", verb, SETTLEMENT_TIMEOUT_SECONDS, auction_id)
    return True


def _enqueue(name: str, verb: str, timeout_seconds: int, *arguments: int) -> None:
    queue(name).enqueue(
        f"{JOBS}.{verb}",
        *arguments,
        job_timeout=timeout_seconds,
        result_ttl=0,
        failure_ttl=FAILURES_KEPT_SECONDS,
    )
