"""The live store on a cluster with TLS, for clients and between nodes, and with the documented rights alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import current_app

from cashticket import redis_keys
from cashticket.engine.cluster_engine import make_engine
from cashticket.engine.connection import ask, connect
from cashticket.engine.errors import StoreUnavailable
from cashticket.engine.pauses import OPERATOR, RESTARTED
from cashticket.ledger.recording import record_waiting
from cashticket.wiring import current_engine
from cashticket.work.doctor.diagnoses import Health, Unwell
from cashticket.work.doctor.primaries import look_at_live_store
from cashticket.work.watch.guard import Guard
from lab.servers.certificates import issue
from lab.servers.encrypted_cluster import EncryptedCluster
from lab.waiting import wait_until
from tests.integration.cluster_store.steps import Ear, auctions, paused, there
from tests.staging.auctions import Stage
from tests.staging.doctor import seen_by

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster() -> Iterator[EncryptedCluster]:
    store = EncryptedCluster()
    try:
        yield store.start()
    finally:
        store.stop()


def is_primary(cluster: EncryptedCluster, number: int) -> bool:
    with cluster.node(number) as client:
        return bool(client.info("replication")["role"] == "master")


def test_the_documented_rights_are_enough_for_everything_that_an_auction_needs(
    stage: Stage, cluster: EncryptedCluster, queue_redis: redis.Redis
) -> None:
    with Ear(cluster).listening() as ear:
        ear.hears_a_bid_in_each(stage, auctions(stage))
    for each in auctions(stage):
        stage.engine.pause(each, OPERATOR)
        stage.engine.resume(each, OPERATOR)
        assert record_waiting(stage.engine, each)
    Guard(current_engine(), queue_redis, (), 0).round()
    assert paused(stage) == {}
    told = seen_by(look_at_live_store)
    assert told["live store"].health is Health.OK
    assert {each.health for name, each in told.items() if "replicas" in name or "bids" in name} == {Health.OK}


def test_a_replica_takes_over_in_the_name_of_its_account(
    stage: Stage, cluster: EncryptedCluster, queue_redis: redis.Redis
) -> None:
    guard = Guard(current_engine(), queue_redis, (), 0)
    guard.round()
    auction_id = auctions(stage)[0]
    number = cluster.owner(redis_keys.state(auction_id))
    struck, replica = there(stage, cluster, number), cluster.replica_of(number)
    cluster.kill(number)
    wait_until(lambda: is_primary(cluster, replica), "a promoted replica")
    cluster.start_node(number)
    wait_until(cluster.is_well, "the former primary as a replica")
    assert paused(stage) == dict.fromkeys(struck, RESTARTED)
    wait_until(lambda: guard.round() or not paused(stage), "the end of the pause")
    assert stage.bid("bob", 115_000, auction_id).amount == 115_000


@pytest.mark.parametrize(
    "command",
    [
        ("CLUSTER", "FAILOVER"),
        ("CLUSTER", "RESET"),
        ("CLUSTER", "FORGET", "0" * 40),
        ("FLUSHALL",),
        ("SHUTDOWN", "NOSAVE"),
        ("CONFIG", "SET", "appendfsync", "no"),
    ],
    ids=" ".join,
)
def test_the_account_of_the_product_cannot_change_the_cluster(
    cluster: EncryptedCluster, database_url: str, command: tuple[str, ...]
) -> None:
    with connect(cluster.url) as client, pytest.raises(StoreUnavailable, match="NoPermissionError"):
        ask(client.node(("127.0.0.1", cluster.ports[0])), *command)


def test_a_wrong_password_is_told_as_such_and_not_shown(stage: Stage, cluster: EncryptedCluster) -> None:
    with connect(cluster.url_of("cashticket:another-password")) as client:
        current_app.extensions["engine"] = make_engine(client)
        with pytest.raises(Unwell) as told:
            seen_by(look_at_live_store)
    assert "refuses the account" in told.value.seen and "REDIS_URL" in told.value.mend
    assert "another-password" not in told.value.seen + told.value.mend


def test_an_authority_that_did_not_issue_the_certificates_of_the_nodes_is_not_trusted(
    cluster: EncryptedCluster, database_url: str, tmp_path: Path
) -> None:
    url = cluster.url.replace(str(cluster.certificate.authority), str(issue(tmp_path).authority))
    with connect(url) as client, pytest.raises(StoreUnavailable):
        client.ask_slots()
