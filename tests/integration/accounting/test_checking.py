"""`auction check` names answered bids that are neither in their place nor given up as a row."""

from pathlib import Path

import pytest
from flask import Flask

from cashticket.auction.values import Entry
from cashticket.wiring import current_shelves
from cashticket.witness.file_shelf import FileShelf
from cashticket.witness.pages import Page
from cashticket.work.accounting import account
from cashticket.work.check.witnessed import witness_faults
from tests.integration.accounting.steps import Copy, merged, record, record_all, waiting
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids, and one that waits."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_all(stage)
    return stage


@pytest.fixture
def held(stage: Stage, redis_client) -> dict[int, Entry]:
    """A third bid that only a witness holds: the store goes on from before it, and takes another one."""
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 110_000)
    held = waiting(stage)
    copy.restore(redis_client, stage.id, checked_on=stage.engine.condition().identity)
    return held


def sentences(stage: Stage, held: dict[int, Entry], highest: int = 0) -> list[str]:
    testimony = merged(record(stage, held, highest))
    return [f"{each.invariant} {each.sentence}" for each in witness_faults(stage.engine, stage.id, testimony)]


def test_a_bid_that_waits_or_is_recorded_is_in_its_place(stage) -> None:
    stage.bid("alice", 110_000)
    held = waiting(stage)
    assert sentences(stage, held) == []
    record_all(stage)
    assert sentences(stage, held) == []


def test_a_number_that_was_answered_to_another_bid_is_named_until_it_is_given_up(stage, held) -> None:
    stage.bid("mallory", 150_000)
    named = ["I1 answered to another bid than ledger or list have: number 3"]
    assert sentences(stage, held) == named
    record_all(stage)
    assert sentences(stage, held) == named
    account(stage.engine, merged(record(stage, held)), stage.id)
    assert sentences(stage, held) == []


def test_a_number_that_was_answered_and_is_nowhere_is_named(stage, held) -> None:
    assert sentences(stage, held) == [
        "I1 numbers up to 3 were answered, live store and ledger have only those before 3"
    ]
    assert "before 3" in sentences(stage, {}, highest=7)[0]


def test_the_command_says_so(app, stage, held) -> None:
    folder: Path = app.extensions["settings"].witness_dir
    shelf = FileShelf(folder, "web-1")
    shelf.write(page := Page(highest={stage.id: 3}), lambda: page)
    assert current_shelves().records()
    answer = app.test_cli_runner().invoke(args=["auction", "check", str(stage.id)])
    assert answer.exit_code == 1 and "I1  numbers up to 3 were answered" in answer.stdout, answer.output
    shelf.close()
