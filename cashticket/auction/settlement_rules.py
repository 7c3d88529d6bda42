"""The rules after the end, as pure functions: who wins which seat, at what price, and who is next (rules 12 to 17).

An order is a sequence of ranked bids, best first, as `rules.order` returns it. Money is whole won, moments are whole
milliseconds since 1970 UTC (`_ms`).
"""

from collections.abc import Collection, Iterable

from cashticket.auction.rules import rank
from cashticket.auction.values import Pricing, RankedBid

BUYING_MS_MIN = 3_600_000


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


def window_end(now_ms: int, window_ms: int, deadline_ms: int) -> int | None:
    """The first millisecond at which an offer made now is over: cut short by the deadline, None once that has come."""
    return None if now_ms >= deadline_ms else min(now_ms + window_ms, deadline_ms)


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
