"""The drill in small: what it loses comes back, and its figures are those of what happened."""

import json

import pytest

from lab.drill.__main__ import main
from tests.fixtures.redis import idle_connections_closed


@pytest.mark.slow
def test_a_lost_live_store_and_a_lost_machine_come_back_with_every_bid_that_must_be_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = ["--bids", "50", "--database", "sqlite", "--guests", "250", "--in-process"]
    with idle_connections_closed():
        status = main([*small, "--losses", "live-store", "everything", "--json"])
    [live, everything] = json.loads(capsys.readouterr().out)["losses"]
    assert status == 0
    assert live["missing"] == [] and live["answered"] >= 30 and live["backup"] is None
    assert everything["restored_through"] >= 50 + live["answered"]
    assert everything["missing"] and min(everything["missing"]) > everything["restored_through"]
    assert 0 < everything["restore"] < everything["without_bids"] and everything["faults"] == []
