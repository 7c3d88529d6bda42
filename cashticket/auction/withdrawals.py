"""Withdrawals: an operator takes the standing of a person out of the order of a running auction (rule 14).

A withdrawal has a sequence of its own and stands in line with the bids, on the list and in every replay. It is told
apart by its `nth`: it is none of the person's bids. Its amount is that of the bid that stood until then.
"""

from collections.abc import Sequence

from cashticket.auction import rules
from cashticket.auction.values import Entry, RankedBid

WITHDRAWN = 0
"""The `nth` of a withdrawal."""


def brought_in(order: Sequence[RankedBid], person: int, seats: int) -> int | None:
    """Who wins instead when the standing of `person` is taken out of this order: the one at place N+1. None when that
    person was not winning, or nobody waits."""
    if not rules.is_winning(rules.rank(order, person), seats):
        return None
    return order[seats].person if len(order) > seats else None


def entry_of_withdrawal(
    order: Sequence[RankedBid], person: int, seats: int, minimum: int, *, sequence: int, at_ms: int, ends_at_ms: int
) -> Entry:
    """The entry that takes `person`, who stands in this order, out of it. Its rank is the one that the person had, its
    cut-off the one after it, and `displaced` is who comes in. Nobody is alerted of having been pushed out."""
    rank = rules.rank(order, person) or 0
    rest = [bid for bid in order if bid.person != person]
    return Entry(
        sequence=sequence,
        person=person,
        nth=WITHDRAWN,
        amount=order[rank - 1].amount,
        at_ms=at_ms,
        request_id="",
        ends_at_ms=ends_at_ms,
        rank=rank,
        cutoff=rules.cutoff(rest, seats, minimum),
        displaced=brought_in(order, person, seats),
        alert=False,
    )
