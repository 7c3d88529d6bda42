"""The checkers themselves: each accepts a sound storm and rejects one with the fault it is there for."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.storm import history
from tests.storm.checkers import CHECKERS, violations
from tests.storm.ending import Ending, Right, Row, Story
from tests.storm.history import FAIL, OK, UNKNOWN, Operation, Recorder
from tests.storm.made_up import STEP, storm

Fault = Callable[[Story, Ending], None]


def sound() -> Story:
    return storm(seed=7, operations=400, seats=5)


def confirmed(story: Story) -> Operation:
    """A confirmed bid from the middle of the storm."""
    bids = [each for each in story.asked("bid") if each.outcome == OK and not each.answer["replayed"]]
    return bids[len(bids) // 2]


def row_of(story: Story, ending: Ending) -> Row:
    return ending.rows[confirmed(story).answer["sequence"] - 1]


def ask(story: Story, like: Operation, **changes: object) -> None:
    """One more operation at the very end of the history."""
    last = max(each.completed or 0 for each in story.operations)
    story.operations = [*story.operations, replace(like, invoked=last + 1, completed=last + 2, **changes)]  # type: ignore[arg-type]


def lost_bid(story: Story, ending: Ending) -> None:
    ending.rows.remove(row_of(story, ending))


def doubled_bid(story: Story, ending: Ending) -> None:
    row = row_of(story, ending)
    ending.rows.append(replace(row, sequence=len(ending.rows) + 1, nth=row.nth + 1))


def changed_amount(story: Story, ending: Ending) -> None:
    row_of(story, ending).amount += STEP


def invented_bid(story: Story, ending: Ending) -> None:
    ending.rows.append(replace(ending.rows[-1], sequence=len(ending.rows) + 1, request_id="nobody-sent-this"))


def refused_and_recorded(story: Story, ending: Ending) -> None:
    bid = confirmed(story)
    for each in story.asked("bid"):
        if each.asked == bid.asked:
            each.outcome, each.answer = FAIL, {"reason": "closed"}


def fourth_bid(story: Story, ending: Ending) -> None:
    row = next(row for row in ending.rows if row.nth == 3)
    ending.rows.append(replace(row, sequence=len(ending.rows) + 1, nth=4, request_id="fourth"))


def forgotten_chance(story: Story, ending: Ending) -> None:
    ending.chances[ending.rows[0].person] -= 1


def wrong_chances_told(story: Story, ending: Ending) -> None:
    confirmed(story).answer["chances_left"] += 1


def two_answers(story: Story, ending: Ending) -> None:
    bid = confirmed(story)
    ask(story, bid, answer=bid.answer | {"replayed": True, "rank": bid.answer["rank"] + 1})


def new_twice(story: Story, ending: Ending) -> None:
    ask(story, confirmed(story))


def other_amount_accepted(story: Story, ending: Ending) -> None:
    bid = confirmed(story)
    ask(story, bid, asked=bid.asked | {"amount": bid.asked["amount"] + STEP})


def repeat_refused(story: Story, ending: Ending) -> None:
    ask(story, confirmed(story), outcome=FAIL, answer={"reason": "closed"})


def hole(story: Story, ending: Ending) -> None:
    ending.rows[-1].sequence += 1


def later_but_before(story: Story, ending: Ending) -> None:
    bid = confirmed(story)
    for each in story.asked("bid"):
        if each.asked == bid.asked:
            each.invoked, each.completed = each.invoked - 10**9, (each.completed or 0) + 10**9
    # Asked long after everybody else was answered, and yet it stands in the middle.
    bid.invoked = max(each.completed or 0 for each in story.operations) + 1
    story.operations = sorted(
        [each for each in story.operations if each is bid or each.asked != bid.asked], key=lambda each: each.invoked
    )


def clock_backwards(story: Story, ending: Ending) -> None:
    ending.rows[-1].at_ms -= 10_000


def other_order(story: Story, ending: Ending) -> None:
    ending.order[0], ending.order[1] = ending.order[1], ending.order[0]


def wrong_rank_told(story: Story, ending: Ending) -> None:
    confirmed(story).answer["rank"] += 1


def wrong_rank_recorded(story: Story, ending: Ending) -> None:
    row_of(story, ending).rank += 1


def old_board(story: Story, ending: Ending) -> None:
    boards = [each for each in story.asked("board") if each.answer["bidders"] > 6]
    boards[-1].answer = boards[0].answer | {"sequence": boards[-1].answer["sequence"]}


def lowered_bid(story: Story, ending: Ending) -> None:
    next(row for row in ending.rows if row.nth == 2).amount = ending.minimum


def too_many_awards(story: Story, ending: Ending) -> None:
    stranger = ending.order[-1]
    ending.rights.append(Right(99_999, 1, stranger[0], stranger[1], "offered", ending.rights[0].id))
    ending.events.append((len(ending.events) + 1, 99_999, "offered"))


def two_tickets(story: Story, ending: Ending) -> None:
    """The same person won in another auction of the same concert."""
    other = replace(ending, auction=2, rights=[replace(right, id=right.id + 500) for right in ending.rights])
    other.events = [(number, award + 500, state) for number, award, state in ending.events]
    story.endings.append(other)


def two_awards(story: Story, ending: Ending) -> None:
    ending.rights[1].person = ending.rights[0].person


def worse_bidder_won(story: Story, ending: Ending) -> None:
    ending.rights[0].person, ending.rights[0].price = ending.order[-1][0], ending.order[-1][1]


def passed_over_for_nothing(story: Story, ending: Ending) -> None:
    ending.passed_over.add(ending.order[-1][0])


def wrong_price(story: Story, ending: Ending) -> None:
    ending.rights[0].price -= 1


def awards_before_settlement(story: Story, ending: Ending) -> None:
    ending.state = "closing"


def wrong_heir(story: Story, ending: Ending) -> None:
    heir = next(right for right in ending.rights if right.previous)
    heir.person, heir.price = ending.order[-1][0], ending.order[-1][1]


def state_without_story(story: Story, ending: Ending) -> None:
    ending.rights[1].state = "bought"


def returned_from_the_dead(story: Story, ending: Ending) -> None:
    cancelled = next(right for right in ending.rights if right.state == "cancelled")
    cancelled.state = "bought"
    ending.events.append((len(ending.events) + 1, cancelled.id, "bought"))


def idle_seat(story: Story, ending: Ending) -> None:
    heir = next(right for right in ending.rights if right.previous)
    ending.rights.remove(heir)
    story_left = [event for event in sorted(ending.events) if event[1] != heir.id]
    ending.events = [(number, award, state) for number, (_, award, state) in enumerate(story_left, 1)]


def two_holders(story: Story, ending: Ending) -> None:
    ending.rights[1].seat = ending.rights[3].seat


def vanished_seat(story: Story, ending: Ending) -> None:
    ending.seat_numbers.pop()


def bid_at_the_end(story: Story, ending: Ending) -> None:
    ending.rows[-1].at_ms = ending.ends_at_ms


def bid_after_the_mark(story: Story, ending: Ending) -> None:
    ending.final_sequence = ending.sequence - 1


def end_moved_back(story: Story, ending: Ending) -> None:
    ending.rows[-1].ends_at_ms -= 1


def untold_fall(story: Story, ending: Ending) -> None:
    ending.alerts.pop()


def told_twice(story: Story, ending: Ending) -> None:
    ending.alerts.append(ending.alerts[0])


def told_without_chances(story: Story, ending: Ending) -> None:
    fall = next(row for row in ending.rows if row.displaced and not row.alert)
    ending.alerts.append((fall.displaced or 0, fall.sequence))


def forgotten_entry(story: Story, ending: Ending) -> None:
    ending.waiting = 1


def mark_went_back(story: Story, ending: Ending) -> None:
    ask(story, story.asked("mark")[-1], answer={"recorded": 0})


def moved_by_another(story: Story, ending: Ending) -> None:
    move = story.asked("move")[0]
    ask(story, move, asked=move.asked | {"person": ending.order[-1][0]})


def moved_by_nobody(story: Story, ending: Ending) -> None:
    first = story.asked("move")[0]
    story.operations = [each for each in story.operations if each is not first]


def row_changed_later(story: Story, ending: Ending) -> None:
    row = ending.rows[0]
    seen = {"rows": [[row.sequence, row.person, row.nth, row.amount + STEP, row.request_id]]}
    ask(story, story.asked("mark")[-1], what="ledger", answer=seen)


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
    ("I6", lowered_bid),
    ("I7", too_many_awards),
    ("I8", two_tickets),
    ("I8", two_awards),
    ("I9", worse_bidder_won),
    ("I9", passed_over_for_nothing),
    ("I9", wrong_price),
    ("I9", awards_before_settlement),
    ("I10", wrong_heir),
    ("I10", state_without_story),
    ("I10", returned_from_the_dead),
    ("I10", idle_seat),
    ("I11", two_holders),
    ("I11", vanished_seat),
    ("I12", bid_at_the_end),
    ("I12", bid_after_the_mark),
    ("I12", end_moved_back),
    ("I13", untold_fall),
    ("I13", told_twice),
    ("I13", told_without_chances),
    ("I14", lost_bid),
    ("I14", forgotten_entry),
    ("I14", mark_went_back),
    ("I15", moved_by_another),
    ("I15", moved_by_nobody),
    ("I15", row_changed_later),
)


@pytest.mark.parametrize(("invariant", "plant"), PLANTED, ids=[f"{name}-{plant.__name__}" for name, plant in PLANTED])
def test_a_planted_fault_is_found_by_the_checker_it_is_meant_for(invariant: str, plant: Fault) -> None:
    story = sound()
    assert violations(story) == []
    plant(story, story.endings[0])
    story.__dict__.pop("requests", None)  # worked out before the fault was planted
    story.__dict__.pop("by_auction", None)
    assert invariant in {found.invariant for found in violations(story)}


def test_every_checker_has_a_fault_planted_for_it() -> None:
    assert {invariant for invariant, _ in PLANTED} == set(CHECKERS)


@pytest.mark.parametrize("seed", range(20))
def test_sound_storms_give_no_complaint(seed: int) -> None:
    seats = random.Random(seed).choice((1, 2, 5, 60))
    assert violations(storm(seed, auctions=1 + seed % 3, operations=240, seats=seats)) == []


def test_a_bid_without_an_answer_may_be_recorded_or_not() -> None:
    story = sound()
    bid = confirmed(story)
    for each in story.asked("bid"):
        if each.asked == bid.asked:
            each.outcome, each.answer, each.completed = UNKNOWN, {}, None
    assert violations(story) == []


def test_an_empty_auction_is_sound() -> None:
    ending = replace(sound().endings[0], rows=[], order=[], chances={}, sequence=0, recorded=0, final_sequence=0)
    ending.rights, ending.events, ending.alerts = [], [], []
    assert violations(Story([], [ending])) == []


def test_a_history_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    story = sound()
    history.write(tmp_path / "history.jsonl", story.operations)
    assert history.read(tmp_path / "history.jsonl") == list(story.operations)


def test_recorders_of_several_processes_make_one_history_in_the_order_of_asking(tmp_path: Path) -> None:
    alice, bob = Recorder(tmp_path / "alice", "alice"), Recorder(tmp_path / "bob", "bob")
    asked = {"auction": 1, "amount": 100_000}
    first = alice.invoke("bid", person=1, request_id="a", **asked)
    bob.invoke("bid", person=2, request_id="b", **asked)
    first.unknown("no answer")
    alice.invoke("bid", person=1, request_id="a", **asked).ok(sequence=1)
    first.ok(sequence=99)
    alice.invoke("bid", person=1, request_id="c", **asked).fail("closed")
    alice.close()
    bob.close()
    found = history.read(tmp_path / "alice", tmp_path / "bob")
    assert [(each.process, each.outcome) for each in found] == [
        ("alice", UNKNOWN),
        ("bob", UNKNOWN),
        ("alice", OK),
        ("alice", FAIL),
    ], "the first end of a question counts, and a question without one is unknown"
    together = {request.request_id: request for request in history.requests(found).values()}
    assert (together["a"].invoked, together["a"].answers, together["a"].maybe) == (
        found[0].invoked,
        [{"sequence": 1}],
        True,
    )
    assert together["b"].answers == [] and together["b"].maybe
    assert together["c"].answers == [] and not together["c"].maybe


def test_a_line_torn_by_a_crash_is_left_out_and_other_nonsense_is_not(tmp_path: Path) -> None:
    path = tmp_path / "history"
    recorder = Recorder(path, "alice")
    recorder.invoke("board", auction=1).ok(sequence=0)
    recorder.close()
    whole = path.read_text()
    path.write_text(whole + '{"t": 5, "proc')
    assert len(history.read(path)) == 1
    path.write_text(whole + '{"t": 5, "proc\n')
    with pytest.raises(ValueError, match="Invalid control character"):
        history.read(path)
    path.write_text('{"t": 5, "process": "bob", "number": 1, "type": "ok", "answer": {}}\n')
    with pytest.raises(ValueError, match="nobody asked"):
        history.read(path)
