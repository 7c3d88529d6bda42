"""Judges a run: every answered bid against the ledger, number by number, and both stores against each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Flask

from cashticket.engine.windows import whole_order
from cashticket.extensions import db
from cashticket.ledger import gaps, queries
from cashticket.work.check.compare import check
from tests.storm.failovers.bidders import Answer

MANY = 5


@dataclass(slots=True)
class Verdict:
    """`lost`: answered, and not in the ledger at its number. `given_up`: those of them whose number is a gap row.
    `doubled`: numbers that two requests were answered with. `moved`: requests that were answered with two numbers, or
    stand elsewhere in the order of the live store. `faults` are those of the check."""

    lost: int = 0
    given_up: int = 0
    doubled: int = 0
    moved: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.moved or self.faults)


def judge(app: Flask, auction_id: int, answers: Sequence[Answer]) -> Verdict:
    """The verdict about an auction whose bids are all recorded."""
    engine = app.extensions["engine"]
    with app.app_context():
        rows = {row.sequence: (row.person_id, row.amount, row.request_id) for row in queries.bids(auction_id)}
        explained = {number for gap in gaps.gaps_of(auction_id) for number in range(gap.first, gap.last + 1)}
        order = [(each.person, each.amount, each.sequence) for each in whole_order(engine, auction_id)]
        faults = list(check(engine, auction_id).faults)
        db.session.remove()
    verdict = Verdict(faults=[str(fault) for fault in faults[:MANY]])
    numbers: dict[int, set[str]] = {}
    requests: dict[str, set[int]] = {}
    for answer in answers:
        numbers.setdefault(answer.sequence, set()).add(answer.request_id)
        requests.setdefault(answer.request_id, set()).add(answer.sequence)
        if rows.get(answer.sequence) != (answer.person, answer.amount, answer.request_id):
            verdict.lost += 1
            verdict.given_up += answer.sequence in explained
    verdict.doubled = sum(len(each) > 1 for each in numbers.values())
    verdict.moved = sum(len(each) > 1 for each in requests.values()) + _misplaced(rows, order)
    return verdict


def _misplaced(rows: dict[int, tuple[int, int, str]], order: list[tuple[int, int, int]]) -> int:
    """How many places differ between the order of the ledger and that of the live store."""
    best: dict[int, tuple[int, int]] = {}
    for sequence, (person, amount, _) in sorted(rows.items()):
        best[person] = (amount, sequence)
    ranked = sorted(((person, *bid) for person, bid in best.items()), key=lambda each: (-each[1], each[2]))
    return sum(one != other for one, other in zip(ranked, order, strict=False)) + abs(len(ranked) - len(order))
