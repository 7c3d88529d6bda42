"""`flask auction export`, `show` and `check` say why a number has no bid."""

import json
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket.auction.aliases import alias
from cashticket.work.accounting import ANOTHERS, LOST, account
from tests.cli.test_operator_commands import run, table
from tests.integration.accounting.steps import Copy, merged, record, record_all, waiting
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask, redis_client: redis.Redis) -> Stage:
    """Bob's bid was answered with number 2, which is carol's now; mallory's number 4 is only heard of."""
    stage = Stage(app)
    stage.bid("alice", 100_000)
    copy = Copy.of(redis_client, stage.id)
    stage.bid("bob", 105_000)
    bobs = waiting(stage)[2]
    copy.restore(redis_client, stage.id, checked_on=stage.engine.condition().identity)
    stage.bid("carol", 110_000)
    record_all(stage)
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 115_000)
    held = waiting(stage)
    copy.restore(redis_client, stage.id)
    account(stage.engine, merged(record(stage, held, 4), record(stage, {2: bobs}, process="web-2")), stage.id)
    return stage


def printed(app: Flask, stage: Stage, command: str) -> Any:
    result = run(app, "auction", command, str(stage.id), "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def bobs_alias(stage: Stage) -> str:
    return alias(stage.row().alias_salt, stage.id, stage.people["bob"])


@pytest.mark.parametrize("command", ["export", "show", "check"])
def test_json_has_the_numbers_and_the_bids_that_were_given_up_with_the_reason(
    app: Flask, stage: Stage, command: str
) -> None:
    shown = printed(app, stage, command)
    (gap,), (bid,) = shown["gaps"], shown["given_up_bids"]
    assert (gap["first"], gap["last"], gap["reason"]) == (4, 4, LOST) and gap["found_at"].endswith("Z")
    assert (bid["sequence"], bid["alias"], bid["amount"], bid["reason"]) == (2, bobs_alias(stage), 105_000, ANOTHERS)
    assert "bob" not in json.dumps(shown) and "person_id" not in bid


def test_a_spreadsheet_stays_an_order_and_standard_error_says_why_a_number_is_missing(app: Flask, stage: Stage) -> None:
    result = run(app, "auction", "export", str(stage.id))
    assert [row["sequence"] for row in table(result)] == ["3", "2"]
    assert "No bid has number 4, given up on 20" in result.stderr and f": {LOST}." in result.stderr
    bob = f"A bid of 105,000 won by {bobs_alias(stage)} does not count; it was answered with number 2 on 20"
    assert bob in result.stderr and f": {ANOTHERS}." in result.stderr


def test_show_and_check_have_a_line_for_them(app: Flask, stage: Stage) -> None:
    shown = run(app, "auction", "show", str(stage.id)).stdout.splitlines()
    assert [line.split() for line in shown if line.startswith(("gaps", "given_up"))] == [
        ["gaps", "4"],
        ["given_up_bids", "1"],
    ]
    verdict, gap, bid = run(app, "auction", "check", str(stage.id)).stdout.splitlines()
    assert verdict.endswith("1 numbers given up") and gap.startswith("no bid has number 4") and "number 2" in bid


def test_an_auction_that_lost_nothing_says_nothing(app: Flask) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)
    assert [printed(app, stage, command)["gaps"] for command in ("export", "show", "check")] == [[], [], []]
    assert run(app, "auction", "export", str(stage.id)).stderr == ""
    assert "gaps            none" in run(app, "auction", "show", str(stage.id)).stdout
