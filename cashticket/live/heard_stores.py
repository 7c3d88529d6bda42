"""The live stores that a hub hears: of each the news of its auctions, and a thread that updates who watches them.

So a store that is frozen or cut off holds up the watchers of its own auctions alone.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import redis

from cashticket import redis_keys
from cashticket.engine.interface import Engine, StoreUnavailable
from cashticket.engine.news import News
from cashticket.engine.one_store import FIRST_STORE
from cashticket.live.channel import AuctionChannel
from cashticket.live.scheduler import Scheduler
from cashticket.live.subscription import Subscription

OnNews = Callable[[int, News], None]
"""Takes an auction and one piece of its news. Must not wait."""

SUBSCRIBE_SECONDS = 1.0


class HeardStore(NamedTuple):
    """`make_client` makes clients of a live store, for the subscription and the check of sessions. `on_news` gets the
    news of each of its auctions, in the thread that listens."""

    make_client: Callable[[], redis.Redis]
    on_news: OnNews | None = None


class HeardStores:
    """The stores of `engine`, heard from `start` until `stop`. Its caller holds the hub's lock around `start`."""

    def __init__(
        self,
        engine: Engine,
        sources: Mapping[str, HeardStore],
        make_scheduler: Callable[[Engine, Callable[[], redis.Redis], Callable[[int], bool]], Scheduler],
    ) -> None:
        """`sources` by the names of the engine's stores. `make_scheduler` gets the engine on one store, what makes its
        clients, and whether an auction is there."""
        self._engine, self._sources = engine, sources
        # Auction → name of its store. Whoever updates holds the hub's lock, where nobody may ask for it.
        self._homes: dict[int, str] = {}
        stores = engine.stores() if len(sources) > 1 else {FIRST_STORE: engine}
        self._schedulers = {
            name: make_scheduler(stores[name], source.make_client, partial(self._is_in, name))
            for name, source in sources.items()
        }
        self._subscriptions: dict[str, Subscription] = {}

    def know(self, auction_id: int) -> None:
        """Find out which store has an auction, before anybody watches it. It may have to be asked for."""
        if len(self._sources) == 1 or auction_id in self._homes:
            return
        try:
            home = self._engine.of(auction_id)
        except StoreUnavailable:
            # Whoever joins next asks again.
            return
        self._homes[auction_id] = next(name for name, store in self._engine.stores().items() if store is home)

    def start(self, hear: Callable[[int, str, OnNews | None], None], look_again: Callable[[], None]) -> bool:
        """Start listening and updating. `hear` gets each message with its auction and the `on_news` of its store.
        Repeating changes nothing and returns False."""
        if self._subscriptions:
            return False
        for name, source in self._sources.items():
            about = "auctions" if name == FIRST_STORE else f"auctions in {name}"
            on_message = partial(_pass_on, hear, source.on_news)
            self._subscriptions[name] = subscription = Subscription(
                source.make_client, redis_keys.NEWS_PATTERN, on_message, look_again, about=about
            )
            subscription.start()
            self._schedulers[name].start(partial(subscription.wait, SUBSCRIBE_SECONDS))
        return True

    def wait(self, auction_id: int | None = None) -> None:
        """Return once the store of this auction is heard, or all are; after a second if it does not answer."""
        ends_at = time.monotonic() + SUBSCRIBE_SECONDS
        for name, subscription in self._subscriptions.items():
            if auction_id is None or self._is_in(name, auction_id):
                subscription.wait(max(0.0, ends_at - time.monotonic()))

    def update_soon(self, channel: AuctionChannel) -> None:
        """Update this channel after a tick."""
        # Whichever says so, the one updates that has the auction.
        next(iter(self._schedulers.values())).update_soon(channel)

    def stop(self) -> None:
        """End listening and updating. Waits for nothing."""
        for subscription in self._subscriptions.values():
            subscription.stop(0)
        for scheduler in self._schedulers.values():
            scheduler.stop()

    def join(self, seconds: float) -> None:
        """Wait for the threads to end, at most `seconds` for each."""
        for subscription in self._subscriptions.values():
            subscription.stop(seconds)
        for scheduler in self._schedulers.values():
            scheduler.join(seconds)

    def _is_in(self, name: str, auction_id: int) -> bool:
        return len(self._sources) == 1 or self._homes.get(auction_id) == name


def _pass_on(
    hear: Callable[[int, str, OnNews | None], None], on_news: OnNews | None, channel: str, message: str
) -> None:
    hear(redis_keys.auction_of_news(channel), message, on_news)
