"""One look at one auction: read the snapshot, and put into every mailbox what its watcher has not seen yet.

Boards are rendered once a language. Who is in or out is decided in memory; the engine is asked only about people
whose place is not known, and for exact ranks outside the top N. Asking and rendering standings have budgets of time:
the next board waits for neither. Whose own bid or place changed comes first, then whoever waited longest.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.live.channel import AuctionChannel, Mark, Watcher, board_mark, own, standing_mark
from cashticket.live.pieces import board_of, by_person, place_in, standing_of

ASKING_SECONDS = 0.1
"""How long one look may ask for places; the rest is asked in the next, so that boards never wait for ranks."""

STANDINGS_SECONDS = 0.1
"""How long one look may render standings; the rest is rendered soon after, as it is then."""

SOON_SECONDS = 0.15
BOARDS_AT_ONCE = 100

SPREAD_MS = 3000
"""After settlement everybody fetches their result; the fetches are spread over this time."""

Render = Callable[[str, str, Mapping[str, Any]], str]
"""`render(kind, locale, context)` is the frame of a board, standing, fetch, alert or beat in a language."""

Rendering = Callable[[], AbstractContextManager[Render]]
"""Opens whatever rendering needs, for as long as one look takes."""

Alert = Callable[[int, int, int, int], None]
"""`alert(auction_id, person, sequence, version)` tells a person to be out whose own message was lost."""


class Update:
    """What one look knows. Lives in the looking thread and ends with it."""

    def __init__(self, channel: AuctionChannel, engine: Engine, render: Render, alert: Alert) -> None:
        self._room = channel
        self._engine = engine
        self._render = render
        self._alert = alert
        self._read_at = time.monotonic()
        self._snapshot: Snapshot = engine.read(channel.auction_id)
        channel.keep_up(self._snapshot)
        self._leaders = by_person(self._snapshot)
        self._asked = 0.0
        self._again: list[float] = []
        self._newcomers: dict[Mark, dict[str, str]] = {}

    def serve(self, watchers: Iterable[Watcher]) -> float | None:
        """Show everybody the present. Answers when to look again although nothing happens (monotonic seconds)."""
        self._room.version = self._snapshot.version
        present = list(watchers)
        self._show_boards(present)
        by_people: dict[int, list[Watcher]] = {}
        for watcher in present:
            if watcher.person is not None:
                by_people.setdefault(watcher.person, []).append(watcher)
        if self._snapshot.state.is_end:
            for person, sockets in by_people.items():
                self._send_fetch(person, sockets)
        else:
            self._show_standings(by_people)
        self._expect_the_clock()
        return min(self._again, default=None)

    def _show_boards(self, watchers: list[Watcher]) -> None:
        mark = board_mark(self._snapshot)
        frames: dict[str, str] = {}
        behind = [watcher for watcher in watchers if watcher.board != mark]
        for number, watcher in enumerate(behind, 1):
            if watcher.locale not in frames:
                frames[watcher.locale] = self._render("board", watcher.locale, board_of(self._snapshot))
            watcher.board = mark
            watcher.mailbox.put("board", frames[watcher.locale])
            if number % BOARDS_AT_ONCE == 0:
                # Let alerts, other sockets and bids of this process have the processor in between.
                time.sleep(0)
        if len(behind) == len(watchers):
            self._room.told_at = time.monotonic()

    def _show_standings(self, by_people: Mapping[int, list[Watcher]]) -> None:
        waiting = []
        # Who has seen nothing yet comes first when the time for asking is short.
        for person in sorted(by_people, key=lambda each: all(one.standing for one in by_people[each])):
            if place := self._place(person):
                sockets = by_people[person]
                self._repeat_alert(place, sockets)
                self._mend_alert(place)
                mark = standing_mark(self._snapshot, place)
                if behind := [watcher for watcher in sockets if watcher.standing != mark]:
                    waiting.append((min(_urgency(watcher, mark) for watcher in behind), place, mark, behind))
        waiting.sort(key=lambda each: each[0])
        deadline = time.monotonic() + STANDINGS_SECONDS
        for left, (_, place, mark, behind) in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
            self._send_standing(place, mark, behind)
            if left and time.monotonic() >= deadline:
                self._again.append(time.monotonic() + SOON_SECONDS)
                return

    def _place(self, person: int) -> Place | None:
        """Where a person stands, with the exact rank when it is due; None when that must be asked another time."""
        place = self._room.place(person, self._snapshot, self._leaders) or self._ask(person)
        if place is None:
            self._again.append(time.monotonic())
            return None
        rank_due = self._room.rank_due(place)
        if rank_due is not None and rank_due <= time.monotonic():
            place = self._ask(person) or place
        elif rank_due is not None:
            self._again.append(rank_due)
        return place

    def _send_standing(self, place: Place, mark: Mark, watchers: list[Watcher]) -> None:
        # Who has not bid is shown nothing of their own, so their frames are the same.
        frames = {} if place.sequence else self._newcomers.setdefault(mark, {})
        for watcher in watchers:
            if watcher.locale not in frames:
                frames[watcher.locale] = self._render("standing", watcher.locale, standing_of(self._snapshot, place))
                # Rendering holds the processor: let sockets and bids of this process have it in between.
                time.sleep(0)
            watcher.standing, watcher.shown_at = mark, self._read_at
            watcher.mailbox.put("standing", frames[watcher.locale])

    def _send_fetch(self, person: int, watchers: list[Watcher]) -> None:
        """What became of a bid is in the ledger: have each page fetch its own standing, not all at once."""
        mark: Mark = (self._snapshot.state, self._snapshot.version)
        for watcher in watchers:
            if watcher.standing != mark:
                delay = person * 7919 % SPREAD_MS
                context = {"auction_id": self._room.auction_id, "snapshot": self._snapshot, "delay_ms": delay}
                watcher.standing = mark
                watcher.mailbox.put("standing", self._render("fetch", watcher.locale, context))

    def _ask(self, person: int) -> Place | None:
        """The engine's answer as this snapshot has it; None when time is up or the person has bid since."""
        started = time.monotonic()
        if self._asked > ASKING_SECONDS:
            self._again.append(started)
            return None
        answer = self._engine.place(self._room.auction_id, person)
        now = time.monotonic()
        self._asked += now - started
        self._room.learn(answer, self._snapshot, now)
        return place_in(self._snapshot, answer, self._leaders)

    def _repeat_alert(self, place: Place, watchers: list[Watcher]) -> None:
        """Who was pushed out while away is told on coming back, if it is still so."""
        missed = max(watcher.missed for watcher in watchers)
        if not missed:
            return
        for watcher in watchers:
            watcher.missed = 0
        still_out = not place.winning and 0 < place.sequence < missed
        if still_out and place.chances_left and self._snapshot.state is State.OPEN:
            self._alert(self._room.auction_id, place.person, missed, self._snapshot.version)

    def _mend_alert(self, place: Place) -> None:
        sequence, overdue = self._room.lost_alert(place, self._snapshot, time.monotonic())
        if sequence:
            self._alert(self._room.auction_id, place.person, sequence, self._snapshot.version)
        if overdue is not None:
            self._again.append(overdue)

    def _expect_the_clock(self) -> None:
        """Opening and ending publish nothing, so look when they come."""
        moments = {State.SCHEDULED: self._snapshot.terms.opens_at_ms, State.OPEN: self._snapshot.ends_at_ms}
        moment = moments.get(self._snapshot.state)
        if moment is not None:
            self._again.append(self._read_at + max(0, moment - self._snapshot.now_ms) / 1000 + 0.005)


def _urgency(watcher: Watcher, mark: Mark) -> tuple[bool, float]:
    """Small for whoever is to be shown this mark early."""
    return watcher.standing is not None and own(watcher.standing) == own(mark), watcher.shown_at
