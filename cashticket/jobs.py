"""RQ's entry points: ids in, nothing out. Each may run twice, or be killed at any moment, without harm.

They run in a worker's child process, inside the application (see worker.py).
"""

from datetime import UTC, datetime

from cashticket.accounts import account_requests
from cashticket.accounts.mail_links import token
from cashticket.engine.connection import connect
from cashticket.notify import account_mails
from cashticket.notify.notices import deliver_once
from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work import handing_over, queueing, rank_outs, stopping
from cashticket.work.closing import close_and_announce
from cashticket.work.draining import Drain, NewsAlarm

DRAIN_SECONDS = 60.0


def drain() -> None:
    """Record accepted bids of all auctions for a minute, then queue the next drain."""
    alarm = NewsAlarm(connect(current_settings().redis_url))
    try:
        finished = Drain(current_engine(), queueing.drain_lease(), alarm, stopping.stop_event).run(DRAIN_SECONDS)
    finally:
        alarm.close()
    if finished:
        queueing.drain()


def settle(auction_id: int) -> None:
    """Close, record and settle an auction whose end has come, and queue its mails."""
    close_and_announce(current_engine(), auction_id)


def lapse_and_offer(auction_id: int) -> None:
    """Lapse expired offers, offer freed seats to the next in line, and queue the mails."""
    handing_over.lapse_and_offer(auction_id, datetime.now(UTC))


# Jobs queued before an upgrade carry the old name.
hand_over = lapse_and_offer


def deliver(notification_id: int) -> None:
    """Mail one notice, once."""
    settings = current_settings()
    deliver_once(notification_id, settings.mail_url, settings.base_url)


def sort_rank_outs() -> None:
    """Decide which displaced people need a mail, and queue those mails."""
    queueing.deliver_rank_outs(rank_outs.decide(current_engine(), queue_redis(), datetime.now(UTC)))


def deliver_rank_out(notification_id: int) -> None:
    """Mail one displacement, once, if the mail is still needed."""
    if rank_outs.still_needed(current_engine(), queue_redis(), notification_id, datetime.now(UTC)):
        deliver(notification_id)


def deliver_account_mail(mail_id: int) -> None:
    """Send one mail about an account, once."""
    settings = current_settings()
    if account_requests.decide(mail_id, datetime.now(UTC)):
        account_mails.deliver_once(
            mail_id, lambda mail: token(mail, settings.signing_keys), settings.mail_url, settings.base_url
        )
