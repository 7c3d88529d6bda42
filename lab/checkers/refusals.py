"""Refusals: a no is a decision as much as a yes, and must be one that the rules give. Judged only where what is known
at the end proves it: bids, amounts and ends never shrink."""

from collections import defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Story
from lab.history import FAIL, OK, Operation
from lab.oracle.bidding import CHANCES, amount_faults


def refused(story: Story, *reasons: str) -> Iterator[tuple[Ending, Operation]]:
    """Every bid that was refused for one of these reasons, in auctions of which everything is known."""
    for operation in story.asked("bid"):
        ending = story.by_auction.get(operation.asked["auction"])
        known = ending is not None and not ending.aside and not ending.lost
        if operation.outcome == FAIL and operation.answer["reason"] in reasons and ending is not None and known:
            yield ending, operation


def chances_were_spent(story: Story) -> Iterator[str]:
    """I3: who is told to have no chances left has three bids in the ledger."""
    amounts = _amounts(story)
    for ending, operation in refused(story, "no_chances_left"):
        had = len(amounts[ending.auction, operation.asked["person"]])
        if had < CHANCES:
            yield f"{_name(operation)} was refused for want of chances after {had} bids"


def reused_was_used(story: Story) -> Iterator[str]:
    """I4: who is told to use a request again has sent it with another amount."""
    amounts: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    for request in story.requests:
        if request.answers or request.maybe:
            amounts[request.auction, request.person, request.request_id].add(request.amount)
    for _, operation in refused(story, "request_reused"):
        asked = operation.asked
        if not amounts[asked["auction"], asked["person"], asked["request_id"]] - {asked["amount"]}:
            yield f"{_name(operation)} was refused as used before, which it was not"


def amount_was_wrong(story: Story) -> Iterator[str]:
    """I15: a bid is refused for its amount alone, and for that of nobody but its own bidder."""
    amounts = _amounts(story)
    for ending, operation in refused(story, "below_minimum", "not_a_step", "too_high", "not_above_own"):
        amount, person = operation.asked["amount"], operation.asked["person"]
        own = max(amounts[ending.auction, person], default=None)
        faults = amount_faults(amount, minimum=ending.minimum, step=ending.step, own=own)
        if operation.answer["reason"] not in faults:
            yield f"{_name(operation)} over {amount} won was refused as {operation.answer['reason']}"


def time_was_over(story: Story) -> Iterator[str]:
    """I12: from the opening on nobody is too early; nobody is too late whose moment lies before an end that others
    were told already, while bids are still accepted afterwards."""
    for ending, operation in refused(story, "not_open"):
        if operation.asked.get("now_ms", 0) >= ending.opens_at_ms:
            yield f"{_name(operation)} came after the opening and was refused as too early"
    fresh: dict[int, list[Operation]] = defaultdict(list)
    for operation in story.asked("bid"):
        if operation.outcome == OK and not operation.answer["replayed"]:
            fresh[operation.asked["auction"]].append(operation)
    for ending, operation in refused(story, "closed"):
        accepted, now_ms = fresh[ending.auction], operation.asked.get("now_ms")
        told = [each.answer["ends_at_ms"] for each in accepted if (each.completed or 0) < operation.invoked]
        went_on = any(each.invoked > (operation.completed or 0) for each in accepted)
        if now_ms is not None and went_on and now_ms < max(told, default=0):
            yield f"{_name(operation)} came {max(told) - now_ms} ms before the end and was refused as too late"


def _amounts(story: Story) -> dict[tuple[int, int], list[int]]:
    """(auction, person) → the amounts of all recorded bids."""
    amounts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for ending in story.endings:
        for row in ending.rows:
            amounts[ending.auction, row.person].append(row.amount)
    return amounts


def _name(operation: Operation) -> str:
    asked = operation.asked
    return f"auction {asked['auction']}: request {asked['request_id']} of {asked['person']}"
