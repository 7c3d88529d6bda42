"""Which reminder is due at a moment: of an auction that somebody follows, and of a right to buy that nobody has used.

At most one is due at a time, the newest: what was missed while nobody could remind is not made up for. A window that is
too short for a reminder goes without it. All moments are whole milliseconds.
"""

from enum import IntEnum

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
WINDOW_MIN_MS = HOUR_MS
"""A right to buy of less than this is not reminded of: it was told of just now."""


class AuctionReminder(IntEnum):
    """Reminders of an auction, in the order in which they come. A follower gets each at most once."""

    OPENING = 1
    HOUR = 2
    MINUTES = 3


class RightReminder(IntEnum):
    """Reminders of a right to buy, in the order in which they come."""

    HALF = 1
    LAST = 2


BEFORE_END_MS = {AuctionReminder.HOUR: HOUR_MS, AuctionReminder.MINUTES: 10 * MINUTE_MS}
"""How long before the end in force a reminder comes."""

LAST_MS = 2 * HOUR_MS
"""How long before a right to buy lapses its last reminder comes."""


def auction_reminder(opens_ms: int, ends_ms: int, now_ms: int) -> AuctionReminder | None:
    """The newest reminder whose moment has come at `now_ms`, None before the opening. `ends_ms` is the end in force.

    One before the end comes in the second half of the window, or not at all. After the end the last one has come, and
    nobody is to be given it any more: ask `is_worth_reminding`.
    """
    if now_ms < opens_ms:
        return None
    come = [each for each, before in BEFORE_END_MS.items() if ends_ms - before <= now_ms]
    fitting = [each for each in come if 2 * BEFORE_END_MS[each] <= ends_ms - opens_ms]
    return max(fitting, default=AuctionReminder.OPENING)


def reminders_ahead(opens_ms: int, ends_ms: int, now_ms: int) -> tuple[AuctionReminder, ...]:
    """The reminders that come after `now_ms`, in their order, if the end in force stays at `ends_ms`."""
    opening = (AuctionReminder.OPENING,) if now_ms < opens_ms else ()
    fitting = (each for each, before in BEFORE_END_MS.items() if 2 * before <= ends_ms - opens_ms)
    return opening + tuple(each for each in fitting if now_ms < ends_ms - BEFORE_END_MS[each])


def is_worth_reminding(opens_ms: int, ends_ms: int, now_ms: int) -> bool:
    """Whether bidding is open at `now_ms`: nobody is reminded of an auction that is over."""
    return opens_ms <= now_ms < ends_ms


def right_reminder(offered_ms: int, expires_ms: int, now_ms: int) -> RightReminder | None:
    """The newest reminder of a right to buy whose moment has come at `now_ms`; None before the first, and once the
    right has lapsed."""
    come = [each for each, at_ms in _moments(offered_ms, expires_ms).items() if at_ms <= now_ms]
    return max(come, default=None) if now_ms < expires_ms else None


def next_right_reminder(offered_ms: int, expires_ms: int, now_ms: int) -> int | None:
    """When the next reminder of a right to buy comes after `now_ms`; None when there is none left."""
    return min((at_ms for at_ms in _moments(offered_ms, expires_ms).values() if at_ms > now_ms), default=None)


def _moments(offered_ms: int, expires_ms: int) -> dict[RightReminder, int]:
    """Half time, and two hours before the end where that is later."""
    if expires_ms - offered_ms < WINDOW_MIN_MS:
        return {}
    half_ms = offered_ms + (expires_ms - offered_ms) // 2
    last_ms = expires_ms - LAST_MS
    return {RightReminder.HALF: half_ms} | ({RightReminder.LAST: last_ms} if last_ms > half_ms else {})
