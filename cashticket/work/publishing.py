"""Publishing and extending auctions, in the tables and in the live store, and adding concerts.

Terms are given to the live store once. When its answer is lost, they are sent again, which changes nothing.
"""

import time
from datetime import datetime
from typing import Any

from cashticket.catalogue import concerts
from cashticket.catalogue.importing import Imported, Progress, open_all
from cashticket.catalogue.publishing import (
    NotOpened,
    Plan,
    auction_to_reopen,
    extend_auction,
    publish_auction,
)
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert
from cashticket.wiring import current_engine
from cashticket.work.cached_pages import renewing_pages

ATTEMPTS = 4
PAUSE_SECONDS = 0.25


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
def publish(plan: Plan, now: datetime) -> Auction:
    """Store an auction and open it in the live store; `now` is the live store's time.

    Raises NotPublishable, NotOpened (nothing is stored then) and Unconfirmed (the auction stays stored).
    """
    return publish_auction(plan, now, open_in_store)


@renewing_pages()
def publish_again(auction_id: int) -> Auction:
    """Send the terms of a stored auction to the live store again. Raises NotPublishable, NotOpened, Unconfirmed."""
    auction = auction_to_reopen(auction_id)
    open_in_store(auction)
    return auction


@renewing_pages()
def open_imported(imported: Imported, walk: Progress) -> None:
    """Open the auctions of an import in the live store, in order. Raises StoppedHalfway; repeating is harmless."""
    open_all(imported, open_in_store, walk)


@renewing_pages()
def extend(auction_id: int, closes_at: datetime, why: str, operator: str) -> Auction:
    """Move an auction's announced end later, in the live store and in the tables. Raises NotPublishable."""
    return extend_auction(auction_id, closes_at, why, operator, extend_in_store)


def store_now() -> datetime:
    """The live store's time."""
    return to_moment(current_engine().clock())


def open_in_store(auction: Auction) -> None:
    """Give the auction's terms to the live store. Raises NotOpened when it certainly did not take them, Unconfirmed
    when no answer came however often it was asked; sending the same terms again is harmless."""
    engine, terms = current_engine(), terms_of(auction)
    for attempt in range(ATTEMPTS):
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


def extend_in_store(auction_id: int, closes_at: datetime) -> int | None:
    """Move the announced end in the live store; the end now in force (ms), None when bidding is over."""
    closing = current_engine().extend(auction_id, to_ms(closes_at))
    return None if closing.closed else closing.ends_at_ms
