"""The hub: from one line of news to everybody who watches, with one look at the store.

Alerts are told as their line is heard; everything else waits for the next look (`rounds`), which serves all watchers.
Three threads, started with the first watcher, so after any fork: one listens, one looks, one tells who is here.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection

import redis

from cashticket.engine.interface import Engine
from cashticket.engine.news import BidAccepted, parse_news
from cashticket.live.channel import Watcher
from cashticket.live.connection import SERVICE_RESTART
from cashticket.live.presence import Presence
from cashticket.live.recent_alerts import RecentAlerts
from cashticket.live.scheduler import Scheduler
from cashticket.live.subscription import Subscription
from cashticket.live.update import Rendering
from cashticket.live.watchers import Watchers

log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 1.0


class Hub:
    """All watchers of one process. Safe to call from any thread."""

    def __init__(
        self,
        engine: Engine,
        client_factory: Callable[[], redis.Redis],
        rendering: Rendering,
        queue_factory: Callable[[], redis.Redis] | None = None,
    ) -> None:
        """`client_factory` makes clients of the live store for the subscription and the session check,
        `queue_factory` one of the queue Redis, where others look who has a page open here."""
        self._client_factory = client_factory
        self._rendering = rendering
        self._changed = threading.Condition(threading.RLock())
        self._present = Watchers()
        self._lately = RecentAlerts()
        self._presence = Presence(queue_factory, self._people) if queue_factory else None
        self._rounds = Scheduler(
            *(engine, client_factory, rendering, self._changed, self._present),
            alert=self._alert,
            on_epoch=self.end_sessions,
        )
        self._closed: int | None = None
        self._subscription: Subscription | None = None

    # Watchers

    def listen(self) -> None:
        """Hear all news from now on. Returns when the subscription stands, or after a second without the store."""
        with self._changed:
            if self._closed is None:
                self._start()
        if self._subscription:
            self._subscription.wait(FIRST_LOOK_SECONDS)

    def join(self, watcher: Watcher) -> None:
        """Serve this watcher: the present pieces first, then every change. After `close`, its mailbox ends at once."""
        with self._changed:
            if self._closed is not None:
                watcher.mailbox.end(self._closed)
                return
            self._present.enter(watcher).hasten(time.monotonic())
            if watcher.person is not None:
                lately = self._lately.sequence(watcher.auction_id, watcher.person)
                # What the ledger has, it also knows to be read or not.
                if lately > watcher.sought_through:
                    watcher.missed = max(watcher.missed, lately)
            self._start()
            self._changed.notify_all()

    def leave(self, watcher: Watcher) -> None:
        """Forget this watcher."""
        with self._changed:
            self._present.leave(watcher)

    def _people(self) -> Collection[int]:
        with self._changed:
            return self._present.people()

    def watchers(self) -> int:
        """How many watch now."""
        with self._changed:
            return len(self._present.everybody())

    def end_sessions(self, person: int, epoch: int) -> None:
        """Sessions of this person older than `epoch` may have ended: have each of their sockets check its own."""
        with self._changed:
            for watcher in self._present.sockets_of(person):
                if watcher.epoch < epoch:
                    watcher.epoch = epoch
                    watcher.mailbox.doubt()

    def close(self, code: int = SERVICE_RESTART) -> None:
        """End every socket with `code`, those that come later, too."""
        with self._changed:
            self._closed = code
            for watcher in self._present.everybody():
                watcher.mailbox.end(code)
            if self._presence:
                self._presence.stop(0)
            if self._subscription:
                self._subscription.stop(0)
            self._rounds.stop()

    def stop(self) -> None:
        """Close, and wait for the threads to end."""
        self.close()
        if self._presence:
            self._presence.stop()
        if self._subscription:
            self._subscription.stop()
        self._rounds.join(2.0)

    # News

    def hear(self, auction_id: int, line: str) -> None:
        """A line of an auction's news: alert who was pushed out, and look again after a tick."""
        with self._changed:
            channel = self._present.channels.get(auction_id)
        news = None
        try:
            news = parse_news(line)
        except ValueError:
            log.info("auction %s published a line of another release: looking again", auction_id)
        if isinstance(news, BidAccepted):
            if channel:
                channel.hear(news)
            if news.displaced and news.alert:
                # First remembered, then told: who joins in between finds it in one of the two ways.
                self._lately.add(auction_id, news.displaced, news.sequence)
                self._alert(auction_id, news.displaced, news.sequence, news.version)
        if channel:
            self._rounds.mark(channel)

    def look_everywhere(self) -> None:
        """Update again at every watched auction: something may have been missed."""
        with self._changed:
            for channel in self._present.channels.values():
                self._rounds.mark(channel)

    def _alert(self, auction_id: int, person: int, sequence: int, version: int) -> None:
        """To every socket of this person, whichever auction it shows."""
        with self._changed:
            sockets = self._present.sockets_of(person)
        if not sockets:
            return
        frames: dict[str, str] = {}
        with self._rendering() as render:
            for watcher in sockets:
                if watcher.locale not in frames:
                    context = {"auction_id": auction_id, "sequence": sequence, "version": version}
                    frames[watcher.locale] = render("alert", watcher.locale, context)
                watcher.mailbox.alert(auction_id, sequence, frames[watcher.locale])

    def _start(self) -> None:
        if self._subscription is None:
            self._subscription = Subscription(self._client_factory, self.hear, self.look_everywhere)
            self._subscription.start()
            self._rounds.start(self._first_news)
            if self._presence:
                self._presence.start()

    def _first_news(self) -> None:
        if self._subscription:
            self._subscription.wait(FIRST_LOOK_SECONDS)
