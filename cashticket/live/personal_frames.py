"""Frames for signed-in people, on whichever page they are: an alert to have been pushed out, that a notice was stored,
and that places in a line moved.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.live.update import Rendering
from cashticket.live.watcher import Watcher
from cashticket.live.watchers import Watchers


class PersonalFrames:
    """Puts them into the mailboxes of a person's sockets. Thread-safe."""

    def __init__(
        self,
        engine: Engine,
        rendering: Rendering,
        watchers: Watchers,
        lock: AbstractContextManager[object],
        title: Callable[[int], Mapping[str, str]],
    ) -> None:
        """`lock` guards `watchers`; `title(auction_id)` is the concert's by language, empty while it is not known."""
        self._engine = engine
        self._rendering = rendering
        self._watchers = watchers
        self._lock = lock
        self._title = title

    def alert(self, auction_id: int, person: int, sequence: int, version: int, amount: int | None = None) -> None:
        """Alert every socket of this person that the bid `sequence` pushed them out. Their own bid was of `amount` won;
        for None the store is asked. The alert names it, and the concert, whose page it may not be."""
        sockets = self._sockets_of([person])
        if sockets:
            self.alert_sockets(sockets, auction_id, person, sequence, version, amount)

    def alert_sockets(
        self,
        sockets: Sequence[Watcher],
        auction_id: int,
        person: int,
        sequence: int,
        version: int,
        amount: int | None = None,
    ) -> None:
        """Like `alert`, for these sockets of the person alone. None gets the same alert twice."""
        own = self._own_amount(auction_id, person, sequence) if amount is None else amount
        facts = {"auction_id": auction_id, "sequence": sequence, "version": version}
        title = self._title(auction_id)
        frames: dict[str, str] = {}
        with self._rendering() as render:
            for watcher in sockets:
                if watcher.locale not in frames:
                    context = {**facts, "amount": own, "concert": title.get(watcher.locale, "")}
                    frames[watcher.locale] = render("alert", watcher.locale, context)
                watcher.mailbox.alert(auction_id, sequence, frames[watcher.locale])

    def tell(self, people: Collection[int], spread_ms: int | None) -> None:
        """Have the open pages of these people ask for their notices again, each at a moment within `spread_ms`, or for
        None count one more without asking."""
        sockets = self._sockets_of(people)
        if not sockets:
            return
        with self._rendering() as render:
            # It has no text, so it is the same in every language.
            frame = render("told", "en", {"version": int(time.time() * 1000), "spread_ms": spread_ms})
        for watcher in sockets:
            watcher.mailbox.put("told", frame)

    def tell_line_moved(self, auction_id: int, spread_ms: int) -> None:
        """Have every open page that shows a place in this auction's line ask for it again, each at a moment within
        `spread_ms`. The frame goes to all pages of signed-in people: which of them show a place, they know alone."""
        with self._lock:
            sockets = self._watchers.of_people()
        if not sockets:
            return
        with self._rendering() as render:
            context = {"version": int(time.time() * 1000), "auction_id": auction_id, "spread_ms": spread_ms}
            frame = render("line", "en", context)
        for watcher in sockets:
            watcher.mailbox.put(f"line {auction_id}", frame)

    def count_pages(self) -> int:
        """How many pages of signed-in people are open."""
        with self._lock:
            return len(self._watchers.of_people())

    def _sockets_of(self, people: Collection[int]) -> list[Watcher]:
        with self._lock:
            return [watcher for person in people for watcher in self._watchers.of_person(person)]

    def _own_amount(self, auction_id: int, person: int, sequence: int) -> int:
        """The bid with which a person was pushed out; 0 if they have bid again, or if it cannot be read."""
        try:
            place = self._engine.place(auction_id, person)
        except (StoreUnavailable, OutcomeUnknown, UnknownAuction):
            return 0
        return place.amount if place.sequence < sequence else 0
