"""The hub: from one line of news to everybody who watches, with one look at the store.

The first news of an auction starts a tick; when it is over, one snapshot serves all watchers. The tick stretches to
what the last round took. Alerts do not wait for it. Versions are compared every second, so a lost line costs at most
that. Three threads, started with the first watcher, so after any fork: one listens, one looks, one tells who is here.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import redis

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.engine.news import BidAccepted, parse_news
from cashticket.live.attendance import Attendance
from cashticket.live.epochs import newest_epochs
from cashticket.live.lately import Lately
from cashticket.live.look import Look, Rendering
from cashticket.live.presence import Presence
from cashticket.live.room import Room, Watcher
from cashticket.live.subscription import Subscription
from cashticket.live.wire import SERVICE_RESTART

log = logging.getLogger(__name__)

TICK_SECONDS = 0.15
LONGEST_TICK_SECONDS = 2.0
BEAT_SECONDS = 1.0
AGAIN_SECONDS = 1.0
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
        self._engine = engine
        self._client_factory = client_factory
        self._client: redis.Redis | None = None
        self._rendering = rendering
        self._changed = threading.Condition(threading.RLock())
        self._present = Attendance()
        self._lately = Lately()
        self._presence = Presence(queue_factory, self._people) if queue_factory else None
        self._next_beat = 0.0
        self._closed: int | None = None
        self._subscription: Subscription | None = None
        self._looking: threading.Thread | None = None

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
            self._changed.notify_all()

    def stop(self) -> None:
        """Close, and wait for the threads to end."""
        self.close()
        if self._presence:
            self._presence.stop()
        if self._subscription:
            self._subscription.stop()
        if self._looking:
            self._looking.join(2.0)

    # News

    def hear(self, auction_id: int, line: str) -> None:
        """A line of an auction's news: alert who was pushed out, and look again after a tick."""
        with self._changed:
            room = self._present.rooms.get(auction_id)
        news = None
        try:
            news = parse_news(line)
        except ValueError:
            log.info("auction %s published a line of another release: looking again", auction_id)
        if isinstance(news, BidAccepted):
            if room:
                room.hear(news)
            if news.displaced and news.alert:
                # First remembered, then told: who joins in between finds it in one of the two ways.
                self._lately.add(auction_id, news.displaced, news.sequence)
                self._alert(auction_id, news.displaced, news.sequence, news.version)
        if room:
            self._mark(room)

    def look_everywhere(self) -> None:
        """Look again at every watched auction: something may have been missed."""
        with self._changed:
            for room in self._present.rooms.values():
                self._mark(room)

    def _mark(self, room: Room) -> None:
        with self._changed:
            room.hasten(time.monotonic() + max(TICK_SECONDS, room.tick))
            self._changed.notify_all()

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

    # Looking

    def _start(self) -> None:
        if self._looking is None:
            self._client = self._client_factory()
            self._subscription = Subscription(self._client_factory, self.hear, self.look_everywhere)
            self._subscription.start()
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._looking = threading.Thread(target=self._run, name="auction-looks", daemon=True)
            self._looking.start()
            if self._presence:
                self._presence.start()

    def _run(self) -> None:
        # What is shown first must not be older than the first news that will be heard.
        if self._subscription:
            self._subscription.wait(FIRST_LOOK_SECONDS)
        while self._closed is None:
            rooms, beat = self._wait()
            if beat:
                with self._surviving("the second's check"):
                    self._beat()
            for room in rooms:
                self._look(room)
        if self._subscription:
            self._subscription.stop(0)
        if self._client:
            self._client.close()

    def _wait(self) -> tuple[list[Room], bool]:
        """Sleep until a room is due or the second is over; take the due rooms."""
        with self._changed:
            now = time.monotonic()
            due = [room.due for room in self._present.rooms.values() if room.due is not None]
            moment = min([*due, self._next_beat])
            if moment > now:
                self._changed.wait(moment - now)
                now = time.monotonic()
            rooms = [room for room in self._present.rooms.values() if room.due is not None and room.due <= now]
            for room in rooms:
                room.due = None
            beat = now >= self._next_beat
            if beat:
                self._next_beat = now + BEAT_SECONDS
            return rooms, beat

    def _look(self, room: Room) -> None:
        started = time.monotonic()
        again: float | None = started + AGAIN_SECONDS
        with self._surviving(f"a look at auction {room.auction_id}"):
            with self._changed:
                watchers = list(room.watchers)
                room.forget_absent()
            with self._rendering() as render:
                look = Look(room, self._engine, render, self._alert)
                again = look.serve(watchers)
        finished = time.monotonic()
        with self._changed:
            room.tick = min(finished - started, LONGEST_TICK_SECONDS)
            if again is not None:
                room.hasten(max(again, finished))

    def _beat(self) -> None:
        """Compare versions, and the epochs of whoever is signed in, once a second."""
        with self._changed:
            rooms = dict(self._present.rooms)
            people = {each: room.people() for each, room in rooms.items()}
        for auction_id, version in self._engine.versions(rooms).items():
            if version != rooms[auction_id].version:
                self._mark(rooms[auction_id])
        if self._client is None:
            return
        for person, epoch in newest_epochs(self._client, people).items():
            self.end_sessions(person, epoch)

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """The looking thread must outlive everything."""
        try:
            yield
        except (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError) as error:
            log.warning("%s failed, trying again: %s", what, error)
        except Exception:
            log.exception("%s failed, trying again", what)
