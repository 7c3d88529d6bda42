"""Checkers: pure functions from the evidence of a run to complaints, one for each promise of docs/invariants.md.

They judge by the oracle and import nothing of the product.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from lab.checkers import answers, flow, ranks, refusals, seats
from lab.evidence import Evidence

MANY = 10
"""Most complaints that are listed for one checker."""

Checker = Callable[[Evidence], Iterator[str]]


def _each(*checkers: Checker) -> Checker:
    return lambda evidence: chain.from_iterable(checker(evidence) for checker in checkers)


CHECKERS: dict[str, Checker] = {
    "I1": answers.promised_is_recorded,
    "I2": answers.recorded_was_sent,
    "I3": _each(answers.chances_are_counted, refusals.chances_were_spent),
    "I4": _each(answers.same_request_same_answer, refusals.reused_was_used),
    "I5": answers.sequence_is_time,
    "I6": ranks.ranks_are_true,
    "I7": seats.no_more_than_seats,
    "I8": seats.one_ticket_a_person,
    "I9": seats.the_best_won,
    "I10": seats.seats_pass_down_the_line,
    "I11": seats.every_seat_is_somewhere,
    "I12": _each(ranks.nothing_after_the_end, refusals.time_was_over),
    "I13": ranks.alerts_are_due,
    "I14": flow.everything_arrived,
    "I15": _each(flow.everybody_moves_their_own, refusals.amount_was_wrong, refusals.far_above_was_far),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken, and how."""

    invariant: str
    what: str


def violations(evidence: Evidence) -> list[Violation]:
    """Every broken promise. Empty when the evidence is sound."""
    return [
        Violation(invariant, what)
        for invariant, checker in CHECKERS.items()
        for what in islice(checker(evidence), MANY)
    ]
