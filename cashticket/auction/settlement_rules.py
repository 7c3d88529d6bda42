"""The rules after the end, as pure functions: who wins which seat, at what price, and who is next (rules 12 to 17).

An order is a sequence of ranked bids, best first, as `rules.order` returns it. Money is whole won, moments are whole
milliseconds since 1970 UTC (`_ms`).
"""

from collections.abc import Collection, Iterable

from cashticket.auction.rules import rank
from cashticket.auction.values import Pricing, RankedBid

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BUYING_MS_MIN = HOUR_MS

QUIET_HOURS = range(8)
"""The local hours of the day in which no right to buy ends, from midnight on (rule 17)."""

PURCHASE_HOURS, OFFER_HOURS = 24, 12
"""How long a winner has to buy, and how long an offer is open, unless an auction is published with others."""

BUYING_HOURS_BOUNDS = (1, 168)
"""The lowest and the highest value of both."""


def winners(order: Iterable[RankedBid], seats: int, passed_over: Collection[int] = ()) -> list[RankedBid]:
    """The best `seats` of an order that are not passed over, first seat first."""
    eligible = [bid for bid in order if bid.person not in passed_over]
    return eligible[:seats]


def uniform_price(awarded: Collection[int], seats: int, minimum: int) -> int:
    """What every winner pays under uniform pricing: the lowest awarded amount, the minimum while seats stay unsold."""
    return min(awarded) if len(awarded) >= seats else minimum


def award_price(pricing: Pricing, amount: int, uniform: int, *, handed_over: bool = False) -> int:
    """The price of one award to a bidder of `amount`. A seat that was handed over always costs one's own bid."""
    return uniform if pricing is Pricing.UNIFORM and not handed_over else amount


def window_end(now_ms: int, window_ms: int, deadline_ms: int, midnight_ms: int) -> int | None:
    """The first millisecond at which a right to buy that is given now is over: cut short by the deadline, None once
    that has come.

    Its time begins after the quiet hours, and it does not end in them. `midnight_ms` is a local midnight, of any day.
    """
    end_ms = after_quiet_hours(after_quiet_hours(now_ms, midnight_ms) + window_ms, midnight_ms)
    return None if now_ms >= deadline_ms else min(end_ms, deadline_ms)


def after_quiet_hours(at_ms: int, midnight_ms: int) -> int:
    """The moment itself, or the end of the quiet hours into which it falls; they begin at local midnight."""
    since_midnight_ms = (at_ms - midnight_ms) % DAY_MS
    left_ms = QUIET_HOURS.stop * HOUR_MS - since_midnight_ms
    return at_ms + max(0, left_ms)


def latest_end(deadline_ms: int) -> int:
    """The latest moment at which an auction may end, also by a soft close, when the deadline is this: its winners, and
    whoever is next in line, need time to buy."""
    return deadline_ms - BUYING_MS_MIN


def line(order: Iterable[RankedBid], out_of_line: Collection[int]) -> list[RankedBid]:
    """Who waits for a seat, next first: the order without everybody who won, was offered a seat, or left for good."""
    return [bid for bid in order if bid.person not in out_of_line]


def line_position(order: Iterable[RankedBid], out_of_line: Collection[int], person: int) -> int | None:
    """A person's position in the line, from 1; None when not in it."""
    return rank(line(order, out_of_line), person)
