"""RQ's entry points: ids in, nothing out. Each may run twice, or be killed at any moment, without harm.

They run in a worker's child process, inside the application (see worker.py).
"""

import logging
from datetime import UTC, datetime

from flask import Flask, current_app

from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work import (
    delivering,
    ending_keys,
    handing_over,
    proving_identities,
    push_delivering,
    queueing,
    rank_outs,
    reminding,
    sms_delivering,
    sms_queueing,
    stopping,
    telling,
)
from cashticket.work.check import due_checks
from cashticket.work.closing import close_and_announce
from cashticket.work.drains import drain_all

DRAIN_SECONDS = 60.0

log = logging.getLogger(__name__)


def drain() -> None:
    """Record accepted bids for a minute, sharing the auctions with other drains; then queue the next one if needed."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stores, urls = current_engine().stores(), current_settings().store_urls
    drain_all(app, stores, urls, queue_redis(), stopping.stop_event, DRAIN_SECONDS)
    queueing.ensure_drain(current_engine())


def settle(auction_id: int) -> None:
    """Close, record and settle an auction whose end has come, and queue telling its bidders."""
    close_and_announce(current_engine(), auction_id)


def check_due() -> None:
    """Make the checks that the watch wants, and check whole auctions that are due, then queue the rest."""
    if due_checks.work_off(current_engine(), stopping.stop_event, queueing.CHECK_SECONDS):
        queueing.check_due()


def lapse_and_offer(auction_id: int) -> None:
    """Lapse expired offers, offer freed seats to the next in line, and queue the mails."""
    now = datetime.now(UTC)
    if handing_over.is_time_certain(current_engine(), now):
        handing_over.lapse_and_offer(auction_id, now)


# Jobs queued before an upgrade carry the old name.
hand_over = lapse_and_offer


def tell(auction_id: int) -> None:
    """Tell bidders how an auction ended for a while, then queue the next run if more are to be told."""
    if telling.tell(current_engine(), auction_id, stopping.stop_event):
        queueing.tell_on(auction_id)


def remind() -> None:
    """Remind followers of auctions and holders of rights to buy for a while, then queue the next run for the rest."""
    if reminding.remind(current_engine(), stopping.stop_event):
        queueing.remind(again=True)


def deliver_due() -> None:
    """Send what is due in the outbox for a while, then queue the next deliverer if more is due."""
    if delivering.deliver(current_engine(), stopping.stop_event, queueing.DELIVERY_SECONDS):
        queueing.deliver()


def push_due() -> None:
    """Send the pushes that are due for a while, then queue the next run if more are due."""
    if push_delivering.deliver(current_engine(), stopping.stop_event, queueing.DELIVERY_SECONDS):
        queueing.push()


def sms_due() -> None:
    """Send the SMS that are due for a while, then queue the next run if more are due."""
    if sms_delivering.deliver(stopping.stop_event, queueing.DELIVERY_SECONDS):
        sms_queueing.send()


def identities_due() -> None:
    """Ask the provider about the people who came back from it. Who waits while it is away has it asked again."""
    proving_identities.ask_waiting(current_engine())


def sort_rank_outs() -> None:
    """Decide which displaced people need a mail, and see to it that these mails leave."""
    if rank_outs.decide(current_engine(), queue_redis(), datetime.now(UTC)):
        queueing.deliver()


def forget_ended() -> None:
    """Remove the keys of auctions that ended a day ago from the live store, and name those whose keys stay."""
    now, seconds = datetime.now(UTC), queueing.FORGETTING_SECONDS
    done = ending_keys.forget_all(
        current_engine(), queue_redis(), ending_keys.due(now), now, stopping.stop_event, seconds
    )
    for auction_id in done.refused:
        log.error(
            "keys of auction %s stay in the live store: `flask auction forget %s` says why", auction_id, auction_id
        )
    if done.away:
        log.warning("keys of %d ended auctions stay: their live store does not answer", len(done.away))


def deliver(reference: int) -> None:
    """A job of versions that queued each mail by itself: its mail is adopted by the outbox if nobody has sent it."""
    deliver_due()


deliver_rank_out = deliver_account_mail = deliver
