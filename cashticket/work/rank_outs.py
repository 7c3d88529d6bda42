"""Who was pushed out and has no page open gets a mail: one for each displacement, one for several of one auction.

The live page tells first. After a grace, whoever is away, still out and still able to bid is mailed. A page may have
been lost a moment before it was told, and that shows only when its line does not answer; so while somebody seems to be
present the decision waits until that would have shown. Repeating any step sends nothing twice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

import redis

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.live.presence import present_among
from cashticket.notify import rank_outs
from cashticket.notify.rank_outs import UndecidedRankOut

GRACE = timedelta(seconds=5)
CERTAIN = timedelta(seconds=45)
"""Sockets are pinged every 20 seconds and closed when one ping was not answered before the next."""

NEWS = timedelta(hours=24)


class Verdict(Enum):
    """What is to be done about a displacement."""

    MAIL = "mail"
    WAIT = "wait"
    NEEDLESS = "needless"


def any_due(now: datetime) -> bool:
    """Whether somebody was pushed out at least a grace before `now` (UTC) and nobody has decided about a mail."""
    return rank_outs.any_waiting(now - GRACE, now - NEWS)


def sort(engine: Engine, client: redis.Redis, now: datetime) -> list[int]:
    """Decide about every displacement that is due at `now` (UTC); ids of the notices to mail.

    `client` is one of the queue Redis. Raises StoreUnavailable, OutcomeUnknown and redis.RedisError: then call again.
    """
    found = rank_outs.waiting(now - GRACE, now - NEWS)
    # The newest of a person in an auction speaks for those before it.
    newest = {(each.person_id, each.auction_id): each for each in found}.values()
    needless = {each.id for each in found} - {each.id for each in newest}
    verdicts = _verdicts(engine, client, newest, now)
    needless |= {each.id for each in newest if verdicts[each.id] is Verdict.NEEDLESS}
    rank_outs.need_no_mail(needless, now)
    return [each.id for each in newest if verdicts[each.id] is Verdict.MAIL]


def still_needed(engine: Engine, client: redis.Redis, notification_id: int, now: datetime) -> bool:
    """Whether this notice is to be mailed now: time may have passed since it was sorted."""
    found = rank_outs.waiting_one(notification_id)
    if found is None:
        return False
    verdict = _verdicts(engine, client, [found], now)[notification_id]
    if verdict is Verdict.NEEDLESS:
        rank_outs.need_no_mail([notification_id], now)
    return verdict is Verdict.MAIL


def _verdicts(
    engine: Engine, client: redis.Redis, found: Iterable[UndecidedRankOut], now: datetime
) -> dict[int, Verdict]:
    notices = list(found)
    present = present_among(client, [each.person_id for each in notices])
    is_open = {auction_id: _is_open(engine, auction_id) for auction_id in {each.auction_id for each in notices}}
    return {
        each.id: _verdict(engine, each, each.person_id in present, is_open[each.auction_id], now) for each in notices
    }


def _verdict(engine: Engine, found: UndecidedRankOut, is_present: bool, is_open: bool, now: datetime) -> Verdict:
    if found.told or found.permission != "ok" or not is_open:
        return Verdict.NEEDLESS
    if is_present:
        return Verdict.WAIT if now - found.at < CERTAIN else Verdict.NEEDLESS
    place = engine.place(found.auction_id, found.person_id)
    # Who has bid since then, knows; who has no chance left, is told by the page alone.
    out_since = not place.winning and 0 < place.sequence < found.sequence and place.chances_left
    return Verdict.MAIL if out_since else Verdict.NEEDLESS


def _is_open(engine: Engine, auction_id: int) -> bool:
    try:
        return engine.read(auction_id).state is State.OPEN
    except UnknownAuction:
        return False
