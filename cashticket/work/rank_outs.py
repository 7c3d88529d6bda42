"""Decides which displacements are mailed, and pushed: those of people who are away, still out, and still able to bid.

The live page alerts first; a mail is considered 5 seconds later, a push at once. Several displacements of one person in
one auction get one mail. A page that was just lost still counts as open until its socket fails to answer a ping, so the
decision waits while somebody seems present. Repeating any step sends nothing twice.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

import redis

from cashticket.auction.values import Permission, State
from cashticket.engine.interface import Engine, OutcomeUnknown, Place, StoreUnavailable, UnknownAuction
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
    standings = _standings(engine, notices, present)
    return {
        notice.id: _verdict(notice, standings.get(notice.auction_id), notice.person_id in present, now)
        for notice in notices
    }


class _Standing(NamedTuple):
    """Whether an auction takes bids, and where displaced people stand in it now."""

    is_open: bool
    places: Mapping[int, Place]


def _standings(engine: Engine, notices: Iterable[RankOut], present: Container[int]) -> dict[int, _Standing]:
    """By auction. One whose live store does not answer while another one does is left out: people of the others must
    not wait for it. Raises what stores raise when none answers."""
    people: dict[int, list[int]] = {}
    for notice in notices:
        away = people.setdefault(notice.auction_id, [])
        if notice.person_id not in present:
            away.append(notice.person_id)
    standings: dict[int, _Standing] = {}
    failure: Exception | None = None
    for auction_id, persons in people.items():
        try:
            standings[auction_id] = _standing(engine, auction_id, persons)
        except (StoreUnavailable, OutcomeUnknown) as error:
            failure = failure or error
    if failure and not standings:
        raise failure
    return standings


def _standing(engine: Engine, auction_id: int, persons: Sequence[int]) -> _Standing:
    """One call of the live store for hundreds of people; nobody stands in an auction that is lost."""
    try:
        if engine.read(auction_id).state is State.OPEN:
            return _Standing(True, engine.places(auction_id, persons) if persons else {})
    except UnknownAuction:
        pass
    return _Standing(False, {})


def _verdict(notice: RankOut, standing: _Standing | None, is_present: bool, now: datetime) -> Verdict:
    is_open = standing is None or standing.is_open
    if notice.is_read or notice.permission is not Permission.OK or not is_open:
        return Verdict.NEEDLESS
    if standing is None:
        return Verdict.WAIT
    if is_present:
        return Verdict.WAIT if now - notice.at < PRESENCE_CERTAIN else Verdict.NEEDLESS
    place = standing.places.get(notice.person_id)
    # No mail if they bid again or have no chances left.
    out_since = place and not place.winning and 0 < place.sequence < notice.sequence and place.chances_left
    return Verdict.MAIL if out_since else Verdict.NEEDLESS
