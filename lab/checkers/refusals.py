"""Checks refusals: each has a reason that the rules allow. Judged only where the final state proves it.

Bids, amounts and ends only grow, so what holds at the end bounds what held before.
"""

from collections import defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Evidence
from lab.history import FAIL, OK, Operation
from lab.oracle.bidding import CHANCES, amount_faults, is_far_above


def refused(evidence: Evidence, *reasons: str) -> Iterator[tuple[Ending, Operation]]:
    """Bids refused for one of these reasons, in auctions of which everything is known."""
    for operation in evidence.all_of("bid"):
        ending = evidence.by_auction.get(operation.question["auction"])
        is_complete = ending is not None and not ending.quarantined and not ending.given_up
        if operation.outcome == FAIL and operation.answer["reason"] in reasons and ending is not None and is_complete:
            yield ending, operation


def chances_were_spent(evidence: Evidence) -> Iterator[str]:
    """I3: a person refused for lack of chances has three recorded bids."""
    amounts = _amounts(evidence)
    for ending, operation in refused(evidence, "no_chances_left"):
        had = len(amounts[ending.auction, operation.question["person"]])
        if had < CHANCES:
            yield f"{_name(operation)} was refused for lack of chances after {had} bids"


def reused_was_used(evidence: Evidence) -> Iterator[str]:
    """I4: a request refused as reused was sent before with another amount."""
    amounts: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    for request in evidence.requests:
        if request.answers or request.uncertain:
            amounts[request.auction, request.person, request.request_id].add(request.amount)
    for _, operation in refused(evidence, "request_reused"):
        question = operation.question
        if not amounts[question["auction"], question["person"], question["request_id"]] - {question["amount"]}:
            yield f"{_name(operation)} was refused as reused, but was not used before"


def amount_was_wrong(evidence: Evidence) -> Iterator[str]:
    """I15: a bid refused for its amount breaks that rule, measured against its own bidder's bids."""
    amounts = _amounts(evidence)
    for ending, operation in refused(evidence, "below_minimum", "not_a_step", "too_high", "not_above_own"):
        amount, person = operation.question["amount"], operation.question["person"]
        own = max(amounts[ending.auction, person], default=None)
        faults = amount_faults(amount, minimum=ending.minimum, step=ending.step, maximum=ending.maximum, own=own)
        if operation.answer["reason"] not in faults:
            yield f"{_name(operation)} over {amount} won was refused as {operation.answer['reason']}"


def far_above_was_far(evidence: Evidence) -> Iterator[str]:
    """I15: a bid refused as far above the cut-off was far above every cut-off that had been answered before, and above
    the minimum price; and its amount was not said once more."""
    accepted = [each for each in evidence.all_of("bid") if each.outcome == OK]
    for ending, operation in refused(evidence, "far_above"):
        question = operation.question
        fell = len(ending.bids) < len(ending.rows)
        told = [
            each.answer["cutoff"]
            for each in accepted
            if not fell and each.question["auction"] == ending.auction and (each.completed or 0) < operation.invoked
        ]
        least = max(ending.minimum, *told) if told else ending.minimum
        # A withdrawal lets the cut-off fall again. One of 0 won proves nothing: the next may have been anything.
        if question.get("sure") == question["amount"] or (least and not is_far_above(question["amount"], least)):
            yield f"{_name(operation)} over {question['amount']} won was refused as far above"


def time_was_over(evidence: Evidence) -> Iterator[str]:
    """I12: nobody is refused as too early from the opening on, nor as too late before an end already announced.

    Too late is judged only while bids are still accepted afterwards.
    """
    for ending, operation in refused(evidence, "not_open"):
        if operation.question.get("now_ms", 0) >= ending.opens_at_ms:
            yield f"{_name(operation)} came after the opening and was refused as too early"
    fresh: dict[int, list[Operation]] = defaultdict(list)
    for operation in evidence.all_of("bid"):
        if operation.outcome == OK and not operation.answer["replayed"]:
            fresh[operation.question["auction"]].append(operation)
    for ending, operation in refused(evidence, "closed"):
        accepted, now_ms = fresh[ending.auction], operation.question.get("now_ms")
        announced_ends = [each.answer["ends_at_ms"] for each in accepted if (each.completed or 0) < operation.invoked]
        went_on = any(each.invoked > (operation.completed or 0) for each in accepted)
        if now_ms is not None and went_on and now_ms < max(announced_ends, default=0):
            early_ms = max(announced_ends) - now_ms
            yield f"{_name(operation)} came {early_ms} ms before the end and was refused as too late"


def _amounts(evidence: Evidence) -> dict[tuple[int, int], list[int]]:
    """(auction, person) → the amounts of all recorded bids."""
    amounts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for ending in evidence.endings:
        for row in ending.bids:
            amounts[ending.auction, row.person].append(row.amount)
    return amounts


def _name(operation: Operation) -> str:
    question = operation.question
    return f"auction {question['auction']}: request {question['request_id']} of {question['person']}"
