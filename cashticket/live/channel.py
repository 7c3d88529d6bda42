"""One auction in the hub: who watches it, and what is known of each person who does.

A channel decides in memory who is in or out, so that a snapshot serves thousands. It asks for nothing itself.
Rooms are touched by the hub's looking thread alone, but for the watchers (under the hub's lock) and `hear`.
"""

import threading
from dataclasses import dataclass, field, replace
from typing import Any

from cashticket.auction.values import RankedBid
from cashticket.engine.interface import Place, Snapshot
from cashticket.engine.news import BidAccepted
from cashticket.live.mailbox import Mailbox
from cashticket.live.pieces import no_place, place_in, to_win

RANK_SECONDS = 5.0
"""The exact rank of somebody outside the top N is asked for at most this often."""

ALERT_SECONDS = 1.0
"""A displacement seen on the board whose message has not come after this long has lost it."""

NEWS_SECONDS = 0.05
"""How long a look waits for the news of what it has read already."""

Mark = tuple[Any, ...]


@dataclass(eq=False, slots=True)
class Watcher:
    """One socket: what it watches, for whom (None: anybody), in which language, and what it was shown last.

    `missed` is the bid that pushed its person out before it was opened, until that has been looked at; 0: none. It was
    sought in the ledger among the bids up to `sought_through`.
    """

    auction_id: int
    locale: str
    person: int | None = None
    epoch: int = 0
    missed: int = 0
    sought_through: int = 0
    mailbox: Mailbox = field(default_factory=Mailbox)
    board: Mark | None = None
    standing: Mark | None = None
    shown_at: float = 0.0


@dataclass(slots=True)
class Known:
    """What is known of one watching person: the last place asked for, and where the last look put them."""

    place: Place | None = None
    asked_at: float = float("-inf")
    ranked_through: int = -1
    heard_bid: int = 0
    heard_alert: int = 0
    winning_at: int = 0
    lost: tuple[int, float] | None = None


class AuctionChannel:
    """Watchers and persons of one auction. `due` is when to look next, None: only when something happens."""

    def __init__(self, auction_id: int) -> None:
        self.auction_id = auction_id
        self.watchers: set[Watcher] = set()
        self.known: dict[int, Known] = {}
        self.version = 0
        self.heard_through = 0
        self._gap = False
        self._news = threading.Condition()
        self.due: float | None = None
        self.tick = 0.0
        # When everybody here was last put a board (monotonic seconds).
        self.told_at = float("-inf")

    def hasten(self, moment: float) -> None:
        """Update no later than `moment` (monotonic seconds)."""
        self.due = moment if self.due is None else min(self.due, moment)

    def hear(self, news: BidAccepted) -> None:
        """Remember whose place a bid has made out of date, and who was told to be out."""
        with self._news:
            self._gap = self._gap or news.sequence > self.heard_through + 1
            self.heard_through = max(self.heard_through, news.sequence)
            self._news.notify_all()
        if bidder := self.known.get(news.person):
            bidder.heard_bid = news.sequence
        if news.displaced and (displaced := self.known.get(news.displaced)):
            displaced.heard_alert = news.sequence

    def keep_up(self, snapshot: Snapshot) -> None:
        """Wait a moment until the news tell of every bid in this snapshot. When some of them are lost, nobody knows
        whose bids those were: everybody's place is asked for anew."""
        with self._news:
            whole = self._news.wait_for(lambda: self.heard_through >= snapshot.sequence, NEWS_SECONDS) and not self._gap
            self._gap, self.heard_through = False, max(self.heard_through, snapshot.sequence)
        if not whole:
            for known in self.known.values():
                known.place = None

    def forget_absent(self) -> None:
        """Drop what is known of people who no longer watch."""
        present = self.people()
        for person in [person for person in self.known if person not in present]:
            del self.known[person]

    def people(self) -> set[int]:
        """Who is signed in and watches."""
        return {watcher.person for watcher in self.watchers if watcher.person is not None}

    def place(self, person: int, snapshot: Snapshot, leaders: dict[int, tuple[int, RankedBid]]) -> Place | None:
        """Where a person stands in a snapshot by what is known, None when the engine must be asked."""
        known = self.known.setdefault(person, Known())
        if known.place is None or known.heard_bid > known.place.sequence:
            return None
        if known.place.sequence == 0 and person not in leaders:
            return no_place(snapshot, person)
        place = place_in(snapshot, known.place, leaders)
        if place and place.rank is None and known.ranked_through == snapshot.sequence:
            return replace(place, rank=known.place.rank)
        return place

    def rank_due(self, place: Place) -> float | None:
        """When the exact rank of this place may be asked for, None when it is known or there is none."""
        if place.sequence == 0 or place.rank is not None:
            return None
        return self.known[place.person].asked_at + RANK_SECONDS

    def learn(self, place: Place, snapshot: Snapshot, now: float) -> None:
        """Remember an answer of the engine. Of the same version as a snapshot, its rank holds until the next bid."""
        known = self.known.setdefault(place.person, Known())
        known.place, known.asked_at = place, now
        known.ranked_through = snapshot.sequence if place.version == snapshot.version else -1

    def lost_alert(self, place: Place, snapshot: Snapshot, now: float) -> tuple[int | None, float | None]:
        """The sequence to alert a person with whose message was lost, or when to look whether it was."""
        known = self.known[place.person]
        if place.winning or not place.sequence:
            known.winning_at, known.lost = snapshot.sequence if place.winning else 0, None
            return None, None
        if not known.winning_at or place.sequence > known.winning_at or known.heard_alert > known.winning_at:
            known.winning_at, known.lost = 0, None
            return None, None
        if known.lost is None:
            known.lost = (snapshot.sequence, now + ALERT_SECONDS)
        sequence, overdue = known.lost
        if now < overdue:
            return None, overdue
        known.winning_at, known.lost = 0, None
        return (sequence if place.chances_left else None), None


def board_mark(snapshot: Snapshot) -> Mark:
    """Boards of equal mark say the same."""
    return snapshot.version, snapshot.state


def standing_mark(snapshot: Snapshot, place: Place) -> Mark:
    """Standings of equal mark say the same, whatever else happened on the board."""
    facts = (place.sequence, place.winning, place.chances_left, place.recorded)
    return (
        facts,
        place.amount,
        place.rank,
        snapshot.state,
        snapshot.paused,
        snapshot.cutoff,
        snapshot.best,
        snapshot.ends_at_ms,
        to_win(snapshot),
    )


def own(mark: Mark) -> Any:
    """Of a standing's mark, what only its person's own bid or being pushed out or in changes."""
    return mark[0]
