"""The watch as a witness: it hears of every accepted bid, and removes what ended witnesses have left."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cashticket import redis_keys
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.engine.news import parse_news
from cashticket.live.subscription import Subscription
from cashticket.logs.failures import failure_text
from cashticket.witness.ended import remove_ended
from cashticket.witness.shelves import Shelves
from cashticket.witness.testimony import ShelfUnavailable
from cashticket.witness.writer import Witness

log = logging.getLogger(__name__)

REMOVING_SECONDS = 600.0
"""How often what ended witnesses have left is looked at."""


@contextmanager
def witnessing(witness: Witness, shelves: Shelves, engine: Engine, live_store_url: str) -> Iterator[None]:
    """Listen to the news of all auctions and witness it until the block is left, then write a last time."""

    def hear(channel: str, message: str) -> None:
        try:
            witness.hear(redis_keys.auction_of_news(channel), parse_news(message))
        except ValueError:
            # Of another release. That process witnesses the bid itself.
            return

    witness.start("watch", engine)
    subscription = Subscription(
        lambda: connect(live_store_url), redis_keys.NEWS_PATTERN, hear, lambda: None, about="auctions"
    )
    subscription.start()
    ended = threading.Event()
    threading.Thread(target=_remove, args=(shelves, engine, ended), name="ended-witnesses", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        subscription.stop()
        witness.stop()


def _remove(shelves: Shelves, engine: Engine, ended: threading.Event) -> None:
    while not ended.wait(REMOVING_SECONDS):
        try:
            remove_ended(shelves, engine)
        except (ShelfUnavailable, StoreUnavailable, OutcomeUnknown) as error:
            log.warning("what ended witnesses have left stays for now: %s", failure_text(error))
