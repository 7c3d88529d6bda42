"""Faults for sound evidence, in its bids; each with the promise that it breaks."""

from collections.abc import Callable
from dataclasses import replace

from lab.evidence import BidRow, Ending, Evidence
from lab.history import FAIL, OK, Operation
from lab.synthetic import STEP, synthetic_evidence

Fault = Callable[[Evidence, Ending], None]


def sound() -> Evidence:
    return synthetic_evidence(seed=7, operations=400, seats=5)


def confirmed(evidence: Evidence) -> Operation:
    """A bid from the middle of the run that was confirmed at once."""
    bids = [each for each in evidence.all_of("bid") if each.outcome == OK and not each.answer["replayed"]]
    bid: Operation = bids[len(bids) // 2]
    return bid


def row_of(evidence: Evidence, ending: Ending) -> BidRow:
    sequence: int = confirmed(evidence).answer["sequence"]
    return ending.rows[sequence - 1]


def ask(evidence: Evidence, like: Operation, **changes: object) -> None:
    """Add one more operation at the very end of the history."""
    last = max(each.completed or 0 for each in evidence.operations)
    evidence.operations = [*evidence.operations, replace(like, invoked=last + 1, completed=last + 2, **changes)]  # type: ignore[arg-type]


def lost_bid(evidence: Evidence, ending: Ending) -> None:
    ending.rows.remove(row_of(evidence, ending))


def doubled_bid(evidence: Evidence, ending: Ending) -> None:
    row = row_of(evidence, ending)
    ending.rows.append(replace(row, sequence=len(ending.rows) + 1, nth=row.nth + 1))


def changed_amount(evidence: Evidence, ending: Ending) -> None:
    row_of(evidence, ending).amount += STEP


def invented_bid(evidence: Evidence, ending: Ending) -> None:
    ending.rows.append(replace(ending.rows[-1], sequence=len(ending.rows) + 1, request_id="nobody-sent-this"))


def refused_and_recorded(evidence: Evidence, ending: Ending) -> None:
    bid = confirmed(evidence)
    for each in evidence.all_of("bid"):
        if each.question == bid.question:
            each.outcome, each.answer = FAIL, {"reason": "closed"}


def fourth_bid(evidence: Evidence, ending: Ending) -> None:
    row = next(row for row in ending.rows if row.nth == 3)
    ending.rows.append(replace(row, sequence=len(ending.rows) + 1, nth=4, request_id="fourth"))


def forgotten_chance(evidence: Evidence, ending: Ending) -> None:
    ending.chances[ending.rows[0].person] -= 1


def wrong_chances_told(evidence: Evidence, ending: Ending) -> None:
    confirmed(evidence).answer["chances_left"] += 1


def two_answers(evidence: Evidence, ending: Ending) -> None:
    bid = confirmed(evidence)
    ask(evidence, bid, answer=bid.answer | {"replayed": True, "rank": bid.answer["rank"] + 1})


def new_twice(evidence: Evidence, ending: Ending) -> None:
    ask(evidence, confirmed(evidence))


def other_amount_accepted(evidence: Evidence, ending: Ending) -> None:
    bid = confirmed(evidence)
    ask(evidence, bid, question=bid.question | {"amount": bid.question["amount"] + STEP})


def repeat_refused(evidence: Evidence, ending: Ending) -> None:
    ask(evidence, confirmed(evidence), outcome=FAIL, answer={"reason": "closed"})


def hole(evidence: Evidence, ending: Ending) -> None:
    ending.rows[-1].sequence += 1


def later_but_before(evidence: Evidence, ending: Ending) -> None:
    bid = confirmed(evidence)
    for each in evidence.all_of("bid"):
        if each.question == bid.question:
            each.invoked, each.completed = each.invoked - 10**9, (each.completed or 0) + 10**9
    # Sent long after everybody else was answered, though its sequence is in the middle.
    bid.invoked = max(each.completed or 0 for each in evidence.operations) + 1
    evidence.operations = sorted(
        [each for each in evidence.operations if each is bid or each.question != bid.question],
        key=lambda each: each.invoked,
    )


def clock_backwards(evidence: Evidence, ending: Ending) -> None:
    ending.rows[-1].at_ms -= 10_000


def other_order(evidence: Evidence, ending: Ending) -> None:
    ending.order[0], ending.order[1] = ending.order[1], ending.order[0]


def wrong_rank_told(evidence: Evidence, ending: Ending) -> None:
    confirmed(evidence).answer["rank"] += 1


def wrong_rank_recorded(evidence: Evidence, ending: Ending) -> None:
    row_of(evidence, ending).rank += 1


def old_board(evidence: Evidence, ending: Ending) -> None:
    boards = [each for each in evidence.all_of("board") if each.answer["bidders"] > 6]
    boards[-1].answer = boards[0].answer | {"sequence": boards[-1].answer["sequence"]}


def standing(evidence: Evidence, ending: Ending, **lie: object) -> None:
    """Somebody looks at their standing right after a winning bid and sees the truth, apart from the given lie."""
    row = next(row for row in reversed(ending.rows) if row.rank <= ending.seats)
    shown = {"sequence": row.sequence, "position": "winning", "own": row.sequence, "chances": 3 - row.nth}
    question = {"auction": ending.auction, "person": row.person}
    ask(evidence, evidence.all_of("board")[-1], what="standing", question=question, answer=shown | lie)


def standing_without_the_own_bid(evidence: Evidence, ending: Ending) -> None:
    standing(evidence, ending, own=0)


def standing_out_of_place(evidence: Evidence, ending: Ending) -> None:
    standing(evidence, ending, position="out")


def lowered_bid(evidence: Evidence, ending: Ending) -> None:
    next(row for row in ending.rows if row.nth == 2).amount = ending.minimum


def bid_at_the_end(evidence: Evidence, ending: Ending) -> None:
    ending.rows[-1].at_ms = ending.ends_at_ms


def bid_after_the_mark(evidence: Evidence, ending: Ending) -> None:
    ending.final_sequence = ending.sequence - 1


def end_moved_back(evidence: Evidence, ending: Ending) -> None:
    ending.rows[-1].ends_at_ms -= 1


def untold_fall(evidence: Evidence, ending: Ending) -> None:
    ending.alerts.pop()


def told_twice(evidence: Evidence, ending: Ending) -> None:
    ending.alerts.append(ending.alerts[0])


def told_without_chances(evidence: Evidence, ending: Ending) -> None:
    fall = next(row for row in ending.rows if row.displaced and not row.alert)
    ending.alerts.append((fall.displaced or 0, fall.sequence))


def forgotten_entry(evidence: Evidence, ending: Ending) -> None:
    ending.backlog = 1


def mark_went_back(evidence: Evidence, ending: Ending) -> None:
    ask(evidence, evidence.all_of("mark")[-1], answer={"recorded": 0})


def row_changed_later(evidence: Evidence, ending: Ending) -> None:
    row = ending.rows[0]
    seen = {"rows": [[row.sequence, row.person, row.nth, row.amount + STEP, row.request_id]]}
    ask(evidence, evidence.all_of("mark")[-1], what="ledger", answer=seen)


PLANTED: tuple[tuple[str, Fault], ...] = (
    ("I1", lost_bid),
    ("I1", doubled_bid),
    ("I1", changed_amount),
    ("I2", invented_bid),
    ("I2", refused_and_recorded),
    ("I3", fourth_bid),
    ("I3", forgotten_chance),
    ("I3", wrong_chances_told),
    ("I4", two_answers),
    ("I4", new_twice),
    ("I4", other_amount_accepted),
    ("I4", repeat_refused),
    ("I5", hole),
    ("I5", later_but_before),
    ("I5", clock_backwards),
    ("I6", other_order),
    ("I6", wrong_rank_told),
    ("I6", wrong_rank_recorded),
    ("I6", old_board),
    ("I6", standing_without_the_own_bid),
    ("I6", standing_out_of_place),
    ("I6", lowered_bid),
    ("I12", bid_at_the_end),
    ("I12", bid_after_the_mark),
    ("I12", end_moved_back),
    ("I13", untold_fall),
    ("I13", told_twice),
    ("I13", told_without_chances),
    ("I14", lost_bid),
    ("I14", forgotten_entry),
    ("I14", mark_went_back),
    ("I15", row_changed_later),
)
