"""What a hub asks the tables, in a thread of its own, so that no board and no alert waits for them.

Once a minute: the newest session epochs of people whose sockets show no auction, in windows; of everybody else the
auctions tell the epoch each second. The title of a concert, when the first alert about its auction names it. And some
seconds after the news of auctions may have been missed, who was pushed out in that time, as the ledger has it by then.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from cashticket.live.still_out import Displacement
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
WINDOW = 500
"""People or auctions of one statement."""

MISSED_SECONDS = (5.0, 30.0)
"""So long after news may have been missed, displacements are looked up: most are recorded within a second."""

TITLE_SECONDS = 0.3
"""How long the first alert about an auction waits for the title of its concert. Then it goes without."""


class Tables(Protocol):
    """The tables, as the hub asks them. What they raise is logged and asked again."""

    def epochs(self, people: Sequence[int]) -> Mapping[int, int]:
        """Person → the present session epoch, in one statement."""

    def titles(self, auction_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """Auction → the title of its concert by language, in one statement."""

    def displacements(self, people: Sequence[int]) -> Sequence[Displacement]:
        """What was recorded of these people in the last minutes and is unread, in one statement."""


class PeopleRounds:
    """Asks from `start` to `stop`."""

    def __init__(
        self,
        tables: Tables,
        people: Callable[[], Collection[int]],
        people_elsewhere: Callable[[], Collection[int]],
        on_epoch: Callable[[int, int], None],
        on_displacements: Callable[[Sequence[Displacement]], None],
    ) -> None:
        """`people()` returns who has a socket, `people_elsewhere()` whose sockets show no auction: their sessions are
        looked at. `on_epoch(person, epoch)` and `on_displacements(…)` get what was found."""
        self._tables = tables
        self._people = people
        self._people_elsewhere = people_elsewhere
        self._on_epoch = on_epoch
        self._on_displacements = on_displacements
        self._changed = threading.Condition()
        self._titles: dict[int, Mapping[str, str]] = {}
        # The auctions whose title was wanted since the last round, and whether the tables have answered.
        self._title_answers: dict[int, bool] = {}
        self._round_at = time.monotonic() + ROUND_SECONDS
        # When displacements are to be looked up, the soonest first.
        self._missed_at: list[float] = []
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="people-rounds", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End. Waits at most `timeout` seconds."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def soon(self) -> None:
        """Look at all sessions now, because news may have been missed."""
        with self._changed:
            self._round_at = time.monotonic()
            self._changed.notify_all()

    def look_for_missed_soon(self) -> None:
        """Look up displacements of all people some seconds from now, because news of auctions may have been missed."""
        with self._changed:
            self._missed_at = [time.monotonic() + seconds for seconds in MISSED_SECONDS]
            self._changed.notify_all()

    def title(self, auction_id: int) -> Mapping[str, str]:
        """The title of an auction's concert by language, as of the last minutes; empty while it is not known. Whoever
        asks first waits for it a moment, once a minute."""
        with self._changed:
            if auction_id not in self._title_answers:
                self._title_answers[auction_id] = False
                self._changed.notify_all()
                if auction_id not in self._titles:
                    self._changed.wait_for(lambda: self._title_answers.get(auction_id, True), TITLE_SECONDS)
            return self._titles.get(auction_id, {})

    def _run(self) -> None:
        while (work := self._wait_for_work()) is not None:
            for each in work:
                try:
                    each()
                except Exception as error:
                    log.warning("people of open pages cannot be looked up, trying again: %s", failure_text(error))

    def _wait_for_work(self) -> list[Callable[[], None]] | None:
        """Sleep until a title is wanted, a round is due, or displacements are to be looked up. None once stopped."""
        with self._changed:
            while not self._is_stopped:
                if work := self._due():
                    return work
                self._changed.wait(max(0.0, min([self._round_at, *self._missed_at]) - time.monotonic()))
            return None

    def _due(self) -> list[Callable[[], None]]:
        now = time.monotonic()
        work: list[Callable[[], None]] = []
        if wanted := self._wanted():
            work.append(partial(self._learn, wanted))
        if now >= self._round_at:
            self._round_at = now + ROUND_SECONDS
            # Titles may change: the next alert about an auction has its title asked for again.
            self._title_answers = dict.fromkeys(wanted, False)
            work.append(self._look_at_sessions)
        if self._missed_at and now >= self._missed_at[0]:
            del self._missed_at[0]
            work.append(self._look_for_missed)
        return work

    def _wanted(self) -> list[int]:
        return [auction_id for auction_id, is_answered in self._title_answers.items() if not is_answered][:WINDOW]

    def _learn(self, auction_ids: Sequence[int]) -> None:
        titles: Mapping[int, Mapping[str, str]] = {}
        try:
            titles = self._tables.titles(auction_ids)
        finally:
            with self._changed:
                self._titles.update(titles)
                self._title_answers.update(dict.fromkeys(auction_ids, True))
                self._changed.notify_all()

    def _look_at_sessions(self) -> None:
        for people in _windows(self._people_elsewhere()):
            for person, epoch in self._tables.epochs(people).items():
                self._on_epoch(person, epoch)

    def _look_for_missed(self) -> None:
        for people in _windows(self._people()):
            self._on_displacements(self._tables.displacements(people))


def _windows(people: Collection[int]) -> Iterator[Sequence[int]]:
    everybody = sorted(people)
    for start in range(0, len(everybody), WINDOW):
        yield everybody[start : start + WINDOW]
