"""A short fault campaign: two runs with fixed seeds. `make storm` does the long one; see docs/test-report.md."""

import json
import os
from collections.abc import Iterator

import pytest

from lab.servers.mariadb_server import mariadb_binary
from lab.servers.nginx_server import nginx_binary
from lab.servers.redis_server import redis_binary
from tests.storm.fault_campaign.campaign import Campaign, add
from tests.storm.fault_campaign.faults import CLOCKS, PROCESSES, plan
from tests.storm.fault_campaign.installation import LINKS
from tests.storm.fault_campaign.report import Report

SEEDS, SECONDS = (1, 4), 45.0
"""Together these two strike twenty of the parts and lines."""

GENEROUS = 6.0
"""Goals are for an idle machine, where a process restarts in two seconds. This factor makes them hold on any."""

MISSING = "nginx, MariaDB or Redis is not installed: apt install nginx-light mariadb-server redis-server"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    """The installation, started once for all runs."""
    if not (nginx_binary() and mariadb_binary() and redis_binary()):
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    with Campaign(tmp_path_factory.mktemp("fire") / "installation") as started:
        yield started


@pytest.fixture(scope="module")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Sums over all runs, printed at the end even when nothing failed."""
    sums = Report()
    yield sums
    if sums.seeds:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{sums.table()}\n{json.dumps(sums.figures())}")


@pytest.mark.sweep
@pytest.mark.timeout(500)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_no_bid_is_lost_doubled_or_told_wrong(campaign: Campaign, report: Report, seed: int) -> None:
    outcome = campaign.run(seed, SECONDS)
    add(report, outcome)
    assert outcome.complaints == []
    assert outcome.accepted == outcome.recorded > 300 and outcome.seen > 300, "hardly anything was judged"
    assert not report.missed(GENEROUS)


def test_the_same_seed_is_the_same_storm() -> None:
    assert plan(7, SECONDS) == plan(7, SECONDS) != plan(8, SECONDS)


def test_storms_of_the_long_run_leave_no_process_and_no_line_alone() -> None:
    faults = [fault for seed in range(1, 41) for fault in plan(seed, SECONDS)]
    assert {fault.target for fault in faults} == {*PROCESSES, *LINKS, *CLOCKS}
    assert len(faults) >= 40 * 10
    assert all(fault.at + fault.seconds < SECONDS - 4 for fault in faults)
