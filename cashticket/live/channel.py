"""One auction in the hub: who watches it, and what this process remembers of each person who does.

A channel computes in memory who is winning, so that one snapshot serves thousands. It reads no store itself. Only the
update thread may touch a channel, except for `watchers` (under the hub's lock) and `note_bid`.
"""

import threading
import time
from dataclasses import dataclass, replace

from cashticket.auction.values import Entry
from cashticket.engine.interface import Place, Snapshot
from cashticket.live.places import RowsByPerson, no_place, place_in
from cashticket.live.rank_readings import RankReading
from cashticket.live.watcher import Watcher

RANK_INTERVAL_SECONDS = 5.0
"""The exact rank of a person whose row the snapshot has not is read at most this often."""

ALERT_PATIENCE_SECONDS = 1.0
"""If the board shows a displacement and its news has not come after this long, the news is lost."""

NEWS_PATIENCE_SECONDS = 0.05
"""How long an update waits for the news of bids that its snapshot already has."""


@dataclass(slots=True)
class PersonState:
    """What a channel remembers of one watching person.

    `place` is the last answer of the engine, read at `place_read_at` (monotonic seconds); its rank is exact while the
    auction's newest bid is `rank_exact_at`. `newest_bid` and `newest_alert` are the sequences the news last named for
    this person. `winning_at` is the newest bid of the last board on which they were winning, 0 if they no longer are.
    `lost_alert` is the bid that may have pushed them out without news, and when to give its news up. `reading` is the
    last exact rank while their row was not on the board.
    """

    place: Place | None = None
    place_read_at: float = float("-inf")
    rank_exact_at: int = -1
    newest_bid: int = 0
    newest_alert: int = 0
    winning_at: int = 0
    lost_alert: tuple[int, float] | None = None
    reading: RankReading | None = None


class AuctionChannel:
    """Watchers and persons of one auction.

    `update_due_at` is when to update next, None for only when something happens; `boards_sent_at` is when every watcher
    was last sent a board (both monotonic seconds). `tick_seconds` is how long the last update took; `is_over` says that
    the last snapshot was settled or voided.
    """

    def __init__(self, auction_id: int) -> None:
        self.auction_id = auction_id
        self.watchers: set[Watcher] = set()
        self.person_states: dict[int, PersonState] = {}
        self.version = 0
        self.is_over = False
        self.news_through = 0
        self._news_missing = False
        self._news_arrived = threading.Condition()
        self.update_due_at: float | None = None
        self.tick_seconds = 0.0
        self.boards_sent_at = float("-inf")
        self._store_ahead_ms = 0.0

    def schedule_update(self, at: float) -> None:
        """Update no later than `at` (monotonic seconds)."""
        self.update_due_at = at if self.update_due_at is None else min(self.update_due_at, at)

    def note_clock(self, now_ms: int) -> None:
        """Remember that the store's clock has just said `now_ms`."""
        self._store_ahead_ms = now_ms - time.monotonic() * 1000

    def store_now_ms(self) -> int:
        """The time by the store's clock, without asking it. Late by as long as the last answer was on its way."""
        return round(time.monotonic() * 1000 + self._store_ahead_ms)

    def note_bid(self, bid: Entry) -> None:
        """Remember whose place this bid has changed, and whom its news alerts."""
        with self._news_arrived:
            self._news_missing = self._news_missing or bid.sequence > self.news_through + 1
            self.news_through = max(self.news_through, bid.sequence)
            self._news_arrived.notify_all()
        if bidder := self.person_states.get(bid.person):
            bidder.newest_bid = bid.sequence
        if bid.displaced and (displaced := self.person_states.get(bid.displaced)):
            displaced.newest_alert = bid.sequence

    def wait_for_news(self, snapshot: Snapshot) -> None:
        """Wait a moment for the news of every bid in this snapshot. If some is lost, it is unknown whose bids those
        were, so every person's place is forgotten and read again."""
        with self._news_arrived:
            arrived = self._news_arrived.wait_for(lambda: self.news_through >= snapshot.sequence, NEWS_PATIENCE_SECONDS)
            is_complete = arrived and not self._news_missing
            self._news_missing, self.news_through = False, max(self.news_through, snapshot.sequence)
        if not is_complete:
            for state in self.person_states.values():
                state.place = None

    def forget_absent(self) -> None:
        """Drop what is remembered of people who no longer watch."""
        watching = self.people()
        for person in [person for person in self.person_states if person not in watching]:
            del self.person_states[person]

    def people(self) -> set[int]:
        """The signed-in people who watch."""
        return {watcher.person for watcher in self.watchers if watcher.person is not None}

    def place_of(self, person: int, snapshot: Snapshot, rows: RowsByPerson) -> Place | None:
        """A person's place in a snapshot, which has these `rows`, from what is remembered; None when the engine must be
        asked."""
        state = self.person_states.setdefault(person, PersonState())
        if state.place is None or state.newest_bid > state.place.sequence:
            return None
        if state.place.sequence == 0 and person not in rows:
            # Whose bid was withdrawn has none, and has used chances.
            return replace(no_place(snapshot, person), chances_left=state.place.chances_left)
        place = place_in(snapshot, state.place, rows)
        if place and place.rank is None and state.rank_exact_at == snapshot.sequence:
            return replace(place, rank=state.place.rank)
        return place

    def rank_due_at(self, place: Place) -> float | None:
        """When the exact rank of this place may be read; None when it is known or the person has not bid."""
        if place.sequence == 0 or place.rank is not None:
            return None
        return self.person_states[place.person].place_read_at + RANK_INTERVAL_SECONDS

    def remember_place(self, place: Place, snapshot: Snapshot, now: float) -> None:
        """Remember an answer of the engine. If it has the snapshot's version, its rank is exact until the next bid."""
        state = self.person_states.setdefault(place.person, PersonState())
        state.place, state.place_read_at = place, now
        state.rank_exact_at = snapshot.sequence if place.version == snapshot.version else -1

    def lost_alert(self, place: Place, snapshot: Snapshot, now: float) -> tuple[int | None, float | None]:
        """The sequence to alert this person with because its news was lost, and when to check again whether it was."""
        state = self.person_states[place.person]
        if place.winning or not place.sequence:
            state.winning_at, state.lost_alert = snapshot.sequence if place.winning else 0, None
            return None, None
        if not state.winning_at or place.sequence > state.winning_at or state.newest_alert > state.winning_at:
            state.winning_at, state.lost_alert = 0, None
            return None, None
        if state.lost_alert is None:
            state.lost_alert = (snapshot.sequence, now + ALERT_PATIENCE_SECONDS)
        sequence, overdue_at = state.lost_alert
        if now < overdue_at:
            return None, overdue_at
        state.winning_at, state.lost_alert = 0, None
        return (sequence if place.chances_left else None), None
