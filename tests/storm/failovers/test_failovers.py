"""Failovers under fire with fixed seeds. `python -m tests.storm.failovers` does the long run."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cashticket.extensions import db
from cashticket.ledger import queries
from lab.servers.redis_server import redis_binary
from tests.storm.failovers.bidders import Answer
from tests.storm.failovers.faults import KINDS, LAG, Plan, plan
from tests.storm.failovers.installation import Installation
from tests.storm.failovers.judgement import judge
from tests.storm.failovers.run import PEOPLE, Run

SEEDS = (2, 3, 4)
"""A half-open link, a kill and a freeze."""

MISSING = "Redis is not installed: apt install redis-server"


def _installation(folder: Path, replicas: int) -> Installation:
    if redis_binary() is None:
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    return Installation(folder, replicas, PEOPLE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything of a replicated installation, started once for all failovers."""
    started = _installation(tmp_path_factory.mktemp("failovers") / "site", 1)
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture
def installation(site: Installation) -> Installation:
    """The shared installation. It opens new connections to the ledger, because those to SQLite end with each test."""
    with site.app.app_context():
        db.engine.dispose()
    return site


@pytest.mark.sweep
@pytest.mark.timeout(500)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_answered_bid_is_lost_doubled_or_moved_by_a_failover(installation: Installation, seed: int) -> None:
    run = Run(installation, seed, plan(seed))
    outcome = run.run()
    installation.void(run.auction_id)
    assert outcome.complaints == []
    assert outcome.forgotten == 0, "the promoted store lacked bids that had been answered"
    assert outcome.answered > 100, "hardly anything was judged"


@pytest.mark.sweep
@pytest.mark.timeout(500)
def test_the_judge_sees_an_answer_that_the_ledger_does_not_have(installation: Installation) -> None:
    run = Run(installation, 3, replace(plan(3), at=0.0))
    assert run.run().complaints == []
    with installation.app.app_context():
        row = queries.bids(run.auction_id)[0]
        told = Answer(row.sequence, row.person_id, row.amount, row.request_id, 0.0, False)
    assert judge(installation.app, run.auction_id, [told]).sound
    verdict = judge(installation.app, run.auction_id, [told, replace(told, request_id="another")])
    assert (verdict.lost, verdict.doubled, verdict.sound) == (1, 1, False)
    verdict = judge(installation.app, run.auction_id, [told, replace(told, sequence=told.sequence + 1)])
    assert (verdict.lost, verdict.moved, verdict.sound) == (1, 1, False)
    installation.void(run.auction_id)


@pytest.mark.sweep
@pytest.mark.timeout(500)
def test_without_replicas_that_count_a_promoted_store_lacks_answered_bids(tmp_path: Path) -> None:
    site = _installation(tmp_path / "site", 0)
    try:
        site.start(without=("bids",))
        outcome = Run(site, 1, Plan(LAG, 1.0, 0.5)).run()
    finally:
        site.stop()
    assert outcome.forgotten > 0, "the replica lagged, and nobody waited for it"
    assert outcome.complaints or outcome.lost == 0, "a loss without a complaint"


def test_four_seeds_in_a_row_have_the_four_kinds() -> None:
    plans = [plan(seed) for seed in range(1, 101)]
    assert all({each.kind for each in plans[first : first + 4]} == set(KINDS) for first in range(0, 100, 4))
    assert plan(7) == plan(7) != plan(8)
