"""Rule 19: time in which the system took no bids of an auction is given back, as pure functions.

Moments are whole milliseconds since 1970 UTC by the live store's clock (`_ms`). The live store applies the same in Lua.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from cashticket.auction.terms import Terms

GIVEN_BACK_MAX_MS = 2 * 60 * 60 * 1000
"""How far an end moves at most, without an operator, past the latest end that a soft close can reach: two hours."""

OTHER_VERSIONS_MAX = 1_000
"""Versions for changes other than bids, such as pauses, before the first loss; after it there is one a millisecond."""

PUBLISHED_AHEAD_MAX_MS = 366 * 24 * 60 * 60 * 1000
"""How long before its opening an auction is published at most, for its versions after a loss."""

AWAY_MS = 3_000
"""A live store that took no orders for longer was away, though nobody paused. Shorter times are not given back: each
process asks it once a second, and a busy one answers late."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which the live store took no orders of anybody, and no auction need have been paused."""

    began_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Since when no bids are taken, and the end that was in force then."""

    at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True)
class Outage:
    """One time without bids, from `began_ms` to `ended_ms`, and the end in force before and after it.

    `number` counts 1, 2, 3 … in an auction. `reason` is why bidding was paused.
    """

    number: int
    began_ms: int
    ended_ms: int
    ends_before_ms: int
    ends_after_ms: int
    reason: str

    @property
    def moved_ms(self) -> int:
        """How far the end moved."""
        return self.ends_after_ms - self.ends_before_ms


def stopped_at(stopped_ms: int | None, known_ms: int | None, last_ms: int, now_ms: int) -> int:
    """Since when the auction took no bids: the earlier of the moment at which it was paused and the last moment at
    which the store is known to have taken orders, which is no earlier than the last bid. `now_ms` if neither is known.
    """
    taken_ms = now_ms if known_ms is None else max(known_ms, last_ms)
    return min(now_ms, taken_ms, now_ms if stopped_ms is None else stopped_ms)


def longest_part(silence: Silence, accepted_ms: Iterable[int]) -> Silence | None:
    """The longest part of a silence without an accepted bid of the auction, None if that is not longer than AWAY_MS.
    Bids stand at its edges: the last before the store went away, and the first after it came back."""
    inside = (moment for moment in accepted_ms if silence.began_ms < moment < silence.ended_ms)
    moments = [silence.began_ms, *sorted(inside), silence.ended_ms]
    part = max((Silence(*pair) for pair in pairwise(moments)), key=lambda each: each.ended_ms - each.began_ms)
    return part if part.ended_ms - part.began_ms > AWAY_MS else None


def uncovered(silence: Silence, given_ms: int, stopped_ms: int | None, last: Outage | None) -> Silence:
    """The part of a silence that was not given back yet: neither before (up to `given_ms`) nor with the last outage,
    nor will be with the pause since `stopped_ms`. It may be empty: then it ends no later than it begins."""
    began_ms, ended_ms = max(silence.began_ms, given_ms), silence.ended_ms
    if stopped_ms is not None:
        ended_ms = min(ended_ms, stopped_ms)
    if last is not None and began_ms < last.began_ms:
        ended_ms = min(ended_ms, last.began_ms)
    elif last is not None:
        began_ms = max(began_ms, last.ended_ms)
    return Silence(began_ms, ended_ms)


def latest_end(terms: Terms, deadline_ms: int | None = None) -> int:
    """The latest end to which an outage moves an auction without an operator; never past the `deadline_ms`."""
    latest = terms.closes_at_ms + terms.soft_close_cap_ms + GIVEN_BACK_MAX_MS
    return latest if deadline_ms is None else min(latest, deadline_ms)


def fair_end(terms: Terms, stop: Stop, now_ms: int) -> int:
    """The end that gives all the time since `stop` back. Time before the opening is not counted, and an end that had
    come before the stop does not move."""
    began_ms = max(stop.at_ms, terms.opens_at_ms)
    if stop.ends_at_ms <= began_ms:
        return stop.ends_at_ms
    return stop.ends_at_ms + max(0, now_ms - began_ms)


def needs_operator(terms: Terms, stop: Stop, now_ms: int, deadline_ms: int | None = None) -> bool:
    """Whether more time was lost than the end may move by itself."""
    return fair_end(terms, stop, now_ms) > latest_end(terms, deadline_ms)


def end_after_outage(terms: Terms, stop: Stop, ends_at_ms: int, now_ms: int, deadline_ms: int | None = None) -> int:
    """The end in force when bidding goes on at `now_ms`. `ends_at_ms` is the present one: later than that of the stop
    if an operator moved it meanwhile. It never moves earlier, nor by itself past `latest_end`."""
    return max(ends_at_ms, min(fair_end(terms, stop, now_ms), latest_end(terms, deadline_ms)))


def version_after_loss(opens_at_ms: int, now_ms: int, sequence: int) -> int:
    """A version above every one that was shown before the live store went back to an older copy or lost the auction.
    `sequence` is the last number given: giving and recording it each raised the version by one."""
    return max(0, now_ms - opens_at_ms + PUBLISHED_AHEAD_MAX_MS) + 2 * sequence + OTHER_VERSIONS_MAX
