"""Faults for sound evidence, in its refusals and in barred winners; each with the promise that it breaks."""

from typing import Any

from lab.evidence import BidRow, Ending, Evidence
from lab.history import FAIL
from lab.synthetic import STEP
from tests.storm.planted.false_bids import Fault, ask, confirmed


def _refuse(evidence: Evidence, reason: str, **question: Any) -> None:
    like = confirmed(evidence)
    ask(
        evidence,
        like,
        question=like.question | {"request_id": "new"} | question,
        outcome=FAIL,
        answer={"reason": reason},
    )


def _newcomer(ending: Ending) -> BidRow:
    """A bid by somebody who has bid only once."""
    return next(row for row in ending.rows if ending.chances[row.person] == 1)


def chances_denied(evidence: Evidence, ending: Ending) -> None:
    _refuse(evidence, "no_chances_left", person=_newcomer(ending).person)


def fresh_request_called_used(evidence: Evidence, ending: Ending) -> None:
    _refuse(evidence, "request_reused")


def raise_denied(evidence: Evidence, ending: Ending) -> None:
    row = _newcomer(ending)
    _refuse(evidence, "not_above_own", person=row.person, amount=row.amount + STEP)


def good_amount_denied(evidence: Evidence, ending: Ending) -> None:
    _refuse(evidence, "not_a_step", amount=ending.minimum + STEP)


def near_amount_called_far(evidence: Evidence, ending: Ending) -> None:
    """Ten times the minimum price, when that was the cut-off at least."""
    _refuse(evidence, "far_above", amount=10 * ending.minimum)


def said_twice_and_called_far(evidence: Evidence, ending: Ending) -> None:
    _refuse(evidence, "far_above", amount=90 * ending.minimum, sure=90 * ending.minimum)


def too_early_after_the_opening(evidence: Evidence, ending: Ending) -> None:
    _refuse(evidence, "not_open", now_ms=ending.opens_at_ms)


def too_late_before_the_end(evidence: Evidence, ending: Ending) -> None:
    """Refused as too late in the middle of the run, while others are still accepted."""
    _refuse(evidence, "closed", now_ms=ending.ends_at_ms - 1)
    refused, bid = evidence.operations[-1], confirmed(evidence)
    refused.invoked, refused.completed = (bid.completed or 0) + 1, (bid.completed or 0) + 2
    evidence.operations = sorted(evidence.operations, key=lambda operation: operation.invoked)


def said_no_and_knew_it(evidence: Evidence, ending: Ending) -> None:
    bid = confirmed(evidence)
    for each in evidence.all_of("bid"):
        if each.question == bid.question:
            each.outcome, each.answer = FAIL, {"reason": "unavailable"}
    row = next(row for row in ending.rows if row.request_id == bid.question["request_id"])
    numbers = {
        name: getattr(row, name) for name in ("sequence", "nth", "amount", "rank", "cutoff", "at_ms", "ends_at_ms")
    }
    answer = {"winning": row.rank <= ending.seats, "chances_left": 3 - row.nth, "replayed": True}
    ask(evidence, bid, outcome="ok", answer=numbers | answer)


def blocked_before_winning(evidence: Evidence, ending: Ending) -> None:
    ending.barred.add(ending.order[0][0])
    ending.barred_at_settlement.add(ending.order[0][0])


PLANTED: tuple[tuple[str, Fault], ...] = (
    ("I2", said_no_and_knew_it),
    ("I3", chances_denied),
    ("I4", fresh_request_called_used),
    ("I9", blocked_before_winning),
    ("I12", too_early_after_the_opening),
    ("I12", too_late_before_the_end),
    ("I15", raise_denied),
    ("I15", good_amount_denied),
    ("I15", near_amount_called_far),
    ("I15", said_twice_and_called_far),
)
