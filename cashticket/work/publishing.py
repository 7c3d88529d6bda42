"""The live store, as publishing asks for it: terms go there once, and a lost answer is asked for again."""

import time
from datetime import datetime

from cashticket.catalogue.publishing import NotOpened
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction
from cashticket.wiring import current_engine

ATTEMPTS = 4
PAUSE_SECONDS = 0.25


class Unconfirmed(Exception):
    """The live store may or may not have the terms of `auction_id`."""

    def __init__(self, auction_id: int) -> None:
        super().__init__(f"the live store did not confirm auction {auction_id}")
        self.auction_id = auction_id


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
