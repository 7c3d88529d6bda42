"""RQ's entry points: ids in, no answer out. Each may run twice, or be killed anywhere, without harm.

They run in a worker's child process, inside the application (see worker.py).
"""

from datetime import UTC, datetime

from cashticket.accounts.mail_links import token
from cashticket.engine.connection import connect
from cashticket.ledger import award_queries
from cashticket.notify import account_mails
from cashticket.notify.notices import deliver_once
from cashticket.settlement.awards import lapse_all_expired
from cashticket.settlement.handover import offer_freed
from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work import queueing, rank_outs, stopping
from cashticket.work.closing import close_and_settle
from cashticket.work.draining import Drain, NewsAlarm

DRAIN_SECONDS = 60.0


def drain() -> None:
    """Record accepted bids of all auctions for a minute, then leave the lists to a fresh job."""
    alarm = NewsAlarm(connect(current_settings().redis_url))
    try:
        ended = Drain(current_engine(), queueing.drain_lease(), alarm, stopping.asked).run(DRAIN_SECONDS)
    finally:
        alarm.close()
    if ended:
        queueing.drain()


def settle(auction_id: int) -> None:
    """Close, record and settle an auction whose end has come, then queue the mails."""
    queueing.deliver_soon(close_and_settle(current_engine(), auction_id))


def hand_over(auction_id: int) -> None:
    """Let awards lapse whose clock has run out, offer freed seats to the next in line, and queue the mails."""
    now = datetime.now(UTC)
    for freed in {auction_id, *lapse_all_expired(now)}:
        offer_freed(freed, now)
        queueing.deliver_soon(award_queries.unmailed_of(freed))


def deliver(notification_id: int) -> None:
    """Mail one notice, once."""
    settings = current_settings()
    deliver_once(notification_id, settings.mail_url, settings.base_url)


def sort_rank_outs() -> None:
    """Decide who was pushed out, is away and must be mailed, and queue those mails."""
    queueing.deliver_rank_outs(rank_outs.decide(current_engine(), queue_redis(), datetime.now(UTC)))


def deliver_rank_out(notification_id: int) -> None:
    """Mail one displacement, once, if that is still needed."""
    if rank_outs.still_needed(current_engine(), queue_redis(), notification_id, datetime.now(UTC)):
        deliver(notification_id)


def deliver_account_mail(mail_id: int) -> None:
    """Send one mail about an account, once."""
    settings = current_settings()
    account_mails.deliver_once(
        mail_id, lambda mail: token(mail, settings.secret_key), settings.mail_url, settings.base_url
    )
