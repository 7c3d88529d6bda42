"""The live store on a cluster: who listens at one node hears the news of all, and moves on when the node is cut off."""

import pytest

from cashticket import redis_keys
from lab.servers.cluster_store import ClusterStore
from lab.waiting import wait_until
from tests.integration.cluster_store.steps import Ear, auctions, there
from tests.staging.auctions import Stage

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow]


def test_auctions_on_three_primaries_take_bids_and_one_listener_hears_all(stage: Stage, cluster: ClusterStore) -> None:
    owners = {cluster.owner(redis_keys.state(each)) for each in auctions(stage)}
    with Ear(cluster).listening() as ear:
        ear.hears_a_bid_in_each(stage, auctions(stage))
    assert len(owners) > 1
    assert stage.engine.backlog(auctions(stage)) == dict.fromkeys(auctions(stage), 1)


def nodes_with_listeners(cluster: ClusterStore) -> list[int]:
    numbers = []
    for number in range(len(cluster.ports)):
        with cluster.node(number) as node:
            numbers += [number] * node.pubsub_numpat()
    return numbers


def test_a_listener_whose_node_passes_no_news_on_moves_on_to_another(
    stage: Stage, cluster: ClusterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cashticket.live.hearing.WORD_SECONDS", 0.2)
    monkeypatch.setattr("cashticket.live.hearing.LATE_SECONDS", 0.5)
    monkeypatch.setattr("cashticket.live.subscription.PING_SECONDS", 0.2)
    with Ear(cluster).listening() as ear:
        [number] = nodes_with_listeners(cluster)
        with cluster.node(number) as node:
            # Messages of publishing are dropped there, and nothing else: the node says that the cluster is well.
            node.execute_command("DEBUG", "DROP-CLUSTER-PACKET-FILTER", 4)  # type: ignore[no-untyped-call]
            try:
                wait_until(lambda: nodes_with_listeners(cluster) not in ([], [number]), "a listener elsewhere")
                ear.hears_a_bid_in_each(stage, auctions(stage))
            finally:
                node.execute_command("DEBUG", "DROP-CLUSTER-PACKET-FILTER", -1)  # type: ignore[no-untyped-call]
    assert ear.starts > 1


def test_a_listener_whose_node_is_cut_off_from_the_cluster_moves_on_to_another(
    stage: Stage, cluster: ClusterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary = cluster.owner(redis_keys.state(auctions(stage)[0]))
    replica = cluster.replica_of(primary)
    # Without this replica nobody is told `accepted` by its primary.
    others = set(auctions(stage)) - there(stage, cluster, primary)
    # It is tried first each time.
    monkeypatch.setattr(
        "cashticket.engine.cluster_listening.CHANCE.sample",
        lambda addresses, count: sorted(addresses, key=lambda each: each[1] != cluster.ports[replica]),
    )
    with Ear(cluster).listening() as ear, cluster.node(replica) as node:
        assert node.pubsub_numpat() == 1
        cluster.cut_off(replica)
        try:
            wait_until(lambda: ear.starts == 2, "a second start")
            assert node.pubsub_numpat() == 0
            ear.hears_a_bid_in_each(stage, others)
        finally:
            cluster.join(replica)
