"""Races around the seats of MariaDB, many rounds each: whoever comes first, the seats are as the rules say.

Every round has a concert of its own in the same database, and after it everything that must hold of its seats is
judged. `make storm` plays 200 rounds of each race, CI a few; RACE_ROUNDS asks for so many.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from cashticket.extensions import db
from cashticket.settlement import issuing
from tests.staging.rows import DAY, END, add_concert, add_people
from tests.storm.seat_races.races import RACES, Race, Round, two_cancels_of_one_line

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sweep,
    pytest.mark.timeout(3_600),
    pytest.mark.parametrize("database_url", ["mariadb"], indirect=True),
]

FEW, MANY = 12, 200
ROUNDS = int(os.environ.get("RACE_ROUNDS", MANY if os.environ.get("CASHTICKET_TRIALS") == "all" else FEW))


@pytest.fixture
def race_on(app: Flask, at_once: Callable[..., list[Any]]) -> Callable[[Race, int], Counter[str]]:
    """Plays so many rounds of a race. Returns how often it ended which way."""
    people = add_people(8)

    def play(race: Race, rounds: int) -> Counter[str]:
        ways: Counter[str] = Counter()
        for number in range(rounds):
            this = Round(people, _delayed(at_once, number), add_concert())
            try:
                ways[race(this)] += 1
                this.check(END + DAY)
            except AssertionError as failure:
                failure.add_note(f"round {number + 1}")
                raise
        return ways

    return play


def _delayed(at_once: Callable[..., list[Any]], number: int) -> Callable[..., list[Any]]:
    """Let some of the calls ask the database for nothing a few times first: otherwise the shorter one always wins."""
    dice = random.Random(number)

    def later(call: Callable[[], Any], questions: int) -> Any:
        for _ in range(questions):
            db.session.execute(text("SELECT 1"))
        return call()

    return lambda *calls: at_once(*[partial(later, call, dice.choice((0, 0, 2, 4, 8))) for call in calls])


@pytest.mark.parametrize("race", RACES, ids=[race.__name__ for race in RACES])
def test_whoever_comes_first_the_seats_are_as_the_rules_say(
    race_on: Callable[[Race, int], Counter[str]], race: Race
) -> None:
    began = time.monotonic()
    ways = race_on(race, ROUNDS)
    print(f"{race.__name__}: {ROUNDS} rounds, 0 violations, {time.monotonic() - began:.1f} s, {dict(ways)}")
    assert ways.total() == ROUNDS


def test_races_find_that_the_concert_is_not_locked(
    race_on: Callable[[Race, int], Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(session: Any, concert_id: int) -> Any:
        return session.get_one(issuing.Concert, concert_id)

    monkeypatch.setattr(issuing, "lock_concert", unlocked)
    with pytest.raises(AssertionError):
        race_on(two_cancels_of_one_line, MANY)
