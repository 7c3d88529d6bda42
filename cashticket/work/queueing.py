"""Jobs put on the queues, each with its timeout. They carry ids only, or nothing, and may run twice or not at all:
`flask auction close-due` finds what is not done and queues it again. Mails are never in a job: they are in the outbox.

Functions return whether they queued something. They raise redis.RedisError while the queue store is away.
"""

import redis
from rq.job import Job

from cashticket import redis_keys
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.logs.context import context
from cashticket.wiring import queue, queue_redis
from cashticket.work import drain_leases
from cashticket.work.leases import Lease

JOBS = "cashticket.jobs"
DRAIN_TIMEOUT_SECONDS = 120
"""Well above the 60 seconds after which a drain ends by itself."""

SETTLEMENT_AGAIN_MS = 5_000
"""A queued settlement, hand-over or telling is not queued again for this long; afterwards its worker may have died."""

SETTLEMENT_TIMEOUT_SECONDS = 600
DELIVERY_SECONDS = 10.0
"""A deliverer ends after this long, so that deciding about displacements gets its turn; it queues the next one."""

DELIVERY_TIMEOUT_SECONDS = 60
"""Above DELIVERY_SECONDS and one slow mail; not above the lease of a message."""

PUSHING_TIMEOUT_SECONDS = 60
SORTING_TIMEOUT_SECONDS = 60
FORGETTING_AGAIN_MS = 600_000
FORGETTING_SECONDS = 30.0
FORGETTING_TIMEOUT_SECONDS = 120
CHECK_SECONDS = 30.0
"""A job of the queue `checks` begins nothing new after this long; it queues the next one."""

CHECK_TIMEOUT_SECONDS = 600
"""A check of one auction that takes longer is given up."""

MAIL_JOBS_MAX = 10
FAILURE_TTL_SECONDS = 600
"""A failed job is kept so long. What it did not do is found again without it."""


def ensure_drain(engine: Engine) -> bool:
    """Queue a drain if none runs at some live store, or if bids of an auction wait that no drain records, unless one is
    waiting already: as many run as there are workers. While the live store is away nothing can be recorded, and none is
    queued beside the one that runs."""
    if all(drain_leases.staying(queue_redis(), name).is_taken() for name in engine.stores()):
        try:
            if not drain_leases.any_neglected(engine, queue_redis()):
                return False
        except (StoreUnavailable, OutcomeUnknown):
            return False
    return drain()


def drain() -> bool:
    """Queue a drain unless one is waiting."""
    if queue("bids").count:
        return False
    enqueue("bids", "drain", DRAIN_TIMEOUT_SECONDS)
    return True


def settle(auction_id: int) -> bool:
    """Queue the settlement of an auction unless it was queued just now."""
    return _enqueue_once("settle", redis_keys.settling(auction_id), auction_id)


def lapse_and_offer(auction_id: int) -> bool:
    """Queue lapsing expired offers and offering freed seats of an auction, unless it was queued just now."""
    return _enqueue_once("lapse_and_offer", redis_keys.handing_over(auction_id), auction_id)


def tell(auction_id: int) -> bool:
    """Queue telling the bidders of an auction how it ended, unless it was queued just now."""
    return _enqueue_once("tell", redis_keys.telling(auction_id), auction_id)


def tell_on(auction_id: int) -> bool:
    """Queue the next run of telling, after one that told not everybody, unless it waits already."""
    return _enqueue_once("tell", redis_keys.telling(auction_id), auction_id, again=True)


def tell_soon(auction_id: int) -> bool:
    """Like `tell`. Returns False while the queue store is away: the watch queues it later."""
    try:
        return tell(auction_id)
    except redis.RedisError:
        return False


def remind(*, again: bool = False) -> bool:
    """Queue reminding people, unless that waits already or, but for a run that goes on `again`, was queued just now."""
    return _enqueue_once("remind", redis_keys.REMINDING_LEASE, again=again)


def check_due() -> bool:
    """Queue making the checks that are due, unless that waits already."""
    if queue("checks").count:
        return False
    enqueue("checks", "check_due", CHECK_TIMEOUT_SECONDS)
    return True


def check_due_soon() -> bool:
    """Like `check_due`. Returns False while the queue store is away: the watch queues it later."""
    try:
        return check_due()
    except redis.RedisError:
        return False


def deliver() -> bool:
    """Queue sending what is due in the outbox, unless that waits already."""
    mail = queue("mail")
    # An upgrade may have left many old jobs there; they deliver what is due as well.
    if mail.count >= MAIL_JOBS_MAX or any(is_job(job, "deliver_due") for job in mail.jobs):
        return False
    enqueue("mail", "deliver_due", DELIVERY_TIMEOUT_SECONDS)
    return True


def deliver_soon() -> bool:
    """Like `deliver`, after the commit that added a message. Returns False while the queue store is away: the watch
    queues it later."""
    try:
        return deliver()
    except redis.RedisError:
        return False


def push() -> bool:
    """Queue sending the pushes that are due, unless that waits already."""
    if queue("push").count:
        return False
    enqueue("push", "push_due", PUSHING_TIMEOUT_SECONDS)
    return True


def deliver_account_mail_soon(mail_id: int | None) -> bool:
    """`deliver_soon`, unless no mail was stored."""
    return mail_id is not None and deliver_soon()


def is_delivering() -> bool:
    """Whether a deliverer works now."""
    return bool(queue_redis().exists(redis_keys.DELIVERER_ALIVE))


def sort_rank_outs() -> bool:
    """Queue deciding which displaced people need a mail, unless it was queued just now or waits already.

    It goes before whatever waits: it takes a moment, and no number of mails may hold it up.
    """
    if not Lease(queue_redis(), redis_keys.RANK_OUTS_LEASE, SETTLEMENT_AGAIN_MS).hold():
        return False
    mail = queue("mail")
    if any(is_job(mail.fetch_job(job_id), "sort_rank_outs") for job_id in mail.get_job_ids(0, 1)):
        return False
    enqueue("mail", "sort_rank_outs", SORTING_TIMEOUT_SECONDS, at_front=True)
    return True


def forget_ended() -> bool:
    """Queue removing the keys of auctions that ended a day ago, unless it was queued in the last ten minutes."""
    if not Lease(queue_redis(), redis_keys.FORGETTING_LEASE, FORGETTING_AGAIN_MS).hold():
        return False
    enqueue("settlement", "forget_ended", FORGETTING_TIMEOUT_SECONDS)
    return True


def _enqueue_once(job_name: str, key: str, *arguments: int, again: bool = False) -> bool:
    if not (again or Lease(queue_redis(), key, SETTLEMENT_AGAIN_MS).hold()):
        return False
    if any(is_job(job, job_name) and job.args == list(arguments) for job in queue("settlement").jobs):
        return False
    enqueue("settlement", job_name, SETTLEMENT_TIMEOUT_SECONDS, *arguments)
    return True


def is_job(job: Job | None, job_name: str) -> bool:
    return job is not None and job.func_name == f"{JOBS}.{job_name}"


def enqueue(queue_name: str, job_name: str, timeout_seconds: int, *arguments: int, at_front: bool = False) -> None:
    queue(queue_name).enqueue(
        f"{JOBS}.{job_name}",
        *arguments,
        job_timeout=timeout_seconds,
        at_front=at_front,
        result_ttl=0,
        failure_ttl=FAILURE_TTL_SECONDS,
        # The lines of the job carry the code of the request that needed it.
        meta={key: value for key, value in context().items() if key == "request_id"},
    )
