"""From the live store into the ledger, and who set what in motion."""

from collections import defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Story
from lab.history import OK, UNKNOWN, Operation

OWN_MOVES = {"bought": "buy", "declined": "decline", "cancelled": "cancel"}


def everything_arrived(story: Story) -> Iterator[str]:
    """I14: at rest nothing waits, and what was given is recorded or set aside; the ledger's mark never went back."""
    for ending in story.endings:
        if ending.waiting:
            yield f"auction {ending.auction}: {ending.waiting} entries still wait"
        arrived = len(ending.rows) + len(ending.aside) + len(ending.lost)
        if not ending.sequence == ending.recorded == arrived:
            yield (
                f"auction {ending.auction}: {ending.sequence} bids were given, the mark is at {ending.recorded}, "
                f"{arrived} arrived"
            )
    yield from _marks_that_went_back(story)


def _marks_that_went_back(story: Story) -> Iterator[str]:
    marks: dict[int, list[Operation]] = defaultdict(list)
    for operation in story.asked("mark"):
        if operation.outcome == OK:
            marks[operation.asked["auction"]].append(operation)
    for auction, seen in marks.items():
        done = sorted(seen, key=lambda operation: operation.completed or 0)
        highest, place = 0, 0
        for operation in sorted(seen, key=lambda operation: operation.invoked):
            while place < len(done) and (done[place].completed or 0) < operation.invoked:
                highest = max(highest, done[place].answer["recorded"])
                place += 1
            if operation.answer["recorded"] < highest:
                yield f"auction {auction}: the ledger's mark went back to {operation.answer['recorded']}"
        last = story.by_auction.get(auction)
        if last is not None and any(operation.answer["recorded"] > last.recorded for operation in seen):
            yield f"auction {auction}: the ledger's mark was higher than it ended"


def everybody_moves_their_own(story: Story) -> Iterator[str]:
    """I15: rows once seen never change; an award is bought, declined or cancelled by its holder and nobody else."""
    for operation in story.asked("ledger"):
        ending = story.by_auction.get(operation.asked["auction"])
        if operation.outcome == OK and ending is not None:
            yield from _rows_that_changed(ending, operation)
    asked: dict[tuple[int, int, str], list[Operation]] = defaultdict(list)
    for operation in story.asked("move"):
        asked[operation.asked["award"], operation.asked["person"], operation.asked["move"]].append(operation)
    holders = {right.id: right.person for ending in story.endings for right in ending.rights}
    for (award, person, move), operations in asked.items():
        if holders.get(award) != person and any(operation.outcome == OK for operation in operations):
            yield f"{person} could {move} award {award} of somebody else"
    for ending in story.endings:
        for number, award, state in ending.events:
            wanted = asked.get((award, holders.get(award, 0), OWN_MOVES.get(state, "")), ())
            if state in OWN_MOVES and not any(operation.outcome in (OK, UNKNOWN) for operation in wanted):
                yield f"auction {ending.auction}: award {award} is {state} by event {number}, its holder never asked"


def _rows_that_changed(ending: Ending, operation: Operation) -> Iterator[str]:
    now = {row.sequence: [row.sequence, row.person, row.nth, row.amount, row.request_id] for row in ending.rows}
    for row in operation.answer["rows"]:
        if now.get(row[0]) != list(row):
            yield f"auction {ending.auction}: bid {row[0]} was {row} in the ledger and is {now.get(row[0])}"
