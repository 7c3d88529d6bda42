"""The database's primary is killed under load and its replica promoted: nothing is lost, doubled, or needs a restart.

One trial for each phase in CI; `make storm` adds more seeds.
"""

import os
from collections.abc import Iterator

import pytest

from lab.servers.nginx_server import nginx_binary
from lab.servers.redis_server import redis_binary
from lab.servers.replicated_database import missing
from tests.storm.database_replica.stage import Trials, started_trials
from tests.storm.database_replica.trial import PHASES

SEEDS = tuple(range(1, 1 + int(os.environ.get("REPLICA_SEEDS", "1"))))
SECONDS = 9.0
pytestmark = [pytest.mark.sweep, pytest.mark.timeout(500)]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    reason = missing() or ("" if nginx_binary() and redis_binary() else "nginx or Redis is not installed")
    if reason:
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with started_trials(tmp_path_factory.mktemp("replica") / "installation") as started:
        yield started


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("phase", PHASES)
def test_a_promoted_replica_has_everything_that_was_answered(trials: Trials, phase: str, seed: int) -> None:
    trial = trials.run(phase, seed, SECONDS)
    assert trial.tally.complaints == []
    assert trial.record.accepted == trial.tally.recorded > 100, "hardly anything was judged"
    assert trial.killed is not None, "the primary was never killed"
    assert any(ending.award_rows for ending in trial.record.endings)


def test_the_product_says_whether_a_replica_confirms_its_commits(trials: Trials) -> None:
    """/readyz warns with the primary's word; nobody configured anything after the promotions."""
    answer = trials.installation.app.test_client().get("/readyz").get_json()["parts"]["database"]
    assert answer["ok"] and answer["warnings"] == []
    trials.database.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    try:
        answer = trials.installation.app.test_client().get("/readyz").get_json()["parts"]["database"]
        assert answer["ok"] and "commits wait for none of 1 replicas" in answer["warnings"][0]
    finally:
        trials.database.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = ON")
