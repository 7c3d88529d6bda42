"""The update thread of a process: updates channels when they are due, and once a second compares versions and beats.

The first news of an auction starts a tick; when it is over, one update serves every watcher. A tick is at least as long
as the last update took. Once a second the versions of all watched auctions are compared with the store's, so lost news
costs at most a second. Channels that show the newest version and were sent nothing for a second get a beat, a frame
that confirms it; while the store is down none is sent. However many watch, each second costs the store the same.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.live.channel import AuctionChannel
from cashticket.live.connection import RESULTS_ALONE
from cashticket.live.session_epochs import newest_epochs
from cashticket.live.update import Rendering, SendAlert, Update
from cashticket.live.watchers import Watchers
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

TICK_SECONDS_MIN = 0.15
TICK_SECONDS_MAX = 2.0
BEAT_SECONDS = 1.0
RETRY_SECONDS = 1.0

OnUpdate = Callable[[float], None]
"""Takes the seconds that an update of an auction's watchers took. Must neither wait nor raise."""


def uncounted(seconds: float) -> None:
    """For whom nobody counts."""


class Scheduler:
    """Updates the channels of `watchers`, which the lock of `changed` guards, from `start` until `stop`."""

    def __init__(
        self,
        engine: Engine,
        client_factory: Callable[[], redis.Redis],
        rendering: Rendering,
        changed: threading.Condition,
        watchers: Watchers,
        send_alert: SendAlert,
        on_epoch: Callable[[int, int], None],
        on_update: OnUpdate = uncounted,
        is_own: Callable[[int], bool] = lambda auction_id: True,
    ) -> None:
        """`client_factory` makes a client of the live store. `on_epoch(person, epoch)` is called once a second with the
        newest session epoch of every signed-in person. `on_update` gets the seconds that each update took. Only
        auctions that `is_own` says yes to are updated."""
        self._engine, self._is_own = engine, is_own
        self._client_factory = client_factory
        self._rendering = rendering
        self._changed = changed
        self._watchers = watchers
        self._send_alert = send_alert
        self._on_epoch, self._on_update = on_epoch, on_update
        self._client: redis.Redis | None = None
        self._next_beat_at = 0.0
        self._is_stopped = False
        self._thread: threading.Thread | None = None

    def start(self, wait: Callable[[], object]) -> None:
        """Start the thread, which first calls `wait`: the first pieces must not be older than the first news received.
        Repeating changes nothing."""
        if self._thread is None:
            self._client = self._client_factory()
            self._next_beat_at = time.monotonic() + BEAT_SECONDS
            self._thread = threading.Thread(target=self._run, args=(wait,), name="auction-updates", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the present update. Returns without waiting."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the thread to end, at most `timeout` seconds."""
        if self._thread:
            self._thread.join(timeout)

    def update_soon(self, channel: AuctionChannel) -> None:
        """Update this channel after a tick."""
        with self._changed:
            channel.schedule_update(time.monotonic() + max(TICK_SECONDS_MIN, channel.tick_seconds))
            self._changed.notify_all()

    def _run(self, wait: Callable[[], object]) -> None:
        wait()
        while not self._is_stopped:
            channels, is_beat_due = self._wait_for_work()
            if is_beat_due:
                with self._surviving("the check of every second"):
                    self._check_versions_and_sessions()
            for channel in channels:
                self._update(channel)
        if self._client:
            self._client.close()

    def _wait_for_work(self) -> tuple[list[AuctionChannel], bool]:
        """Sleep until a channel or a beat is due. Returns the due channels, and whether the beat is."""
        with self._changed:
            now = time.monotonic()
            times = [channel.update_due_at for channel in self._channels() if channel.update_due_at is not None]
            wake_at = min([*times, self._next_beat_at])
            if wake_at > now and not self._is_stopped:
                self._changed.wait(wake_at - now)
                now = time.monotonic()
            channels = [
                channel
                for channel in self._channels()
                if channel.update_due_at is not None and channel.update_due_at <= now
            ]
            for channel in channels:
                channel.update_due_at = None
            is_beat_due = now >= self._next_beat_at
            if is_beat_due:
                self._next_beat_at = now + BEAT_SECONDS
            return channels, is_beat_due

    def _channels(self) -> list[AuctionChannel]:
        return [channel for channel in self._watchers.channels.values() if self._is_own(channel.auction_id)]

    def _update(self, channel: AuctionChannel) -> None:
        started_at = time.monotonic()
        next_update_at: float | None = started_at + RETRY_SECONDS
        with self._surviving(f"an update of auction {channel.auction_id}"):
            with self._changed:
                watchers = list(channel.watchers)
                channel.forget_absent()
            with self._rendering() as render:
                update = Update(channel, self._engine, render, self._send_alert)
                next_update_at = update.serve(watchers)
        finished_at = time.monotonic()
        self._on_update(finished_at - started_at)
        with self._changed:
            channel.tick_seconds = min(finished_at - started_at, TICK_SECONDS_MAX)
            if next_update_at is not None:
                channel.schedule_update(max(next_update_at, finished_at))

    def _check_versions_and_sessions(self) -> None:
        """Update channels whose version has changed, send beats to the others, and report the epochs of sessions."""
        with self._changed:
            channels = {channel.auction_id: channel for channel in self._channels()}
            people = {auction_id: channel.people() for auction_id, channel in channels.items()}
        unchanged = []
        versions = self._engine.versions(channels)
        self._end_sockets([channel for auction_id, channel in channels.items() if auction_id not in versions])
        for auction_id, version in versions.items():
            if version == channels[auction_id].version:
                unchanged.append(channels[auction_id])
            else:
                self.update_soon(channels[auction_id])
        quiet_since = time.monotonic() - BEAT_SECONDS
        self._send_beats([channel for channel in unchanged if channel.boards_sent_at <= quiet_since])
        if self._client is not None:
            for person, epoch in newest_epochs(self._client, people).items():
                self._on_epoch(person, epoch)

    def _end_sockets(self, absent: list[AuctionChannel]) -> None:
        """End the sockets of auctions that are over and have left the live store; others are only lost for now."""
        with self._changed:
            for watcher in [watcher for channel in absent if channel.is_over for watcher in channel.watchers]:
                watcher.mailbox.end(RESULTS_ALONE)

    def _send_beats(self, channels: list[AuctionChannel]) -> None:
        if not channels:
            return
        with self._rendering() as render:
            for channel in channels:
                now_ms = channel.store_now_ms()
                context = {"auction_id": channel.auction_id, "version": channel.version, "now_ms": now_ms}
                # A beat has no text, so it is the same in every language.
                frame = render("beat", "en", context)
                with self._changed:
                    watchers = list(channel.watchers)
                for watcher in watchers:
                    watcher.mailbox.put("beat", frame)

    @contextmanager
    def _surviving(self, task: str) -> Iterator[None]:
        """Log any failure of `task`: the update thread must never end by one."""
        try:
            yield
        except (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError) as error:
            log.warning("%s failed, trying again: %s", task, failure_text(error))
        except Exception:
            log.exception("%s failed, trying again", task)
