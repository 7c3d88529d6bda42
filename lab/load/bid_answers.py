"""Turns the answers to a turn's bids into operations for the checkers."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from lab.history import FAIL, OK, UNKNOWN, Operation
from lab.load.raw import ACCEPTED, REFUSED, REPLAYED, Answer
from lab.oracle.bidding import CHANCES

MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as the client sent it, who was always `sure` of the amount."""

    auction: int
    person: int
    amount: int
    request_id: str


def operations(answers: Iterable[Answer], bid_of: Callable[[Answer], Bid]) -> list[Operation]:
    """Each answer to a bid as the operation that the client carried out, in the order of their start. `bid_of` says
    which bid an answer belongs to."""
    return sorted(
        (_operation(answer, bid_of(answer)) for answer in answers if answer.is_bid),
        key=lambda operation: operation.invoked,
    )


def _operation(answer: Answer, bid: Bid) -> Operation:
    question, (outcome, document) = asdict(bid) | {"sure": bid.amount}, _outcome(answer, bid.amount)
    # The client's clock has whole milliseconds: the answer may have come up to one later.
    completed = None if outcome == UNKNOWN else (answer.answered_ms + 1) * MS
    return Operation("k6", "bid", question, answer.sent_ms * MS, outcome, document, completed)


def _outcome(answer: Answer, amount: int) -> tuple[str, dict[str, Any]]:
    """How the operation ended and what it was answered. What was neither accepted nor refused is unknown."""
    if answer.status == REFUSED:
        return FAIL, {"reason": _document(answer)["reason"]}
    if answer.status not in (ACCEPTED, REPLAYED):
        return UNKNOWN, {"why": f"status {answer.status}"}
    body = _document(answer)
    same = ("sequence", "amount", "rank", "winning", "chances_left", "cutoff", "replayed")
    ends_at_ms = round(datetime.fromisoformat(body["ends_at"]).timestamp() * 1000)
    document = {name: body[name] for name in same}
    return OK, document | {"nth": CHANCES - body["chances_left"], "ends_at_ms": ends_at_ms}


def _document(answer: Answer) -> dict[str, Any]:
    """The answer's JSON; the client may have written the id of the request before it."""
    document: dict[str, Any] = json.loads(answer.body[answer.body.index("{") :])
    return document
