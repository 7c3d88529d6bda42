"""The live store on a cluster: operators are told of each primary, in the words of one store."""

import json
from typing import Any

import pytest
import redis
from flask import current_app

from cashticket import redis_keys
from cashticket.engine.errors import StoreUnavailable
from cashticket.engine.pauses import MEMORY
from cashticket.engine.slots import SLOTS
from cashticket.wiring import current_engine
from cashticket.work.doctor.diagnoses import Health
from cashticket.work.doctor.primaries import look_at_live_store
from cashticket.work.watch.guard import Guard
from lab.servers.cluster_store import ClusterStore
from lab.waiting import wait_until
from tests.fixtures.people import Browser
from tests.integration.cluster_store.steps import auctions, paused, there
from tests.staging.auctions import Stage
from tests.staging.doctor import is_told, seen_by
from tests.staging.metrics import scraped

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow]


@pytest.fixture
def client(stage: Stage) -> Browser:
    browser = current_app.test_client()
    assert isinstance(browser, Browser)
    return browser


def readiness(client: Browser) -> dict[str, Any]:
    """What readiness says of the primaries."""
    part: dict[str, Any] = json.loads(client.get("/readyz").data)["parts"]["primaries"]
    return part


def of_nodes(figures: dict[str, float], name: str) -> dict[str, float]:
    """A figure of each primary, by its place."""
    return {
        key.split('"')[1]: value for key, value in figures.items() if key.startswith(f"live_store_primary_{name}{{")
    }


def test_every_primary_is_told_with_its_slots_and_what_one_store_tells(
    stage: Stage, client: Browser, cluster: ClusterStore
) -> None:
    places = [f"127.0.0.1:{cluster.ports[number]}" for number in range(3)]
    figures, part, told = scraped(client), readiness(client), seen_by(look_at_live_store)
    assert sum(of_nodes(figures, "slots").values()) == SLOTS
    for name in ("up", "replicas", "memory_free_ratio", "facts"):
        assert set(of_nodes(figures, name).values()) == {1.0}, name
    assert set(of_nodes(figures, "durable").values()) == {0.0}, "aof-load-truncated is as Redis has it"
    assert max(of_nodes(figures, "replica_lag_seconds").values()) < 3
    assert of_nodes(figures, "time_seconds").keys() == part["nodes"].keys() == set(of_nodes(figures, "up"))
    for place, document in part["nodes"].items():
        assert (document["ok"], document["replicas"], document["appendfsync"]) == (True, 1, "always")
        is_told(told[f"live store {place}"], Health.OK, f"answers at {place} and has slots {document['slots']}", "")
        assert {told[f"live store {what} {place}"].health for what in ("bids", "replicas", "clock")} == {Health.OK}
        is_told(told[f"live store durability {place}"], Health.WARN, "aof-load-truncated no", "brackets")
    assert len(places) == len(part["nodes"])


def test_a_primary_whose_memory_is_full_pauses_its_auctions_alone_and_is_named(
    stage: Stage, client: Browser, cluster: ClusterStore, queue_redis: redis.Redis
) -> None:
    guard = Guard(current_engine(), queue_redis, (), 0)
    guard.round()
    number = cluster.owner(redis_keys.state(auctions(stage)[0]))
    struck, place = there(stage, cluster, number), f"127.0.0.1:{cluster.ports[number]}"
    assert struck < set(auctions(stage))
    with cluster.node(number) as node:
        node.config_set("maxmemory", node.info("memory")["used_memory"])
        try:
            guard.round()
            assert paused(stage) == dict.fromkeys(struck, MEMORY)
            told, part, figures = seen_by(look_at_live_store), readiness(client), scraped(client)
        finally:
            node.config_set("maxmemory", 0)
    bad = {name for name, each in told.items() if name.startswith("live store memory") and each.health is Health.BAD}
    assert bad == {f"live store memory {place}"}
    assert [each for each, document in part["nodes"].items() if not document["ok"]] == [place]
    assert f"the primary {place} of slots " in part["detail"] and "memory of the live store" in part["detail"]
    assert [each for each, free in of_nodes(figures, "memory_free_ratio").items() if free < 0.05] == [place]
    wait_until(lambda: guard.round() or not paused(stage), "the end of the pause")


def test_a_primary_that_is_away_is_named_with_its_slots_and_what_to_do(
    stage: Stage, client: Browser, cluster: ClusterStore
) -> None:
    number = cluster.owner(redis_keys.state(auctions(stage)[0]))
    place, slots = next(
        (place, document["slots"])
        for place, document in readiness(client)["nodes"].items()
        if place.endswith(f":{cluster.ports[number]}")
    )
    everywhere, struck = auctions(stage), there(stage, cluster, number)
    replica = cluster.replica_of(number)
    # Without its replica it stays the primary, however slow this machine is.
    cluster.kill(replica)
    cluster.kill(number)
    try:
        told, part, figures = seen_by(look_at_live_store), readiness(client), scraped(client)
        assert stage.engine.versions(everywhere).keys() == set(everywhere) - struck, "pages of the others go on"
        with pytest.raises(StoreUnavailable):
            stage.engine.versions(struck)
    finally:
        for each in (number, replica):
            cluster.start_node(each)
        wait_until(cluster.is_well, "a cluster that is well")
    is_told(told["live store"], Health.BAD, "1 of 3 parts of the cluster", f"`live store {place}`")
    is_told(
        told[f"live store {place}"], Health.BAD, f"the primary {place} of slots {slots} does not answer", "start it"
    )
    assert f"the primary {place} of slots {slots} does not answer: start it" in part["detail"]
    assert {each: document["ok"] for each, document in part["nodes"].items()}.pop(place) is False
    up = of_nodes(figures, "up")
    assert (up.pop(place), set(up.values())) == (0, {1.0})
    assert figures['live_store_up{store="first"}'] == 0
