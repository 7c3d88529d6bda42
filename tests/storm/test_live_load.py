"""A small run of `bench.live`, judged by what must hold on any machine."""

import json
import subprocess
import sys

import pytest

from lab.servers.installation import ROOT

SOCKETS, SECONDS, RATE = 500, 15, 20


@pytest.mark.sweep
def test_every_socket_gets_every_board_and_alert_once() -> None:
    command = [sys.executable, "-m", "bench.live", "--sockets", str(SOCKETS), "--seconds", str(SECONDS)]
    command += ["--rate", str(RATE), "--signed-in", "20", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=350)
    assert done.returncode == 0, done.stderr[-2000:]
    text_line = done.stdout.splitlines()[-1]
    print(text_line)
    run = json.loads(text_line)["runs"][0]
    assert (run["sockets"], run["signed_in"], run["bids"], run["bids_refused"]) == (500, 100, SECONDS * RATE, 0)
    assert run["closed_unexpectedly"] == {} and run["behind_at_the_end"] == 0
    assert run["alerts"]["due"] > 0
    assert (run["alerts"]["missing"], run["alerts"]["doubled"], run["alerts"]["unexpected"]) == (0, 0, 0)
    # Every board reached every socket.
    assert run["ticks_complete"] == run["ticks"] and run["frames"]["board"] == SOCKETS * (run["ticks"] + 1)
    assert run["yardstick"]["ticks_complete"] == run["yardstick"]["ticks"]
