"""Turns the answers to a turn's bids into operations for the checkers."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lab.history import FAIL, OK, UNKNOWN, Operation
from lab.load.raw import ACCEPTED, REFUSED, REPLAYED, Answer
from lab.oracle.bidding import CHANCES

MS = 1_000_000


def operations(answers: Iterable[Answer], auction: int, people: list[int], minimum: int, step: int) -> list[Operation]:
    """Each answer as the operation that the client carried out, in the order of their start."""
    return sorted(
        (
            _operation(answer, auction, people[answer.row % len(people)], minimum + step * answer.row)
            for answer in answers
        ),
        key=lambda operation: operation.invoked,
    )


def _operation(answer: Answer, auction: int, person: int, amount: int) -> Operation:
    question = {"auction": auction, "person": person, "amount": amount, "request_id": f"row-{answer.row}"}
    outcome, document = _outcome(answer, amount)
    # The client's clock has whole milliseconds: the answer may have come up to one later.
    completed = None if outcome == UNKNOWN else (answer.answered_ms + 1) * MS
    return Operation("k6", "bid", question, answer.sent_ms * MS, outcome, document, completed)


def _outcome(answer: Answer, amount: int) -> tuple[str, dict[str, Any]]:
    """How the operation ended and what it was answered. What was neither accepted nor refused is unknown."""
    if answer.status == REFUSED:
        return FAIL, {"reason": json.loads(answer.body)["reason"]}
    if answer.status not in (ACCEPTED, REPLAYED):
        return UNKNOWN, {"why": f"status {answer.status}"}
    body = json.loads(answer.body)
    same = ("sequence", "amount", "rank", "winning", "chances_left", "cutoff", "replayed")
    ends_at_ms = round(datetime.fromisoformat(body["ends_at"]).timestamp() * 1000)
    document = {name: body[name] for name in same}
    return OK, document | {"nth": CHANCES - body["chances_left"], "ends_at_ms": ends_at_ms}
