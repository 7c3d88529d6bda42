"""A withdrawal that the live store lost with an older copy of itself is put back, if an operator made it."""

from dataclasses import replace

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.models import Person
from cashticket.work.accounting import account
from cashticket.work.check.compare import check
from cashticket.work.withdrawing import withdraw
from tests.integration.accounting.steps import Copy, merged, record, record_all, waiting
from tests.staging.auctions import Stage
from tests.staging.engine import order_of


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids."""
    stage = Stage(app)
    stage.bid("mallory", 120_000)
    stage.bid("alice", 110_000)
    record_all(stage)
    return stage


def test_what_an_operator_withdrew_is_withdrawn_again(stage: Stage, redis_client) -> None:
    copy = Copy.of(redis_client, stage.id)
    withdraw(stage.engine, stage.id, db.session.get_one(Person, stage.people["mallory"]), "made up", "olga")
    stage.bid("bob", 115_000)
    held, order = waiting(stage), order_of(stage.engine, stage.id)
    copy.restore(redis_client, stage.id)
    assert account(stage.engine, merged(record(stage, held)), stage.id).put_back == 2
    assert order_of(stage.engine, stage.id) == order
    record_all(stage)
    assert check(stage.engine, stage.id).findings == []


def test_what_no_operator_did_is_a_contradiction(stage: Stage, redis_client) -> None:
    copy = Copy.of(redis_client, stage.id)
    withdraw(stage.engine, stage.id, db.session.get_one(Person, stage.people["mallory"]), "made up", "olga")
    [held] = waiting(stage).values()
    copy.restore(redis_client, stage.id)
    made_up = {held.sequence: replace(held, person=stage.people["alice"], amount=110_000)}
    with pytest.raises(LedgerGap, match="nobody can have made"):
        account(stage.engine, merged(record(stage, made_up)), stage.id)
