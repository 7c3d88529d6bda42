"""Publishing and extending auctions, in the tables and in the live store, and adding concerts.

Terms are given to the live store once. When its answer is lost, they are sent again, which changes nothing.
"""

import time
from datetime import datetime
from functools import partial
from typing import Any

from cashticket.auction.values import State
from cashticket.catalogue import concerts
from cashticket.catalogue.import_posters import Progress
from cashticket.catalogue.import_storing import Imported
from cashticket.catalogue.importing import open_all
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import (
    NotOpened,
    StoreOf,
    auction_to_reopen,
    extend_auction,
    first_store,
    publish_auction,
    store_extension,
)
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.ledger import queries
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert
from cashticket.work import identity_terms
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.lost_auctions import require_address

ATTEMPTS_MAX = 4
PAUSE_SECONDS = 0.25
EXTENSION_FINISHED = "`auction extend` was interrupted after the live store had the new end; its reason is not known"


class Unconfirmed(Exception):
    """The live store may or may not have the terms of `auction_id`."""

    def __init__(self, auction_id: int) -> None:
        super().__init__(f"the live store did not confirm auction {auction_id}")
        self.auction_id = auction_id


@renewing_pages()
def add_concert(**fields: Any) -> Concert:
    """Store a concert with the fields of `catalogue.concerts.prepare`. Raises NotPublishable."""
    return concerts.add_concert(**fields)


@renewing_pages()
def publish(engine: Engine, plan: Plan, now: datetime, store_of: StoreOf = first_store) -> Auction:
    """Store an auction and open it in its live store, the one that `store_of` chooses; `now` is that store's time.

    Raises NotPublishable, NotOpened (nothing is stored then) and Unconfirmed (the auction stays stored).
    """
    identity_terms.check(plan.identity)
    return publish_auction(plan, now, partial(open_in_store, engine), store_of)


@renewing_pages()
def publish_again(engine: Engine, auction_id: int) -> Auction:
    """Send the terms of a stored auction to the live store again. Raises NotPublishable, NotOpened, Unconfirmed."""
    auction = auction_to_reopen(auction_id)
    open_in_store(engine, auction)
    return auction


@renewing_pages()
def open_imported(engine: Engine, imported: Imported, walk: Progress) -> None:
    """Open the auctions of an import in the live store, in order. Raises StoppedHalfway; repeating is harmless."""
    open_all(imported, partial(open_in_store, engine), walk)


@renewing_pages()
def extend(engine: Engine, auction_id: int, closes_at: datetime, why: str, operator: str) -> Auction:
    """Move an auction's announced end later, in the live store and in the tables. Raises NotPublishable."""
    return extend_auction(auction_id, closes_at, why, operator, partial(_extend_in_store, engine))


def store_now(engine: Engine) -> datetime:
    """The live store's time (UTC)."""
    return to_moment(engine.clock())


def open_in_store(engine: Engine, auction: Auction) -> None:
    """Give the auction's terms to the live store. Raises NotOpened when it certainly did not take them, Unconfirmed
    when none of ATTEMPTS_MAX attempts was answered."""
    require_address(engine, auction)
    terms = terms_of(auction)
    for attempt in range(ATTEMPTS_MAX):
        try:
            engine.open(terms)
            return
        except ValueError as error:
            raise NotOpened(f"The live store refuses auction {auction.id}: {error}.") from error
        except StoreUnavailable as error:
            if attempt == 0:
                raise NotOpened(f"The live store is not available; nothing was published: {error}") from error
        except OutcomeUnknown:
            pass
        time.sleep(PAUSE_SECONDS * (attempt + 1))
    raise Unconfirmed(auction.id)


@renewing_pages()
def finish_extension(engine: Engine, auction_id: int) -> bool:
    """Store the announced end that the live store has already, after `extend` died in between. Returns whether it was
    missing. Raises UnknownAuction."""
    auction, board = queries.auction(auction_id), engine.read(auction_id)
    if auction is None or auction.state is not State.OPEN or to_ms(auction.closes_at) >= board.terms.closes_at_ms:
        return False
    ends = to_moment(board.terms.closes_at_ms), board.terms.soft_close_cap_ms // 1000, to_moment(board.ends_at_ms)
    return store_extension(auction, *ends, EXTENSION_FINISHED, "watch")


def _extend_in_store(engine: Engine, auction_id: int, closes_at: datetime, cap_seconds: int) -> tuple[int, int] | None:
    closing = engine.extend(auction_id, to_ms(closes_at), cap_seconds * 1000)
    return None if closing.closed else (closing.ends_at_ms, closing.sequence)
