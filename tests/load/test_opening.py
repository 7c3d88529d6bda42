"""The scenario of the opening: sign-ins may be turned away, people inside may not have to wait for them."""

import pytest

from lab.load.figures import TurnFigures, turn_figures
from lab.load.opening import TRIES_MAX, plan_of
from lab.load.raw import Answer, RawTurn

FACTS = {"rate": 50, "seconds": 10, "ledger_bids": 3, "recorded_after_s": 0.0, "backlog": [], "violations": []}
FACTS |= {"client": {"cpu_seconds": 1.0, "seconds": 10.0, "cores": 1}, "cpu_seconds": {"web": 5.0}}
FACTS |= {"bid_rate": 5.0, "cost_units": 500}


def answer(kind: str, waited_ms: float, status: int = 200) -> Answer:
    return Answer(1_000, 1_010, 0, status, waited_ms, "", kind)


def turn(*answers: Answer) -> TurnFigures:
    return turn_figures(RawTurn(FACTS, {"metrics": {}}, list(answers)))


def test_sign_ins_that_wait_in_their_queue_choke_no_rate() -> None:
    figures = turn(
        answer("crowd.page", 40.0), answer("queue.sign-in", 4_000.0, 303), answer("signed-in.whole", 9_000.0, 303)
    )
    assert (figures.choked, figures.p95_ms, figures.answered) == ([], 40.0, 2)


@pytest.mark.parametrize("kind", ["crowd.page", "crowd.bid", "inside.standing", "look.page"])
def test_whoever_looks_or_bids_waits_for_no_sign_in(kind: str) -> None:
    slow = answer(kind, 700.0, 201 if kind.endswith("bid") else 200)
    assert turn(answer("queue.sign-in", 20.0, 303), slow).choked == ["p95 700 ms"]


def test_a_sign_in_that_is_turned_away_politely_is_a_refusal_and_stands_apart() -> None:
    away = [answer("turned-away.sign-in", 2.0, status) for status in (503, 429)]
    figures = turn(answer("crowd.page", 40.0), *away, answer("gave-up.whole", 5_000.0, 503))
    assert (figures.errors, figures.refused, figures.choked, figures.answered) == ({}, 2, [], 1)
    assert {each.name: each.count for each in figures.steps if "crowd" not in each.name} == {
        "gave-up.whole": 1,
        "turned-away.sign-in": 2,
    }


@pytest.mark.parametrize("status", [0, 422, 500, 502, 503])
def test_a_sign_in_that_fails_without_saying_when_to_come_again_is_an_error(status: int) -> None:
    figures = turn(answer("crowd.page", 40.0), answer("queue.sign-in", 2.0, status))
    assert (figures.errors, figures.choked) == ({status: 1}, ["errors 100.0%"])


def test_people_come_faster_and_faster_and_then_at_the_rate() -> None:
    plan = plan_of(50, 60)
    assert (plan["arrivals"], plan["rise"], plan["clients"], plan["tries"]) == (50, 10, 300, TRIES_MAX)
    assert plan_of(10, 3)["rise"] == 1
