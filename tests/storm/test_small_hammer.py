"""A small run of `bench.hammer`, judged by what must hold on any machine: everything is answered, nothing is lost."""

import json
import subprocess
import sys

import pytest

from lab.servers.installation import ROOT
from lab.servers.mariadb_server import mariadb_binary
from lab.servers.nginx_server import nginx_binary

BIDDERS, SEATS, SECONDS, BIDS_RATE = 2_000, 100, 4, 20
READ_RATES = (25, 50)


@pytest.mark.sweep
@pytest.mark.timeout(400)
def test_a_result_is_read_by_many_while_another_auction_is_bid_on() -> None:
    if mariadb_binary() is None or nginx_binary() is None:
        pytest.skip("MariaDB or nginx is not installed: apt install mariadb-server nginx-light")
    command = [sys.executable, "-m", "bench.hammer", "--bidders", str(BIDDERS), "--seats", str(SEATS)]
    command += ["--seconds", str(SECONDS), "--bids-rate", str(BIDS_RATE)]
    command += ["--read-rates", ",".join(map(str, READ_RATES)), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=380)
    assert done.returncode == 0, done.stderr[-2000:]
    text_line = done.stdout.splitlines()[-1]
    print(text_line)
    run = json.loads(text_line)
    assert (run["bidders"], run["seats"], run["bids"]) == (BIDDERS, SEATS, 3 * BIDDERS)
    assert run["mismatches"] == []
    assert run["settled_seconds"] >= 0 and run["first_result_seconds"] >= 0
    bids = run["bids_of_b"]["in_all"]
    assert bids["accepted"] >= SECONDS * BIDS_RATE and (bids["errors"], run["bids_unanswered"]) == (0, 0), bids
    for step in run["reads"]:
        assert step["errors"] == 0, step
        assert set(step["by_kind"]) == {"first_page", "other_page", "outcome"}
    assert set(run["cpu_ms_a_read"]) == {"first_page", "other_page", "outcome"}
    assert "not measured" in run["computed"]["what"]
