"""The hub: carries each piece of news to all who watch, with one read of the store.

An alert is sent as soon as its news arrives. Everything else waits for the auction's next update (`scheduler`), which
serves all its watchers. Three threads, started with the first watcher and so after any fork: one listens to the news,
one updates, one marks whose pages are open.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection

import redis

from cashticket.engine.interface import Engine
from cashticket.engine.news import BidAccepted, News, parse_news
from cashticket.live.connection import SERVICE_RESTART
from cashticket.live.page_marks import PageMarks
from cashticket.live.recent_alerts import RecentAlerts
from cashticket.live.scheduler import Scheduler
from cashticket.live.subscription import Subscription
from cashticket.live.update import Rendering
from cashticket.live.watcher import Watcher
from cashticket.live.watchers import Watchers

log = logging.getLogger(__name__)

SUBSCRIBE_SECONDS = 1.0


class Hub:
    """All watchers of one process. Safe to call from any thread."""

    def __init__(
        self,
        engine: Engine,
        client_factory: Callable[[], redis.Redis],
        rendering: Rendering,
        queue_factory: Callable[[], redis.Redis] | None = None,
        on_news: Callable[[int, News], None] | None = None,
    ) -> None:
        """`client_factory` makes clients of the live store, for the subscription and the check of sessions.
        `queue_factory` makes one of the queue store, where open pages are marked; None marks nothing. `on_news` gets
        the news of every auction, in the thread that listens."""
        self._on_news = on_news
        self._client_factory = client_factory
        self._rendering = rendering
        self._changed = threading.Condition(threading.RLock())
        self._watchers = Watchers()
        self._recent_alerts = RecentAlerts()
        self._page_marks = PageMarks(queue_factory, self._people) if queue_factory else None
        self._scheduler = Scheduler(
            engine=engine,
            client_factory=client_factory,
            rendering=rendering,
            changed=self._changed,
            watchers=self._watchers,
            send_alert=self._send_alert,
            on_epoch=self.check_sessions,
        )
        self._close_code: int | None = None
        self._subscription: Subscription | None = None

    # Watchers

    def listen(self) -> None:
        """Receive all news from now on. Returns when subscribed, or after a second if the store does not answer."""
        with self._changed:
            if self._close_code is None:
                self._start()
        self._wait_for_subscription()

    def join(self, watcher: Watcher) -> None:
        """Serve this watcher: the present pieces first, then every change. After `close`, its mailbox ends at once."""
        with self._changed:
            if self._close_code is not None:
                watcher.mailbox.end(self._close_code)
                return
            self._watchers.add(watcher).schedule_update(time.monotonic())
            if watcher.person is not None:
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
            if self._page_marks:
                self._page_marks.stop(0)
            if self._subscription:
                self._subscription.stop(0)
            self._scheduler.stop()

    def stop(self) -> None:
        """Close, and wait for the threads to end, at most 2 seconds for each."""
        self.close()
        if self._page_marks:
            self._page_marks.stop()
        if self._subscription:
            self._subscription.stop()
        self._scheduler.join(2.0)

    # News

    def receive(self, auction_id: int, message: str) -> None:
        """Handle one message of an auction's news: alert who was pushed out, and update the auction after a tick."""
        with self._changed:
            channel = self._watchers.channels.get(auction_id)
        news = _parse(auction_id, message)
        if news and self._on_news:
            self._on_news(auction_id, news)
        if isinstance(news, BidAccepted):
            if channel:
                channel.note_bid(news.entry)
            if news.entry.displaced and news.entry.alert:
                # Remembered before it is sent, so that a socket that joins in between is alerted, too.
                self._recent_alerts.add(auction_id, news.entry.displaced, news.entry.sequence)
                self._send_alert(auction_id, news.entry.displaced, news.entry.sequence, news.version)
        if channel:
            self._scheduler.update_soon(channel)

    def update_all(self) -> None:
        """Update every watched auction, because news may have been missed."""
        with self._changed:
            for channel in self._watchers.channels.values():
                self._scheduler.update_soon(channel)

    def _send_alert(self, auction_id: int, person: int, sequence: int, version: int) -> None:
        """Alert every socket of this person, whichever auction it shows."""
        with self._changed:
            sockets = self._watchers.of_person(person)
        if not sockets:
            return
        frames: dict[str, str] = {}
        with self._rendering() as render:
            for watcher in sockets:
                if watcher.locale not in frames:
                    context = {"auction_id": auction_id, "sequence": sequence, "version": version}
                    frames[watcher.locale] = render("alert", watcher.locale, context)
                watcher.mailbox.alert(auction_id, sequence, frames[watcher.locale])

    # Threads

    def _start(self) -> None:
        if self._subscription is None:
            self._subscription = Subscription(self._client_factory, self.receive, self.update_all)
            self._subscription.start()
            self._scheduler.start(self._wait_for_subscription)
            if self._page_marks:
                self._page_marks.start()

    def _wait_for_subscription(self) -> None:
        if self._subscription:
            self._subscription.wait(SUBSCRIBE_SECONDS)

    def _people(self) -> Collection[int]:
        with self._changed:
            return self._watchers.people()


def _parse(auction_id: int, message: str) -> News | None:
    try:
        return parse_news(message)
    except ValueError:
        log.info("auction %s published a message of another release: updating it", auction_id)
        return None
