"""Reminding followers of auctions and holders of rights to buy, in short runs, so that settlements never wait for it.

The end in force is that of the live store, which has it first: a soft close may have moved it just now. While an
auction takes no bids its time stands still, and nobody is reminded. Several runs at once are harmless.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from cashticket.auction.reminder_rules import AuctionReminder, auction_reminder, is_worth_reminding
from cashticket.auction.values import State
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.locale import to_moment, to_ms
from cashticket.models.columns import utcnow
from cashticket.notify import reminders
from cashticket.notify.reminders import FollowedAuction
from cashticket.work import queueing
from cashticket.work.handing_over import is_time_certain

RUN_SECONDS = 2.0
"""A run ends after this long, so that other jobs of its queue get their turn; it queues the next one."""


class DueReminder(NamedTuple):
    """A reminder that followers of an auction are to get now. `ends_at` (UTC) is the end in force."""

    auction_id: int
    reminder: AuctionReminder
    ends_at: datetime


def any_due(now: datetime) -> bool:
    """Whether somebody is to be reminded at `now` (UTC), as far as the ledger knows: at most two statements."""
    followed = reminders.followed_auctions(now)
    return any(_due(each, to_ms(each.ends_at), to_ms(now)) for each in followed) or reminders.any_right_due(now)


def remind(
    engine: Engine, stop: threading.Event, seconds: float = RUN_SECONDS, clock: Callable[[], datetime] = utcnow
) -> bool:
    """Remind whoever is to be reminded, for about `seconds`. Returns whether more are to be.

    Raises what stores raise while they are away: call again later.
    """
    ends_at = time.monotonic() + seconds
    for _ in _windows(engine, clock):
        queueing.deliver_soon()
        if stop.is_set() or time.monotonic() >= ends_at:
            return True
    return False


def _windows(engine: Engine, clock: Callable[[], datetime]) -> Iterator[int]:
    """One window after the other, each with how many people it went through: holders of rights first."""
    while is_time_certain(engine, clock()) and (done := reminders.remind_of_rights(clock())):
        yield done
    # Looked up anew for each window: the end may move meanwhile.
    while due := _due_now(engine, clock()):
        for each in due:
            yield reminders.remind_followers(*each, clock())


def _due_now(engine: Engine, now: datetime) -> list[DueReminder]:
    """What followers are to get now, by the live store's clock and its ends: a statement and a round trip."""
    followed = reminders.followed_auctions(now)
    db.session.remove()
    statuses = engine.statuses([each.auction_id for each in followed]) if followed else {}
    due = []
    for each in followed:
        status = statuses.get(each.auction_id)
        if status is None or status.state is not State.OPEN or status.paused:
            continue
        if reminder := _due(each, status.ends_at_ms, status.now_ms):
            due.append(DueReminder(each.auction_id, reminder, to_moment(status.ends_at_ms)))
    return due


def _due(followed: FollowedAuction, ends_ms: int, now_ms: int) -> AuctionReminder | None:
    """The reminder that some follower is to get at `now_ms`, if there is one."""
    opens_ms = to_ms(followed.opens_at)
    reminder = auction_reminder(opens_ms, ends_ms, now_ms)
    if reminder is None or reminder <= followed.reminded or not is_worth_reminding(opens_ms, ends_ms, now_ms):
        return None
    return reminder
