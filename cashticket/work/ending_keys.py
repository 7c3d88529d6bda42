"""The keys of an auction leave the live store a day after it was settled or voided; then the ledger alone serves.

First the live store shows the end, then every key goes in one step, then the ledger notes it. A process that dies in
between leaves an auction that is found again, and every step may be repeated.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import redis

from cashticket import redis_keys
from cashticket.auction.values import State
from cashticket.engine.cluster_engine import has_cluster
from cashticket.engine.interface import Engine, OutcomeUnknown, Status, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.ledger import ended_auctions, queries
from cashticket.models import Auction
from cashticket.work import orders_taken

LIVE_AFTER_END = timedelta(days=1)
"""How long after settlement or voiding the live store still answers for an auction."""

AT_ONCE_MAX = 1_000
"""Auctions that a job looks at; the next one goes on."""
QUEUE_STORE_KEYS = (redis_keys.settling, redis_keys.handing_over, redis_keys.draining, redis_keys.rebuilding)


class NotForgettable(OperatorError):
    """The keys of the auction stay, and nothing was changed; `why` is the message."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Forgotten:
    """Ids of the auctions whose keys left, and why the keys of others stay, by id; `away` are those whose live store
    does not answer, while others do."""

    ids: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    away: dict[int, str] = field(default_factory=dict)

    def try_one(self, engine: Engine, auction_id: int, act: Callable[[], object]) -> None:
        """Do it for one auction, and keep what became of it. Raises what the store raises when there is no other."""
        try:
            act()
            self.ids.append(auction_id)
        except NotForgettable as error:
            self.refused[auction_id] = error.why
        except (StoreUnavailable, OutcomeUnknown):
            if len(engine.stores()) == 1 and not has_cluster(engine):
                raise
            self.away[auction_id] = "Its live store does not answer, or LIVE_STORES does not name it."


def any_due(now: datetime) -> bool:
    """Whether keys of an auction are to leave at `now` (UTC)."""
    return bool(ended_auctions.with_keys(now - LIVE_AFTER_END, 1))


def due(now: datetime, *, without_limit: bool = False) -> list[int]:
    """Ids of the auctions whose keys are to leave at `now` (UTC), at most AT_ONCE_MAX unless `without_limit`."""
    limit = None if without_limit else AT_ONCE_MAX
    return list(ended_auctions.with_keys(now - LIVE_AFTER_END, limit))


def forget_all(
    engine: Engine, client: redis.Redis, ids: Iterable[int], now: datetime, stop: threading.Event, seconds: float
) -> Forgotten:
    """Remove the keys of these auctions until all are done, a stop, or the time is over. One live store of several that
    is away, or that the settings do not name, holds up its own auctions alone. Raises what the only one raises while it
    is away; then call it again."""
    forgotten, ends_at = Forgotten(), time.monotonic() + seconds
    for auction_id in ids:
        if stop.is_set() or time.monotonic() > ends_at:
            break
        try:
            forgotten.try_one(engine, auction_id, partial(forget, engine, client, auction_id, now))
        finally:
            db.session.remove()
    return forgotten


def foresee(engine: Engine, ids: Iterable[int]) -> Forgotten:
    """What `forget_all` would do; changes nothing."""
    foreseen = Forgotten()
    for auction_id in ids:
        foreseen.try_one(engine, auction_id, partial(check_forgettable, engine, auction_id))
    return foreseen


def forget(engine: Engine, client: redis.Redis, auction_id: int, now: datetime) -> bool:
    """Remove every key of an ended auction from both stores (`client` is the queue store's) and note it at `now` (UTC).

    Returns False if that was noted before. Raises NotForgettable, and what stores raise while they are away.
    """
    row = check_forgettable(engine, auction_id)
    # A crash after settlement may have left the live store behind.
    _show_end(engine, auction_id, row.state)
    if not engine.forget(auction_id):
        raise NotForgettable(_WAITING.format(id=auction_id))
    client.delete(*(key(auction_id) for key in QUEUE_STORE_KEYS))
    orders_taken.forget(client, auction_id)
    return ended_auctions.note_keys_left(auction_id, now)


def check_forgettable(engine: Engine, auction_id: int) -> Auction:
    """The auction as the ledger has it. Raises NotForgettable if its keys must stay."""
    row = queries.auction(auction_id)
    if row is None:
        raise NotForgettable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    if not row.state.is_end:
        raise NotForgettable(
            f"Auction {auction_id} is {row.state}: keys leave only after it was settled or voided, "
            "because the live store still decides."
        )
    if engine.backlog([auction_id])[auction_id]:
        raise NotForgettable(_WAITING.format(id=auction_id))
    standing = _status(engine, auction_id)
    if standing is not None and standing.sequence > row.recorded_sequence:
        raise NotForgettable(
            f"The live store has bids of auction {auction_id} that the ledger has not: "
            f"`flask auction check {auction_id}` lists them."
        )
    if standing is not None and row.state is State.VOIDED and not standing.state.is_end:
        raise NotForgettable(
            f"Voiding auction {auction_id} was interrupted, so it may still take bids: repeat `flask auction void`."
        )
    return row


_WAITING = (
    "Bids of auction {id} wait to be recorded: look at the log of worker `bids`; if the auction is void, repeat "
    "`flask auction void {id}`, which records them."
)


def _status(engine: Engine, auction_id: int) -> Status | None:
    return engine.statuses([auction_id]).get(auction_id)


def _show_end(engine: Engine, auction_id: int, state: State) -> None:
    standing = _status(engine, auction_id)
    if standing is not None and standing.state is not state:
        engine.finish(auction_id, state)
