"""The checkers themselves: each accepts sound evidence and finds the faults planted for it."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from lab import history
from lab.checkers import CHECKERS, violations
from lab.evidence import Evidence
from lab.history import FAIL, OK, UNKNOWN, Recorder
from lab.synthetic import synthetic_evidence
from tests.storm.planted import false_bids, false_refusals, false_seats
from tests.storm.planted.false_bids import Fault, confirmed, sound

PLANTED = (*false_bids.PLANTED, *false_seats.PLANTED, *false_refusals.PLANTED)


@pytest.mark.parametrize(("invariant", "plant"), PLANTED, ids=[f"{name}-{plant.__name__}" for name, plant in PLANTED])
def test_a_planted_fault_is_found_by_the_checker_it_is_meant_for(invariant: str, plant: Fault) -> None:
    evidence = sound()
    assert violations(evidence) == []
    plant(evidence, evidence.endings[0])
    evidence.__dict__.pop("requests", None)  # computed before the fault was planted
    evidence.__dict__.pop("by_auction", None)
    assert invariant in {operations.invariant for operations in violations(evidence)}


def test_every_checker_has_faults_planted_for_it() -> None:
    faults = Counter(invariant for invariant, _ in PLANTED)
    assert faults.keys() == CHECKERS.keys() and min(faults.values()) >= 2


@pytest.mark.parametrize("seed", range(20))
def test_sound_storms_give_no_complaint(seed: int) -> None:
    seats = random.Random(seed).choice((1, 2, 5, 60))
    assert violations(synthetic_evidence(seed, auctions=1 + seed % 3, operations=240, seats=seats)) == []


def test_a_bid_without_an_answer_may_be_recorded_or_not() -> None:
    evidence = sound()
    bid = confirmed(evidence)
    for each in evidence.all_of("bid"):
        if each.question == bid.question:
            each.outcome, each.answer, each.completed = UNKNOWN, {}, None
    assert violations(evidence) == []


def test_a_true_standing_gives_no_complaint() -> None:
    evidence = sound()
    false_bids.standing(evidence, evidence.endings[0])
    assert evidence.all_of("standing") and violations(evidence) == []


def test_an_empty_auction_is_sound() -> None:
    ending = replace(sound().endings[0], rows=[], order=[], chances={}, sequence=0, recorded=0, final_sequence=0)
    ending.award_rows, ending.events, ending.alerts = [], [], []
    assert violations(Evidence([], [ending])) == []


def test_a_history_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    evidence = sound()
    history.write(tmp_path / "history.jsonl", evidence.operations)
    assert history.read(tmp_path / "history.jsonl") == list(evidence.operations)


def test_recorders_of_several_processes_make_one_history_in_the_order_of_asking(tmp_path: Path) -> None:
    question = {"auction": 1, "amount": 100_000}
    with Recorder(tmp_path / "alice", "alice") as alice, Recorder(tmp_path / "bob", "bob") as bob:
        first = alice.invoke("bid", person=1, request_id="a", **question)
        bob.invoke("bid", person=2, request_id="b", **question)
        first.unknown("no answer")
        alice.invoke("bid", person=1, request_id="a", **question).ok(sequence=1)
        first.ok(sequence=99)
        alice.invoke("bid", person=1, request_id="c", **question).fail("closed")
    operations = history.read(tmp_path / "alice", tmp_path / "bob")
    assert [(each.process, each.outcome) for each in operations] == [
        ("alice", UNKNOWN),
        ("bob", UNKNOWN),
        ("alice", OK),
        ("alice", FAIL),
    ], "the first end of a question counts, and a question without one is unknown"
    together = {request.request_id: request for request in history.requests(operations).values()}
    assert (together["a"].invoked, together["a"].answers, together["a"].uncertain) == (
        operations[0].invoked,
        [{"sequence": 1}],
        True,
    )
    assert together["b"].answers == [] and together["b"].uncertain
    assert together["c"].answers == [] and not together["c"].uncertain


def test_a_line_torn_by_a_crash_is_left_out_and_other_nonsense_is_not(tmp_path: Path) -> None:
    path = tmp_path / "history"
    with Recorder(path, "alice") as recorder:
        recorder.invoke("board", auction=1).ok(sequence=0)
    whole = path.read_text()
    path.write_text(whole + '{"t": 5, "proc')
    assert len(history.read(path)) == 1
    path.write_text(whole + '{"t": 5, "proc\n')
    with pytest.raises(ValueError, match="Invalid control character"):
        history.read(path)
    path.write_text('{"t": 5, "process": "bob", "number": 1, "type": "ok", "answer": {}}\n')
    with pytest.raises(ValueError, match="never started"):
        history.read(path)
