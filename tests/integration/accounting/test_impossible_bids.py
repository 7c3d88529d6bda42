"""What mallory writes into a witness's record: bids that nobody can have made are never put back, and never break."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from cashticket.auction.values import SEQUENCE_MAX
from cashticket.engine.pauses import RESTARTED
from cashticket.ledger.fence import LedgerGap
from cashticket.work.accounting import account, held_by_witnesses
from cashticket.work.check.compare import check
from tests.integration.accounting.steps import Copy, merged, record, record_all, requests, waiting
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask, redis_client) -> Stage:
    """A recorded bid, and a store that has lost the second one."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    record_all(stage)
    return stage


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"person": 999_999},
    {"amount": 105_001},
    {"amount": 5_000},
    {"amount": 10**15},
    {"nth": 4},
    {"nth": 0},
)


@pytest.mark.parametrize("change", IMPOSSIBLE)
def test_an_impossible_bid_is_for_the_operator(stage: Stage, redis_client, change: dict[str, Any]) -> None:
    copy = Copy.of(redis_client, stage.id)
    stage.bid("bob", 105_000)
    held = waiting(stage)
    copy.restore(redis_client, stage.id)
    before = stage.engine.read(stage.id)
    testimony = merged(record(stage, {2: replace(held[2], **change)}))
    with pytest.raises(LedgerGap, match="nobody can have made"):
        account(stage.engine, testimony, stage.id)
    after = stage.engine.read(stage.id)
    assert (after.sequence, after.top, after.paused) == (before.sequence, before.top, RESTARTED)
    assert held_by_witnesses(stage.engine, stage.id, testimony) == ({}, 0), "a rebuild leaves it out"
    assert account(stage.engine, merged(record(stage, held)), stage.id).put_back == 1, "the true one is put back"
    record_all(stage)
    assert [number for number, _, _ in requests(stage)] == [1, 2] and check(stage.engine, stage.id).findings == []


def test_a_number_far_above_all_others_uses_none_up(stage: Stage, redis_client) -> None:
    Copy.of(redis_client, stage.id).restore(redis_client, stage.id)
    with pytest.raises(LedgerGap, match="far above 1"):
        account(stage.engine, merged(record(stage, {}, highest=SEQUENCE_MAX)), stage.id)
    assert stage.engine.read(stage.id).sequence == 1
