"""The looking thread of a process: it serves channels when they are due, and once a second compares and beats.

The first news of an auction starts a tick; when it is over, one look serves everybody. The tick stretches to what the
last look took. Once a second the versions of all watched auctions are compared with the store's, so a lost line of news
costs at most that; whoever was shown the newest version and has been told nothing for a second gets a beat, which says
just that. While the store is away nobody does. What a second costs the store does not depend on how many watch.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.live.channel import AuctionChannel
from cashticket.live.session_epochs import newest_epochs
from cashticket.live.update import Alert, Rendering, Update
from cashticket.live.watchers import Watchers

log = logging.getLogger(__name__)

TICK_SECONDS = 0.15
LONGEST_TICK_SECONDS = 2.0
BEAT_SECONDS = 1.0
AGAIN_SECONDS = 1.0


class Scheduler:
    """Serves the channels of `present`, which `changed` guards, from `start` until `stop`."""

    def __init__(
        self,
        engine: Engine,
        client_factory: Callable[[], redis.Redis],
        rendering: Rendering,
        changed: threading.Condition,
        present: Watchers,
        alert: Alert,
        on_epoch: Callable[[int, int], None],
    ) -> None:
        """`client_factory` makes a client of the live store; `on_epoch(person, epoch)` hears once a second which epoch
        is the newest of everybody who is signed in."""
        self._engine = engine
        self._client_factory = client_factory
        self._rendering = rendering
        self._changed = changed
        self._present = present
        self._alert = alert
        self._on_epoch = on_epoch
        self._client: redis.Redis | None = None
        self._next_beat = 0.0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self, wait: Callable[[], object]) -> None:
        """Start once `wait` has returned, called in the thread: what is shown first must not be older than the first
        news that will be heard. Starting again changes nothing."""
        if self._thread is None:
            self._client = self._client_factory()
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._thread = threading.Thread(target=self._run, args=(wait,), name="auction-looks", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way. Waits for nothing."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the end."""
        if self._thread:
            self._thread.join(timeout)

    def mark(self, channel: AuctionChannel) -> None:
        """Update at this channel again after a tick."""
        with self._changed:
            channel.hasten(time.monotonic() + max(TICK_SECONDS, channel.tick))
            self._changed.notify_all()

    def _run(self, wait: Callable[[], object]) -> None:
        wait()
        while not self._stopped:
            channels, beat = self._wait()
            if beat:
                with self._surviving("the second's check"):
                    self._beat()
            for channel in channels:
                self._look(channel)
        if self._client:
            self._client.close()

    def _wait(self) -> tuple[list[AuctionChannel], bool]:
        """Sleep until a channel is due or the second is over; take the due channels."""
        with self._changed:
            now = time.monotonic()
            due = [channel.due for channel in self._present.channels.values() if channel.due is not None]
            moment = min([*due, self._next_beat])
            if moment > now and not self._stopped:
                self._changed.wait(moment - now)
                now = time.monotonic()
            channels = [
                channel for channel in self._present.channels.values() if channel.due is not None and channel.due <= now
            ]
            for channel in channels:
                channel.due = None
            beat = now >= self._next_beat
            if beat:
                self._next_beat = now + BEAT_SECONDS
            return channels, beat

    def _look(self, channel: AuctionChannel) -> None:
        started = time.monotonic()
        again: float | None = started + AGAIN_SECONDS
        with self._surviving(f"a look at auction {channel.auction_id}"):
            with self._changed:
                watchers = list(channel.watchers)
                channel.forget_absent()
            with self._rendering() as render:
                look = Update(channel, self._engine, render, self._alert)
                again = look.serve(watchers)
        finished = time.monotonic()
        with self._changed:
            channel.tick = min(finished - started, LONGEST_TICK_SECONDS)
            if again is not None:
                channel.hasten(max(again, finished))

    def _beat(self) -> None:
        """Compare versions, tell who was told nothing that nothing has happened, and compare the epochs of sessions."""
        with self._changed:
            channels = dict(self._present.channels)
            people = {each: channel.people() for each, channel in channels.items()}
        current = []
        for auction_id, version in self._engine.versions(channels).items():
            if version == channels[auction_id].version:
                current.append(channels[auction_id])
            else:
                self.mark(channels[auction_id])
        self._tell_alive([channel for channel in current if channel.told_at <= time.monotonic() - BEAT_SECONDS])
        if self._client is not None:
            for person, epoch in newest_epochs(self._client, people).items():
                self._on_epoch(person, epoch)

    def _tell_alive(self, channels: list[AuctionChannel]) -> None:
        if not channels:
            return
        with self._rendering() as render:
            for channel in channels:
                context = {"auction_id": channel.auction_id, "version": channel.version}
                # It says nothing in words, so it is the same in every language.
                frame = render("beat", "en", context)
                with self._changed:
                    watchers = list(channel.watchers)
                for watcher in watchers:
                    watcher.mailbox.put("beat", frame)

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """The looking thread must outlive everything."""
        try:
            yield
        except (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError) as error:
            log.warning("%s failed, trying again: %s", what, error)
        except Exception:
            log.exception("%s failed, trying again", what)
