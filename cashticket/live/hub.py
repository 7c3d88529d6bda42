"""The hub: carries each piece of news to all who watch, with one read of the store.

An alert is sent as soon as its news arrives. Everything else waits for the auction's next update (`scheduler`), which
serves all its watchers. Its threads start with the first watcher and so after any fork: one listens to the news, one
updates, others serve signed-in people (`signed_in`).
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

import redis

from cashticket.engine.interface import Engine
from cashticket.engine.news import BidAccepted, News, parse_news
from cashticket.engine.one_store import FIRST_STORE
from cashticket.live.connection import SERVICE_RESTART
from cashticket.live.heard_stores import HeardStore, HeardStores, OnNews
from cashticket.live.people_rounds import Tables
from cashticket.live.recent_alerts import RecentAlerts
from cashticket.live.scheduler import OnUpdate, Scheduler, uncounted
from cashticket.live.signed_in import SignedIn
from cashticket.live.update import Rendering
from cashticket.live.watcher import Watcher
from cashticket.live.watchers import Watchers

log = logging.getLogger(__name__)


class Hub:
    """All watchers of one process. Safe to call from any thread."""

    def __init__(
        self,
        engine: Engine,
        sources: Callable[[], redis.Redis] | Mapping[str, HeardStore],
        rendering: Rendering,
        queue_factory: Callable[[], redis.Redis] | None = None,
        on_news: OnNews | None = None,
        tables: Tables | None = None,
        on_update: OnUpdate = uncounted,
    ) -> None:
        """`sources` are the live stores by name, or makes clients of the only one, whose news `on_news` then gets.
        `queue_factory` makes those of the queue store, where open pages are marked and people's news is published.
        `tables` tell sessions and titles.
        `on_update` gets the seconds that each update took."""
        self._changed = threading.Condition(threading.RLock())
        self._watchers = Watchers()
        self._recent_alerts = RecentAlerts()
        check, heard = self.check_sessions, self._recent_alerts.sequence
        self.signed_in = SignedIn(engine, rendering, self._watchers, self._changed, queue_factory, tables, check, heard)
        alert = self.signed_in.frames.alert

        def scheduler(
            store: Engine, make_client: Callable[[], redis.Redis], is_own: Callable[[int], bool]
        ) -> Scheduler:
            shared = (rendering, self._changed, self._watchers)
            return Scheduler(store, make_client, *shared, alert, check, on_update, is_own)

        by_name = {FIRST_STORE: HeardStore(sources, on_news)} if callable(sources) else sources
        self._stores = HeardStores(engine, by_name, scheduler)
        self._close_code: int | None = None

    # Watchers

    def listen(self, auction_id: int | None = None) -> None:
        """Receive all news from now on. Returns when subscribed to that of this auction, or of all, or after a second
        if the store does not answer."""
        if auction_id is not None:
            self._stores.know(auction_id)
        with self._changed:
            if self._close_code is None:
                self._start()
        self._stores.wait(auction_id)

    def join(self, watcher: Watcher) -> None:
        """Serve this watcher: the present pieces first, then every change. After `close`, its mailbox ends at once."""
        if watcher.auction_id is not None:
            self._stores.know(watcher.auction_id)
        with self._changed:
            if self._close_code is not None:
                watcher.mailbox.end(self._close_code)
                return
            if channel := self._watchers.add(watcher):
                channel.schedule_update(time.monotonic())
            if watcher.person is not None and watcher.auction_id is not None:
                recent = self._recent_alerts.sequence(watcher.auction_id, watcher.person)
                # If the ledger has that bid, it also knows whether the alert was read.
                if recent > watcher.searched_through:
                    watcher.missed_sequence = max(watcher.missed_sequence, recent)
            self._start()
            self._changed.notify_all()

    def leave(self, watcher: Watcher) -> None:
        """Forget this watcher."""
        with self._changed:
            self._watchers.remove(watcher)

    def watcher_count(self) -> int:
        """How many sockets watch now."""
        with self._changed:
            return len(self._watchers.all())

    def check_sessions(self, person: int, epoch: int) -> None:
        """Have this person's sockets check their sessions, except those that did so at `epoch` or later."""
        with self._changed:
            for watcher in self._watchers.of_person(person):
                if watcher.epoch < epoch:
                    watcher.epoch = epoch
                    watcher.mailbox.check_session()

    def close(self, code: int = SERVICE_RESTART) -> None:
        """End every socket with `code`, including those that join later. Waits for nothing."""
        with self._changed:
            self._close_code = code
            for watcher in self._watchers.all():
                watcher.mailbox.end(code)
            self.signed_in.stop(0)
            self._stores.stop()

    def stop(self) -> None:
        """Close, and wait for the threads to end, at most 2 seconds for each."""
        self.close()
        self.signed_in.stop()
        self._stores.join(2.0)

    # News

    def receive(self, auction_id: int, message: str, on_news: OnNews | None = None) -> None:
        """Handle one message of an auction's news: alert who was pushed out, and update the auction after a tick.
        `on_news` gets the news first."""
        with self._changed:
            channel = self._watchers.channels.get(auction_id)
        news = _parse(auction_id, message)
        if news and on_news:
            on_news(auction_id, news)
        if isinstance(news, BidAccepted):
            if channel:
                channel.note_bid(news.entry)
            if news.entry.displaced and news.entry.alert:
                # Remembered before it is sent, so that a socket that joins in between is alerted, too.
                sequence = news.entry.sequence
                self._recent_alerts.add(auction_id, news.entry.displaced, sequence)
                self.signed_in.frames.alert(auction_id, news.entry.displaced, sequence, news.version)
        if channel:
            self._stores.update_soon(channel)

    def update_all(self) -> None:
        """Update every watched auction, because news may have been missed."""
        with self._changed:
            for channel in self._watchers.channels.values():
                self._stores.update_soon(channel)

    def _look_again(self) -> None:
        self.update_all()
        self.signed_in.look_for_missed()

    # People

    def recent_alerts(self, person: int) -> dict[int, int]:
        """Auction → the bid that pushed this person out there, as this process heard within the last minute."""
        return self._recent_alerts.of_person(person)

    # Threads

    def _start(self) -> None:
        if self._stores.start(self.receive, self._look_again):
            self.signed_in.start()


def _parse(auction_id: int, message: str) -> News | None:
    try:
        return parse_news(message)
    except ValueError:
        log.info("auction %s published a message of another release: updating it", auction_id)
        return None
