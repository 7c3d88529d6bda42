"""Systems on servers of a fixed size: which process stands on which server, and how large a server is."""

import os

import pytest

from lab.load import systems
from lab.load.quotas import Periods
from lab.load.site import servers_of
from lab.load.systems import ONE_SERVER, SERVERS_MAX, SLOPE_SYSTEMS, server_cores
from lab.load.turns import _throttled
from lab.servers.nginx_server import _upstreams

PIDS = {"web": [11, 12], "nginx": [20], "workers": [31, 32], "database": [40], "live store": [50]}


def test_each_web_process_has_a_server_of_its_own() -> None:
    assert servers_of(SLOPE_SYSTEMS["servers-2-web"], PIDS, [60]) == {
        "web-1": [11],
        "web-2": [12],
        "nginx": [20],
        "workers": [31, 32, 60],
        "database": [40],
        "live store": [50],
    }


def test_a_single_server_has_every_process() -> None:
    pids = {"web": [11], "database": [40], "live store": [50]}
    assert servers_of(ONE_SERVER, pids, [60]) == {"server": [11, 40, 50, 60]}


def test_no_system_has_more_servers_than_the_size_is_computed_for() -> None:
    for system in SLOPE_SYSTEMS.values():
        pids = PIDS | {"web": list(range(system.webs))}
        assert len(servers_of(system, pids, [60])) <= SERVERS_MAX
    assert max(system.webs for system in SLOPE_SYSTEMS.values()) == 4


@pytest.mark.parametrize(("cores", "size"), [(1, 1 / 16), (2, 1 / 8), (4, 1 / 4), (64, 1 / 4)])
def test_a_server_is_a_quarter_core_where_half_of_the_machine_is_left_to_the_client(
    cores: int, size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert systems.server_cores() == server_cores() == size
    assert size * SERVERS_MAX <= cores / 2


def test_the_share_of_stopped_periods_is_that_of_one_turn() -> None:
    before = {"web-1": Periods(100, 90), "nginx": Periods(7, 0), "database": Periods(5, 5)}
    after = {"web-1": Periods(300, 140), "nginx": Periods(7, 0), "database": Periods(8, 6)}
    assert _throttled(before, after) == {"web-1": 0.25, "nginx": 0.0, "database": 0.333}


@pytest.mark.parametrize("ports", [[8001], [8001, 8002], [8001, 8002, 8003, 8004]])
def test_nginx_knows_every_web_process(ports: list[int]) -> None:
    text = _upstreams(ports, 9000)
    for port in ports:
        # Once for bids, once for forms that hash passwords, once for what only reads.
        assert text.count(f"server 127.0.0.1:{port} ") == 3
    assert text.count("server 127.0.0.1:") == 3 * len(ports) + 1
    assert "server 127.0.0.1:9000 max_fails=0;" in text and ":8000" not in text
