"""One update of one auction: reads the snapshot, and puts into every mailbox what its watcher has not been shown yet.

Each board is rendered once per language. Places come from memory as far as they can (`place_reading`). Reading places
and rendering standings have budgets of time, so the next board waits for neither. People whose own bid or place changed
come first, then the longest waiting.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.live.channel import AuctionChannel
from cashticket.live.pieces import board_of, standing_of
from cashticket.live.place_reading import PlaceReading
from cashticket.live.rank_readings import RankReading
from cashticket.live.result_fetches import send_fetches
from cashticket.live.watcher import Mark, Watcher, mark_of_board, mark_of_standing, own_facts_of

STANDINGS_SECONDS_MAX = 0.1
"""How long one update may render standings. The next update renders the rest, as it is then."""

REST_DELAY_SECONDS = 0.15
BOARDS_PER_YIELD = 100

Render = Callable[[str, str, Mapping[str, Any]], str]
"""`render(kind, locale, context)` returns the frame of a board, standing, fetch, beat, alert or told in a language."""

Rendering = Callable[[], AbstractContextManager[Render]]
"""Opens what rendering needs, for one update."""

SendAlert = Callable[[int, int, int, int, int], None]
"""`send_alert(auction_id, person, sequence, version, amount)` alerts a person that the bid `sequence` pushed out their
own, of `amount` won."""


class Update:
    """What one update knows. It lives in the update thread and ends with the update."""

    def __init__(self, channel: AuctionChannel, engine: Engine, render: Render, send_alert: SendAlert) -> None:
        self._channel = channel
        self._engine = engine
        self._render = render
        self._send_alert = send_alert
        self._read_at = time.monotonic()
        self._snapshot: Snapshot = engine.read(channel.auction_id)
        channel.note_clock(self._snapshot.now_ms)
        channel.wait_for_news(self._snapshot)
        self._next_update_times: list[float] = []
        self._frames_without_bid: dict[Mark, dict[str, str]] = {}

    def serve(self, watchers: Iterable[Watcher]) -> float | None:
        """Show the snapshot to all `watchers`. Returns when to update again even if nothing happens (monotonic
        seconds), or None."""
        self._channel.version, self._channel.is_over = self._snapshot.version, self._snapshot.state.is_end
        sockets = list(watchers)
        self._send_boards(sockets)
        sockets_by_person: dict[int, list[Watcher]] = {}
        for watcher in sockets:
            if watcher.person is not None:
                sockets_by_person.setdefault(watcher.person, []).append(watcher)
        if self._snapshot.state.is_end:
            render = partial(self._render, "fetch")
            send_fetches(self._channel.auction_id, self._snapshot, sockets_by_person, render)
        else:
            self._send_standings(sockets_by_person)
        self._expect_opening_or_end()
        return min(self._next_update_times, default=None)

    def _send_boards(self, watchers: list[Watcher]) -> None:
        mark = mark_of_board(self._snapshot)
        frames: dict[str, str] = {}
        behind = [watcher for watcher in watchers if watcher.board_mark != mark]
        for number, watcher in enumerate(behind, 1):
            if watcher.locale not in frames:
                frames[watcher.locale] = self._render("board", watcher.locale, board_of(self._snapshot))
            watcher.board_mark = mark
            watcher.mailbox.put("board", frames[watcher.locale])
            if number % BOARDS_PER_YIELD == 0:
                # Let alerts, other sockets and bids of this process use the processor in between.
                time.sleep(0)
        if len(behind) == len(watchers):
            self._channel.boards_sent_at = time.monotonic()

    def _send_standings(self, sockets_by_person: Mapping[int, list[Watcher]]) -> None:
        waiting = []

        def was_shown(person: int) -> bool:
            return all(watcher.standing_mark for watcher in sockets_by_person[person])

        # People who were shown nothing yet come first, in case there is no time to read all places.
        reader = PlaceReading(self._channel, self._engine, self._snapshot)
        for person, place in reader.places(sorted(sockets_by_person, key=was_shown)).items():
            sockets = sockets_by_person[person]
            self._repeat_missed_alert(place, sockets)
            self._send_lost_alert(place)
            reading = reader.reading_of(place)
            mark = mark_of_standing(self._snapshot, place, reading)
            if behind := [watcher for watcher in sockets if watcher.standing_mark != mark]:
                waiting.append((min(_priority(watcher, mark) for watcher in behind), (place, reading), mark, behind))
        self._next_update_times += reader.due_at
        waiting.sort(key=lambda standing: standing[0])
        deadline = time.monotonic() + STANDINGS_SECONDS_MAX
        for left, (_, shown, mark, behind) in zip(range(len(waiting) - 1, -1, -1), waiting, strict=True):
            self._send_standing(*shown, mark, behind)
            if left and time.monotonic() >= deadline:
                self._next_update_times.append(time.monotonic() + REST_DELAY_SECONDS)
                return

    def _send_standing(self, place: Place, reading: RankReading | None, mark: Mark, watchers: list[Watcher]) -> None:
        # The standings of people without a bid show nothing of their own, so they share frames.
        frames = {} if place.sequence else self._frames_without_bid.setdefault(mark, {})
        for watcher in watchers:
            if watcher.locale not in frames:
                standing = standing_of(self._snapshot, place, reading)
                frames[watcher.locale] = self._render("standing", watcher.locale, standing)
                # Rendering keeps the processor busy: let sockets and bids of this process use it in between.
                time.sleep(0)
            watcher.standing_mark, watcher.shown_at = mark, self._read_at
            watcher.mailbox.put("standing", frames[watcher.locale])

    def _repeat_missed_alert(self, place: Place, watchers: list[Watcher]) -> None:
        """Alert a person who was pushed out while no page was connected, if they are still out."""
        missed_sequence = max(watcher.missed_sequence for watcher in watchers)
        if not missed_sequence:
            return
        for watcher in watchers:
            watcher.missed_sequence = 0
        still_out = not place.winning and 0 < place.sequence < missed_sequence
        if still_out and place.chances_left and self._snapshot.state is State.OPEN:
            version = self._snapshot.version
            self._send_alert(self._channel.auction_id, place.person, missed_sequence, version, place.amount)

    def _send_lost_alert(self, place: Place) -> None:
        """Alert a person whose displacement shows on the board but never came as news."""
        sequence, check_at = self._channel.lost_alert(place, self._snapshot, time.monotonic())
        if sequence:
            version = self._snapshot.version
            self._send_alert(self._channel.auction_id, place.person, sequence, version, place.amount)
        if check_at is not None:
            self._next_update_times.append(check_at)

    def _expect_opening_or_end(self) -> None:
        """Update when bidding opens or ends: neither is published."""
        moments_ms = {State.SCHEDULED: self._snapshot.terms.opens_at_ms, State.OPEN: self._snapshot.ends_at_ms}
        moment_ms = moments_ms.get(self._snapshot.state)
        if moment_ms is not None:
            self._next_update_times.append(self._read_at + max(0, moment_ms - self._snapshot.now_ms) / 1000 + 0.005)


def _priority(watcher: Watcher, mark: Mark) -> tuple[bool, float]:
    """Smaller for a watcher that is to be shown this mark earlier."""
    return (
        watcher.standing_mark is not None and own_facts_of(watcher.standing_mark) == own_facts_of(mark),
        watcher.shown_at,
    )
