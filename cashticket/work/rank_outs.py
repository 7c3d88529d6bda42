"""Decides which displacements are mailed, and pushed: those of people who are away, still out, and still able to bid.

The live page alerts first; a mail is considered 5 seconds later, a push at once. Several displacements of one person in
one auction get one mail. A page that was just lost still counts as open until its socket fails to answer a ping, so the
decision waits while somebody seems present. Repeating any step sends nothing twice.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum

import redis

from cashticket.auction.values import Permission, State
from cashticket.engine.interface import Engine, Place, UnknownAuction
from cashticket.live.page_marks import people_with_open_page
from cashticket.notify import rank_outs
from cashticket.notify.rank_outs import RankOut

GRACE = timedelta(seconds=5)
PRESENCE_CERTAIN = timedelta(seconds=45)
"""Sockets are pinged every 20 seconds and closed when one ping was not answered before the next."""

AGE_MAX = timedelta(hours=24)


class Verdict(Enum):
    """What to do about a displacement."""

    MAIL = "mail"
    WAIT = "wait"
    NEEDLESS = "needless"


def any_due(now: datetime) -> bool:
    """Whether a displacement older than the grace is undecided at `now` (UTC)."""
    return rank_outs.any_undecided(now - GRACE, now - AGE_MAX)


def decide(engine: Engine, client: redis.Redis, now: datetime) -> int:
    """Decide every displacement that is due at `now` (UTC). Returns how many mails were put into the outbox.

    `client` is one of the queue Redis. Raises StoreUnavailable, OutcomeUnknown and redis.RedisError: then call again.
    """
    due = rank_outs.undecided(now - GRACE, now - AGE_MAX)
    # One mail for each person and auction, about the newest displacement.
    newest = {(notice.person_id, notice.auction_id): notice for notice in due}.values()
    needless = {notice.id for notice in due} - {notice.id for notice in newest}
    verdicts = _verdicts(engine, client, newest, now)
    needless |= {notice.id for notice in newest if verdicts[notice.id] is Verdict.NEEDLESS}
    to_mail = {notice.id for notice in newest if verdicts[notice.id] is Verdict.MAIL}
    rank_outs.decide(to_mail, needless, now)
    return len(to_mail)


def verdict_now(engine: Engine, client: redis.Redis, notification_id: int, now: datetime) -> Verdict:
    """Decide one displacement again just before its mail is sent. Raises like `decide`."""
    return verdicts_now(engine, client, [notification_id], now)[notification_id]


def verdicts_now(
    engine: Engine, client: redis.Redis, notification_ids: Collection[int], now: datetime
) -> dict[int, Verdict]:
    """Decide displacements again just before they are pushed, by the ids of their notices. Raises like `decide`."""
    verdicts = _verdicts(engine, client, rank_outs.of_notices(notification_ids), now)
    return {each: verdicts.get(each, Verdict.NEEDLESS) for each in notification_ids}


def _verdicts(engine: Engine, client: redis.Redis, due: Iterable[RankOut], now: datetime) -> dict[int, Verdict]:
    notices = list(due)
    present = people_with_open_page(client, [notice.person_id for notice in notices])
    is_open = {auction_id: _is_open(engine, auction_id) for auction_id in {notice.auction_id for notice in notices}}
    places = _places(engine, [each for each in notices if is_open[each.auction_id] and each.person_id not in present])
    return {
        notice.id: _verdict(
            notice,
            is_present=notice.person_id in present,
            is_open=is_open[notice.auction_id],
            place=places.get((notice.auction_id, notice.person_id)),
            now=now,
        )
        for notice in notices
    }


def _places(engine: Engine, notices: Sequence[RankOut]) -> dict[tuple[int, int], Place]:
    """Where the displaced people stand now, by auction and person, none for an auction that is lost: one call of the
    live store for hundreds of them."""
    people: dict[int, list[int]] = {}
    for notice in notices:
        people.setdefault(notice.auction_id, []).append(notice.person_id)
    places: dict[tuple[int, int], Place] = {}
    for auction_id, persons in people.items():
        with suppress(UnknownAuction):
            of_auction = engine.places(auction_id, persons)
            places |= {(auction_id, person): place for person, place in of_auction.items()}
    return places


def _verdict(notice: RankOut, *, is_present: bool, is_open: bool, place: Place | None, now: datetime) -> Verdict:
    if notice.is_read or notice.permission is not Permission.OK or not is_open:
        return Verdict.NEEDLESS
    if is_present:
        return Verdict.WAIT if now - notice.at < PRESENCE_CERTAIN else Verdict.NEEDLESS
    # No mail if they bid again or have no chances left.
    out_since = place and not place.winning and 0 < place.sequence < notice.sequence and place.chances_left
    return Verdict.MAIL if out_since else Verdict.NEEDLESS


def _is_open(engine: Engine, auction_id: int) -> bool:
    try:
        return engine.read(auction_id).state is State.OPEN
    except UnknownAuction:
        return False
