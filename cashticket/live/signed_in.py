"""What a hub does for its signed-in people, on whichever page they are: frames for one person; and, each in a thread of
its own, it marks who has a page open, hears what other processes tell of people, and looks at sessions in the tables.
None of it delays a board.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager

import redis

from cashticket import redis_keys
from cashticket.engine.interface import Engine
from cashticket.live.line_moves import LineMoves
from cashticket.live.page_marks import PageMarks
from cashticket.live.people_news import LineMoved, NoticesStored, SessionsEnded, parse
from cashticket.live.people_rounds import PeopleRounds, Tables
from cashticket.live.personal_frames import PersonalFrames
from cashticket.live.still_out import Displacement, still_out
from cashticket.live.subscription import Subscription
from cashticket.live.update import Rendering
from cashticket.live.watchers import Watchers

log = logging.getLogger(__name__)


class SignedIn:
    """Works from `start` to `stop`; what it was not given a store or tables for, it leaves undone. `frames` are what it
    puts into the mailboxes of one person."""

    def __init__(
        self,
        engine: Engine,
        rendering: Rendering,
        watchers: Watchers,
        lock: AbstractContextManager[object],
        queue_factory: Callable[[], redis.Redis] | None,
        tables: Tables | None,
        on_epoch: Callable[[int, int], None],
        heard: Callable[[int, int], int],
    ) -> None:
        """`lock` guards `watchers`. `queue_factory` makes clients of the queue store. `on_epoch(person, epoch)` hears
        whose sessions may have ended. `heard(auction_id, person)` is the last alert this process heard of."""
        self._watchers, self._lock, self._on_epoch = watchers, lock, on_epoch
        self._engine, self._heard = engine, heard
        self.frames = PersonalFrames(engine, rendering, watchers, lock, self._title)
        self._lines = LineMoves(self.frames.tell_line_moved, self.frames.count_pages)
        people = self._people, self._people_elsewhere
        self._rounds = PeopleRounds(tables, *people, on_epoch, self._repeat) if tables else None
        self._parts: list[PageMarks | PeopleRounds | Subscription] = [self._rounds] if self._rounds else []
        if queue_factory:
            self._parts += [PageMarks(queue_factory, self._people), self._news(queue_factory)]

    def start(self) -> None:
        """Start the threads."""
        for part in self._parts:
            part.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End. Waits at most `timeout` seconds for each thread."""
        self._lines.stop()
        for part in self._parts:
            part.stop(timeout)

    def look_for_missed(self) -> None:
        """Alert again, some seconds from now, whoever was pushed out while no news of auctions was heard."""
        if self._rounds:
            self._rounds.look_for_missed_soon()

    def _repeat(self, displacements: Sequence[Displacement]) -> None:
        unheard = [each for each in displacements if each.sequence > self._heard(each.auction_id, each.person)]
        for out in still_out(self._engine, unheard):
            at = out.displacement
            self.frames.alert(at.auction_id, at.person, at.sequence, out.version, out.amount)

    def _news(self, queue_factory: Callable[[], redis.Redis]) -> Subscription:
        return Subscription(
            queue_factory,
            redis_keys.PEOPLE_NEWS,
            self._hear,
            self._look_again,
            about="people",
            is_wanted=self._watchers.has_people,
        )

    def _hear(self, channel: str, text: str) -> None:
        try:
            news = parse(text)
        except ValueError:
            log.info("a message about people of another release was left out")
            return
        match news:
            case NoticesStored(people, spread_ms):
                self.frames.tell(people, spread_ms)
            case SessionsEnded(person, epoch):
                self._on_epoch(person, epoch)
            case LineMoved(auction_id):
                self._lines.moved(auction_id)

    def _look_again(self) -> None:
        # What was published while nobody listened is lost; of new notices pages learn when they count again.
        if self._rounds:
            self._rounds.soon()

    def _title(self, auction_id: int) -> Mapping[str, str]:
        return self._rounds.title(auction_id) if self._rounds else {}

    def _people(self) -> Collection[int]:
        with self._lock:
            return self._watchers.people()

    def _people_elsewhere(self) -> Collection[int]:
        with self._lock:
            return self._watchers.people_elsewhere()
