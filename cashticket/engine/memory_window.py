"""When an auction in memory takes bids: its end, its pauses, and the time that is given back after them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cashticket.auction import outages, rules
from cashticket.auction.outages import AWAY_MS, Outage, Silence, Stop
from cashticket.auction.terms import Terms
from cashticket.auction.values import State
from cashticket.engine.interface import Closing
from cashticket.engine.news import News, StateChanged
from cashticket.engine.pauses import AWAY, CLOCK, RESTARTED


@dataclass(slots=True)
class MemoryWindow:
    """The end in force of an auction and why it takes no bids, and the verbs that change these."""

    terms: Terms
    publish: Callable[[News], object]
    ends_at_ms: int
    store_identity: Callable[[], str]
    state: State = State.OPEN
    version: int = 1
    last_ms: int = 0
    pause_reason: str = ""
    checked_on: str = ""
    stopped_ms: int | None = None
    stopped_end_ms: int | None = None
    outage: Outage | None = None
    given_ms: int = 0
    sequence: int = 0

    def __post_init__(self) -> None:
        self.checked_on = self.store_identity()

    @property
    def paused(self) -> str:
        """Why no bids are taken although bidding is not over, '' when they are: the reason that was set, or RESTARTED
        when another process answers than the one on which the auction was checked."""
        if self.state is not State.OPEN:
            return ""
        return self.pause_reason or ("" if self.checked_on == self.store_identity() else RESTARTED)

    def window(self, now_ms: int) -> rules.Window:
        """The moment of a call and the end in force. Time never goes back."""
        return rules.Window(max(now_ms, self.last_ms), self.ends_at_ms, ended=self.state is not State.OPEN)

    def extend(self, closes_at_ms: int, soft_close_cap_ms: int | None, now_ms: int) -> Closing:
        window = self.window(now_ms)
        if window.ended or (window.now_ms >= self.ends_at_ms and not self.paused):
            return Closing(True, self.ends_at_ms, self.sequence)
        if closes_at_ms > self.terms.closes_at_ms:
            cap_ms = self.terms.soft_close_cap_ms if soft_close_cap_ms is None else soft_close_cap_ms
            self.terms = replace(self.terms, closes_at_ms=closes_at_ms, soft_close_cap_ms=cap_ms)
            if self.paused and self.stopped_end_ms is None:
                self.stopped_end_ms = self.ends_at_ms
            self.ends_at_ms = max(self.ends_at_ms, closes_at_ms)
            self.change(self.state)
        return Closing(False, self.ends_at_ms, self.sequence)

    def close(self, now_ms: int, known_ms: int | None) -> Closing:
        window = self.window(now_ms)
        was_away = known_ms is not None and window.now_ms - known_ms > AWAY_MS and self.ends_at_ms > known_ms
        if not was_away and not window.ended and not self.paused and window.now_ms >= self.ends_at_ms:
            self.last_ms = window.now_ms
            self.change(State.CLOSING)
        return Closing(self.state is not State.OPEN, self.ends_at_ms, self.sequence)

    def pause(self, reason: str, instead_of: str, now_ms: int) -> bool:
        """Pause for `reason` if `instead_of` is in force; returns whether it changed."""
        if self.state is not State.OPEN or self.paused != instead_of or reason == instead_of:
            return False
        if self.stopped_ms is None:
            self.stopped_ms = self.window(now_ms).now_ms
        self.pause_reason = reason
        self.change(self.state)
        return True

    def resume(
        self,
        reason: str,
        checked_on: str,
        known_ms: int | None,
        deadline_ms: int | None,
        recorded_end_ms: int | None,
        now_ms: int,
    ) -> bool:
        """Take bids again if `reason` is in force, and give the time back; returns whether it changed."""
        if not reason or (self.paused or self.pause_reason) != reason:
            return False
        if self.state is State.OPEN:
            self.ends_at_ms = max(self.ends_at_ms, recorded_end_ms or 0)
            self._give_back(reason, known_ms, deadline_ms, self.window(now_ms).now_ms)
        checked_on = checked_on or self.store_identity()
        if checked_on != self.checked_on:
            now_ms = self.window(now_ms).now_ms
            lowest = outages.version_after_loss(self.terms.opens_at_ms, now_ms, self.sequence)
            self.version = max(self.version, lowest - 1)  # `change` adds one
        self.pause_reason, self.checked_on = "", checked_on
        self.stopped_ms = self.stopped_end_ms = None
        self.change(self.state)
        return True

    def _give_back(self, reason: str, known_ms: int | None, deadline_ms: int | None, now_ms: int) -> None:
        # After a step of the clock the moment of the pause is one of another clock.
        stopped_ms = None if reason == CLOCK and known_ms is not None else self.stopped_ms
        at_ms = max(outages.stopped_at(stopped_ms, known_ms, self.last_ms, now_ms), self.given_ms)
        began_ms = max(at_ms, self.terms.opens_at_ms)
        before_ms = self.ends_at_ms
        stop = Stop(at_ms, before_ms if self.stopped_end_ms is None else self.stopped_end_ms)
        self.ends_at_ms = outages.end_after_outage(self.terms, stop, before_ms, now_ms, deadline_ms)
        if self.ends_at_ms > before_ms:
            number = self.outage.number + 1 if self.outage else 1
            self.outage = Outage(number, began_ms, now_ms, before_ms, self.ends_at_ms, reason)

    def give_back(self, silence: Silence, deadline_ms: int | None, recorded_end_ms: int | None) -> bool:
        """Give a silence back as far as it was not; returns whether the end moved."""
        is_counted_later = self.paused == RESTARTED and self.stopped_ms is None
        if self.state is not State.OPEN or silence.ended_ms <= self.given_ms or is_counted_later:
            return False
        part = outages.uncovered(silence, self.given_ms, self.stopped_ms, self.outage)
        stopped_ms = silence.ended_ms if self.stopped_ms is None else self.stopped_ms
        self.given_ms = max(self.given_ms, min(silence.ended_ms, stopped_ms))
        began_ms, before_ms = max(part.began_ms, self.terms.opens_at_ms), max(self.ends_at_ms, recorded_end_ms or 0)
        stop = Stop(began_ms, before_ms if self.stopped_end_ms is None else self.stopped_end_ms)
        after_ms = outages.end_after_outage(self.terms, stop, before_ms, part.ended_ms, deadline_ms)
        if part.ended_ms - began_ms <= AWAY_MS or after_ms == before_ms:
            return False
        if self.stopped_end_ms is not None:
            self.stopped_end_ms = outages.fair_end(self.terms, stop, part.ended_ms)
        number = self.outage.number + 1 if self.outage else 1
        self.ends_at_ms = after_ms
        self.outage = Outage(number, began_ms, part.ended_ms, before_ms, after_ms, AWAY)
        self.change(self.state)
        return True

    def finish(self, state: State) -> None:
        if self.state not in (state, State.VOIDED):
            self.change(state)

    def change(self, state: State) -> None:
        """Publish that the auction, perhaps in a new state, is to be read again."""
        self.state, self.version = state, self.version + 1
        self.publish(StateChanged(self.version, state, self.ends_at_ms))
