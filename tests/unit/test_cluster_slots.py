"""Which node of a cluster has which slot, and which node is believed about it."""

from typing import Any

import pytest
import redis

from cashticket.engine.cluster import ClusterClient
from cashticket.engine.cluster_primaries import Primary
from cashticket.engine.cluster_url import parse_cluster_url
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.routing import routed
from cashticket.engine.slots import SLOTS, SlotMap

OLD, NEW, THIRD = ("10.0.0.1", 6379), ("10.0.0.2", 6379), ("10.0.0.3", 6379)


class Nodes:
    """What nodes answer, by host: whether the cluster is well, and who has all slots."""

    def __init__(self, answers: dict[str, tuple[str, tuple[str, int]]]) -> None:
        self._answers = answers
        self.client = ClusterClient(parse_cluster_url("redis+cluster://10.0.0.1,10.0.0.2,10.0.0.3"), self._ask, {})

    def _ask(self, node: redis.Redis, *command: str) -> Any:
        host = node.connection_pool.connection_kwargs["host"]
        if host not in self._answers:
            raise StoreUnavailable("away")
        state, owner = self._answers[host]
        return f"cluster_state:{state}\r\n" if command[1] == "INFO" else [[0, SLOTS - 1, [*owner, "id"]]]


def test_a_node_that_is_cut_off_is_not_believed_while_one_that_is_well_answers() -> None:
    nodes = Nodes({OLD[0]: ("fail", OLD), NEW[0]: ("ok", NEW), THIRD[0]: ("fail", OLD)})
    assert nodes.client.slots().primary(7) == NEW
    assert nodes.client.hears_all(NEW) and not nodes.client.hears_all(OLD)


def test_while_no_node_is_well_the_first_one_that_answers_is_believed() -> None:
    assert Nodes({NEW[0]: ("fail", NEW), THIRD[0]: ("fail", OLD)}).client.slots().primary(7) == NEW
    with pytest.raises(StoreUnavailable):
        Nodes({}).client.slots()


def test_a_node_that_hung_is_tried_by_one_call_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, tried = [10.0], []
    monkeypatch.setattr("cashticket.engine.cluster.monotonic", lambda: moment[0])

    def exchange(node: redis.Redis, *rest: object) -> list[Any]:
        tried.append(moment[0])
        if moment[0] < 15:
            moment[0] += 1.5
            raise OutcomeUnknown("no answer came")
        return ["5"]

    client = Nodes({OLD[0]: ("ok", OLD)}).client
    outcomes = []
    for _ in range(60):
        try:
            outcomes.append(routed(client, [("GET", "{auction:1}:state")], None, exchange))
        except (StoreUnavailable, OutcomeUnknown) as error:
            outcomes.append(type(error))
        moment[0] += 0.1
    assert tried[0] == 10.0 and len([at for at in tried if at < 15]) == 2
    assert outcomes.count(StoreUnavailable) > 10 and outcomes[-1] == ["5"] == outcomes[-2]


def test_the_slots_of_a_primary_are_told_as_ranges() -> None:
    rows = [(0, 99, OLD), (100, 100, NEW), (101, 5_000, OLD), (9_000, SLOTS - 1, NEW)]
    slots = SlotMap(rows, OLD)
    assert (slots.ranges_of(OLD), slots.count_of(OLD)) == ("0-99, 101-5000", 5_000)
    assert (slots.ranges_of(NEW), slots.first_of(NEW)) == ("100, 9000-16383", 100)
    assert (slots.ranges_of(None), slots.count_of(None)) == ("5001-8999", 3_999)


def test_slots_that_nobody_has_and_a_primary_that_is_cut_off_are_named() -> None:
    nobody, cut_off = Primary("", "5001-8999", 3_999), Primary("a:1", "0", 1, is_cut_off=True)
    assert nobody.trouble and nobody.trouble.seen == "no node has slots 5001-8999"
    assert cut_off.trouble and "does not answer" in cut_off.trouble.seen
