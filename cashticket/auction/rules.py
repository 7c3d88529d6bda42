"""The law of the auction, as pure functions.

Everything that decides anything about a bid, a winner or a price is said here once. No clock, no store, no I/O:
moments come in as whole milliseconds since 1970 UTC (`_ms`), money as whole won, people as integer ids.
The live store says the same in Lua; both must give the same answers.
An *order* is always a sequence of standings, best first, as `order` returns it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cashticket.auction.values import (
    AMOUNT_MAX,
    CHANCES,
    SEQUENCE_BITS,
    SEQUENCE_MAX,
    Bid,
    Pricing,
    RankedBid,
    RankedOut,
    Reason,
    Terms,
)


@dataclass(frozen=True, slots=True)
class Window:
    """Where an auction's time stands: `ended` once bidding was closed by a verb, whatever the clock says."""

    now_ms: int
    ends_at_ms: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What a person has bid so far in one auction: accepted bids, and the newest amount (None before the first)."""

    used: int = 0
    amount: int | None = None


# Terms


def check_terms(terms: Terms) -> None:
    """ValueError, naming the fault, for terms under which no auction can run."""
    if terms.seats < 1:
        raise ValueError(f"seats must be at least 1, not {terms.seats}")
    if not 0 <= terms.minimum <= AMOUNT_MAX:
        raise ValueError(f"minimum must be 0 to {AMOUNT_MAX} won, not {terms.minimum}")
    if terms.step < 1:
        raise ValueError(f"step must be at least 1 won, not {terms.step}")
    if terms.closes_at_ms <= terms.opens_at_ms:
        raise ValueError("closes_at_ms must be later than opens_at_ms")
    if terms.soft_close_ms < 0 or terms.soft_close_cap_ms < 0:
        raise ValueError("soft_close_ms and soft_close_cap_ms must not be negative")


# Rules 4, 5 and 10: may this bid be accepted?


def chances_left(used: int) -> int:
    """Bids a person may still have accepted, after `used`."""
    return max(0, CHANCES - used)


def judge(terms: Terms, window: Window, own: Own, last_sequence: int, amount: int) -> Reason | None:
    """Why a bid of `amount` by a person who may bid must be refused now, or None: accept it.

    The first fault in this order is the answer: time, chances, amount, room for one more sequence number.
    """
    if window.now_ms < terms.opens_at_ms:
        return Reason.NOT_OPEN
    if window.ended or window.now_ms >= window.ends_at_ms:
        return Reason.CLOSED
    if own.used >= CHANCES:
        return Reason.NO_CHANCES_LEFT
    return _judge_amount(terms, own, amount) or (Reason.FULL if last_sequence >= SEQUENCE_MAX else None)


def _judge_amount(terms: Terms, own: Own, amount: int) -> Reason | None:
    if amount < terms.minimum:
        return Reason.BELOW_MINIMUM
    if amount > AMOUNT_MAX:
        return Reason.TOO_HIGH
    if (amount - terms.minimum) % terms.step:
        return Reason.NOT_A_STEP
    if own.amount is not None and amount <= own.amount:
        return Reason.NOT_ABOVE_OWN
    return None


def next_step(terms: Terms, above: int | None) -> int:
    """The lowest amount on the steps that is higher than `above` (the minimum when None or lower)."""
    if above is None or above < terms.minimum:
        return terms.minimum
    return above + terms.step - (above - terms.minimum) % terms.step


# Rule 6: the order, and the one number that holds it


def score(amount: int, sequence: int) -> int:
    """Amount and sequence in one whole number below 2**53: a higher score stands before a lower one."""
    return (amount << SEQUENCE_BITS) + SEQUENCE_MAX - sequence


def unscore(packed: int) -> tuple[int, int]:
    """The (amount, sequence) that `score` packed."""
    return packed >> SEQUENCE_BITS, SEQUENCE_MAX - (packed & SEQUENCE_MAX)


def order(standings: Iterable[RankedBid]) -> list[RankedBid]:
    """Best first: the higher amount, at equal amounts the smaller sequence."""
    return sorted(standings, key=lambda standing: (-standing.amount, standing.sequence))


def order_of_bids(bids: Iterable[Bid]) -> list[RankedBid]:
    """The order that these bids, in any sequence, leave behind: only the newest of each person ranks (rule 5)."""
    newest: dict[int, Bid] = {}
    for bid in bids:
        known = newest.get(bid.person)
        if known is None or bid.sequence > known.sequence:
            newest[bid.person] = bid
    return order(RankedBid(bid.person, bid.amount, bid.sequence) for bid in newest.values())


# Rule 7: winning, and the cut-off


def rank(standings: Sequence[RankedBid], person: int) -> int | None:
    """The place of a person in an order, from 1; None without a bid."""
    return next((place for place, standing in enumerate(standings, 1) if standing.person == person), None)


def is_winning(place: int | None, seats: int) -> bool:
    """Whether a rank is among the top `seats`."""
    return place is not None and place <= seats


def cutoff(standings: Sequence[RankedBid], seats: int, minimum: int) -> int:
    """The amount of the last winning bid, or the minimum price while fewer than `seats` stand."""
    return standings[seats - 1].amount if len(standings) >= seats else minimum


def best(standings: Sequence[RankedBid]) -> int | None:
    """The highest amount of an order, None without bids."""
    return standings[0].amount if standings else None


def would_rank(standings: Iterable[RankedBid], person: int, amount: int) -> int:
    """The rank that a new bid of `amount` by `person` would take: behind everybody else at that amount or above."""
    return 1 + sum(standing.amount >= amount for standing in standings if standing.person != person)


# Rules 9 and 11: who was pushed out, and what that does to the clock


def newly_winning(before: int | None, after: int, seats: int) -> bool:
    """Whether a bidder's move from rank `before` to `after` changes *who* is winning."""
    return is_winning(after, seats) and not is_winning(before, seats)


def displaced(standings: Sequence[RankedBid], seats: int, entered: bool) -> int | None:
    """The person pushed to place N+1 of the order after a bid, if that bid `entered` the top N and it was full."""
    return standings[seats].person if entered and len(standings) > seats else None


def ranked_out(person: int | None, used: int) -> RankedOut | None:
    """What to tell the displaced person, who has `used` that many chances: an alert only while some are left."""
    return None if person is None else RankedOut(person, alert=used < CHANCES)


def soft_close(ends_at_ms: int, now_ms: int, terms: Terms, changed: bool) -> int:
    """The end in force after an accepted bid; moved only if it `changed` who is winning, never past the cap.

    A bid earlier than the last `soft_close_ms` asks for an end before the present one, so it moves nothing.
    """
    if not changed:
        return ends_at_ms
    latest = terms.closes_at_ms + terms.soft_close_cap_ms
    return max(ends_at_ms, min(now_ms + terms.soft_close_ms, latest))


# Rules 12 to 14: settlement


def winners(standings: Iterable[RankedBid], seats: int, passed_over: Collection[int] = ()) -> list[RankedBid]:
    """The best `seats` of an order that are not passed over, first seat first."""
    eligible = [standing for standing in standings if standing.person not in passed_over]
    return eligible[:seats]


def uniform_price(awarded: Collection[int], seats: int, minimum: int) -> int:
    """What every winner pays under uniform pricing: the lowest awarded amount, the minimum while seats stay unsold."""
    return min(awarded) if len(awarded) >= seats else minimum


def award_price(pricing: Pricing, amount: int, uniform: int, *, handed_over: bool = False) -> int:
    """The price of one award to a bidder of `amount`; a seat that was handed over always costs one's own bid."""
    return uniform if pricing is Pricing.UNIFORM and not handed_over else amount


# Rules 15 to 17: deadlines, and the line


def window_end(now_ms: int, window_ms: int, deadline_ms: int) -> int | None:
    """When an offer made now ends (that millisecond excluded): cut short by the deadline, None once that has come."""
    return None if now_ms >= deadline_ms else min(now_ms + window_ms, deadline_ms)


def line(standings: Iterable[RankedBid], out_of_line: Collection[int]) -> list[RankedBid]:
    """Who waits for a seat, next first: the order without everybody who won, was offered, or left for good."""
    return [standing for standing in standings if standing.person not in out_of_line]


def next_in_line(standings: Iterable[RankedBid], out_of_line: Collection[int]) -> RankedBid | None:
    """Whom a freed seat is offered to, None when the line is empty."""
    return next((standing for standing in standings if standing.person not in out_of_line), None)


def line_position(standings: Iterable[RankedBid], out_of_line: Collection[int], person: int) -> int | None:
    """A person's position in the line, from 1; None when not in it."""
    return rank(line(standings, out_of_line), person)
