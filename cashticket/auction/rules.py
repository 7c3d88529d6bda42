"""The rules of bidding, as pure functions: may a bid be accepted, how bids rank, who is displaced, when bidding ends.

The rules after the end are in `settlement_rules`. Moments are whole milliseconds since 1970 UTC (`_ms`), money is
whole won, people are integer ids. The live store applies these rules in Lua and must give the same answers.
An order is a sequence of ranked bids, best first, as `order` returns it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cashticket.auction.terms import Terms
from cashticket.auction.values import (
    CHANCES,
    FAR_ABOVE,
    SEQUENCE_BITS,
    SEQUENCE_MAX,
    Bid,
    RankedBid,
    RankedOut,
    Reason,
    State,
)


@dataclass(frozen=True, slots=True)
class Window:
    """The present moment and the end in force. `ended` is True once bidding was closed, whatever the clock says."""

    now_ms: int
    ends_at_ms: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What a person has bid so far in one auction: accepted bids, and the newest amount (None before the first)."""

    used: int = 0
    amount: int | None = None


# Rules 4, 5 and 10: may this bid be accepted?


def chances_left(used: int) -> int:
    """How many more bids a person may have accepted, after `used`."""
    return max(0, CHANCES - used)


def judge(
    terms: Terms, window: Window, own: Own, last_sequence: int, amount: int, *, cutoff: int, sure: int | None = None
) -> Reason | None:
    """Why a bid of `amount` by a person who may bid must be refused now; None to accept it.

    `cutoff` is the one that the bid meets, `sure` the amount as it was said once more. The first fault in this order is
    the answer: time, chances, amount, room for one more sequence number, far above. Who is asked to say the amount once
    more is therefore not refused for anything else when nothing changes meanwhile.
    """
    if window.now_ms < terms.opens_at_ms:
        return Reason.NOT_OPEN
    if window.ended or window.now_ms >= window.ends_at_ms:
        return Reason.CLOSED
    if own.used >= CHANCES:
        return Reason.NO_CHANCES_LEFT
    if (reason := _judge_amount(terms, own, amount)) is not None:
        return reason
    if last_sequence >= SEQUENCE_MAX:
        return Reason.FULL
    return Reason.FAR_ABOVE if is_far_above(amount, cutoff) and sure != amount else None


def _judge_amount(terms: Terms, own: Own, amount: int) -> Reason | None:
    if amount < terms.minimum:
        return Reason.BELOW_MINIMUM
    if amount > terms.maximum:
        return Reason.TOO_HIGH
    if (amount - terms.minimum) % terms.step:
        return Reason.NOT_A_STEP
    if own.amount is not None and amount <= own.amount:
        return Reason.NOT_ABOVE_OWN
    return None


def is_far_above(amount: int, cutoff: int) -> bool:
    """Whether an amount is more than FAR_ABOVE times the cut-off: it probably has a zero too many. Nothing is far above
    a cut-off of 0 won, which says nothing of what a seat is worth."""
    return amount > FAR_ABOVE * cutoff > 0


def next_step(terms: Terms, above: int | None) -> int:
    """The lowest amount on the steps that is higher than `above`; the minimum when `above` is None or lower."""
    if above is None or above < terms.minimum:
        return terms.minimum
    return above + terms.step - (above - terms.minimum) % terms.step


# Rule 6: the order, and the one number that holds it


def score(amount: int, sequence: int) -> int:
    """Amount and sequence in one whole number below 2**53. A higher score ranks before a lower one."""
    return (amount << SEQUENCE_BITS) + SEQUENCE_MAX - sequence


def unscore(packed: int) -> tuple[int, int]:
    """The (amount, sequence) that `score` packed."""
    return packed >> SEQUENCE_BITS, SEQUENCE_MAX - (packed & SEQUENCE_MAX)


def order(ranked_bids: Iterable[RankedBid]) -> list[RankedBid]:
    """Best first: the higher amount, at equal amounts the smaller sequence."""
    return sorted(ranked_bids, key=lambda bid: (-bid.amount, bid.sequence))


def order_of_bids(bids: Iterable[Bid]) -> list[RankedBid]:
    """The order that these bids, given in any sequence, lead to: only the newest of each person ranks (rule 5), and a
    withdrawal, whose nth is 0, ranks nobody."""
    newest: dict[int, Bid] = {}
    for bid in bids:
        if bid.person not in newest or bid.sequence > newest[bid.person].sequence:
            newest[bid.person] = bid
    return order(RankedBid(bid.person, bid.amount, bid.sequence) for bid in newest.values() if bid.nth)


# Rule 7: winning, and the cut-off


def rank(order: Sequence[RankedBid], person: int) -> int | None:
    """The place of a person in an order, from 1; None without a bid."""
    return next((place for place, bid in enumerate(order, 1) if bid.person == person), None)


def is_winning(place: int | None, seats: int) -> bool:
    """Whether a rank is among the top `seats`."""
    return place is not None and place <= seats


def cutoff(order: Sequence[RankedBid], seats: int, minimum: int) -> int:
    """The amount of the last winning bid in won; the minimum while there are fewer than `seats` bidders."""
    return order[seats - 1].amount if len(order) >= seats else minimum


def best(order: Sequence[RankedBid]) -> int | None:
    """The highest amount of an order in won; None without bids."""
    return order[0].amount if order else None


def would_rank(ranked_bids: Iterable[RankedBid], person: int, amount: int) -> int:
    """The rank that a new bid of `amount` by `person` would take: behind everybody else at that amount or above."""
    return 1 + sum(bid.amount >= amount for bid in ranked_bids if bid.person != person)


# Rules 9 and 11: who is displaced, and the soft close


def newly_winning(before: int | None, after: int, seats: int) -> bool:
    """Whether a bidder's move from rank `before` to `after` changes *who* is winning."""
    return is_winning(after, seats) and not is_winning(before, seats)


def displaced(order: Sequence[RankedBid], seats: int, entered: bool) -> int | None:
    """The person at place N+1 of the order after a bid that `entered` the top N; None when the top N was not full."""
    return order[seats].person if entered and len(order) > seats else None


def ranked_out(person: int | None, used: int) -> RankedOut | None:
    """The displaced person, to be alerted only while some of their chances, of which `used` are gone, are left."""
    return None if person is None else RankedOut(person, alert=used < CHANCES)


def soft_close(ends_at_ms: int, now_ms: int, terms: Terms, changed: bool) -> int:
    """The end in force after an accepted bid. It moves only if the bid `changed` who is winning, never past the cap.

    A bid earlier than the last `soft_close_ms` gives an end before the present one, so it moves nothing.
    """
    if not changed:
        return ends_at_ms
    latest = terms.closes_at_ms + terms.soft_close_cap_ms
    return max(ends_at_ms, min(now_ms + terms.soft_close_ms, latest))


def shown_state(stored: State, terms: Terms, ends_at_ms: int, now_ms: int) -> State:
    """The state as people see it: while OPEN is stored, the clock decides."""
    if stored is not State.OPEN:
        return stored
    if now_ms < terms.opens_at_ms:
        return State.SCHEDULED
    return State.OPEN if now_ms < ends_at_ms else State.CLOSING
