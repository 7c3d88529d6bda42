"""What counts as throughput, and what as an error. One line of the raw files may stand for many answers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from lab.load.kinds import COUNTED, FRAME, QUEUED, REFUSALS
from lab.load.raw import Answer


def is_throughput(answer: Answer, facts: dict[str, Any]) -> bool:
    """Whether the answer is throughput of its turn: frames where the scenario says so (`facts` of turn.json), and
    requests that were neither errors nor turned away."""
    if answer.kind == FRAME:
        return bool(facts.get("counts_frames"))
    unasked = answer.kind in {*COUNTED, QUEUED} or answer.journey in REFUSALS
    return not answer.is_error and not unasked


def errors_of(answers: Iterable[Answer]) -> dict[int, int]:
    """How many of these answers are errors, by status."""
    errors: Counter[int] = Counter()
    for answer in answers:
        if answer.is_error:
            errors[answer.status] += answer.count
    return dict(errors)
