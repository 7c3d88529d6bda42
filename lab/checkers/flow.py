"""Checks the way into the ledger, and that people move only their own awards."""

from collections import defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Evidence
from lab.history import OK, UNKNOWN, Operation

OWN_MOVES = {"bought": "buy", "declined": "decline", "cancelled": "cancel"}


def everything_arrived(evidence: Evidence) -> Iterator[str]:
    """I14: at rest no entry waits, every number is recorded or accounted for, and the recorded sequence never went
    back."""
    for ending in evidence.endings:
        if ending.backlog:
            yield f"auction {ending.auction}: {ending.backlog} entries still wait"
        arrived = len(ending.rows) + len(ending.quarantined) + len(ending.given_up)
        if not ending.sequence == ending.recorded == arrived:
            yield (
                f"auction {ending.auction}: {ending.sequence} numbers were given, {arrived} arrived, "
                f"the recorded sequence is {ending.recorded}"
            )
    yield from _marks_that_went_back(evidence)


def _marks_that_went_back(evidence: Evidence) -> Iterator[str]:
    marks: dict[int, list[Operation]] = defaultdict(list)
    for operation in evidence.all_of("mark"):
        if operation.outcome == OK:
            marks[operation.question["auction"]].append(operation)
    for auction, seen in marks.items():
        done = sorted(seen, key=lambda operation: operation.completed or 0)
        highest, place = 0, 0
        for operation in sorted(seen, key=lambda operation: operation.invoked):
            while place < len(done) and (done[place].completed or 0) < operation.invoked:
                highest = max(highest, done[place].answer["recorded"])
                place += 1
            if operation.answer["recorded"] < highest:
                yield f"auction {auction}: the recorded sequence went back to {operation.answer['recorded']}"
        last = evidence.by_auction.get(auction)
        if last is not None and any(operation.answer["recorded"] > last.recorded for operation in seen):
            yield f"auction {auction}: the recorded sequence was once higher than at the end"


def everybody_moves_their_own(evidence: Evidence) -> Iterator[str]:
    """I15: recorded rows never change; an award is bought, declined or cancelled by its holder alone."""
    for operation in evidence.all_of("ledger"):
        ending = evidence.by_auction.get(operation.question["auction"])
        if operation.outcome == OK and ending is not None:
            yield from _rows_that_changed(ending, operation)
    requested: dict[tuple[int, int, str], list[Operation]] = defaultdict(list)
    for operation in evidence.all_of("move"):
        requested[operation.question["award"], operation.question["person"], operation.question["move"]].append(
            operation
        )
    holders = {row.id: row.person for ending in evidence.endings for row in ending.award_rows}
    for (award, person, move), operations in requested.items():
        if holders.get(award) != person and any(operation.outcome == OK for operation in operations):
            yield f"{person} could {move} award {award} of somebody else"
    for ending in evidence.endings:
        for number, award, state in ending.events:
            wanted = requested.get((award, holders.get(award, 0), OWN_MOVES.get(state, "")), ())
            if state in OWN_MOVES and not any(operation.outcome in (OK, UNKNOWN) for operation in wanted):
                yield f"auction {ending.auction}: award {award} is {state} by event {number}, not by its holder"


def _rows_that_changed(ending: Ending, operation: Operation) -> Iterator[str]:
    now = {row.sequence: [row.sequence, row.person, row.nth, row.amount, row.request_id] for row in ending.rows}
    for row in operation.answer["rows"]:
        if now.get(row[0]) != list(row):
            yield f"auction {ending.auction}: bid {row[0]} was {row} in the ledger and is {now.get(row[0])}"
