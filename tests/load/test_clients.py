"""k6 beside our own clients: when they agree, and a small run of `bench.clients` with both."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.load import circumstances, raw
from lab.load.agreement import figures_of_client, spread, table, verdict
from lab.load.figures import turn_figures
from lab.load.raw import Answer, RawTurn
from tests.house.source import ROOT

RATE, SECONDS, SOCKETS = 20, 2, 30
FACTS = {"rate": 2, "seconds": 1, "ledger_bids": 2, "recorded_after_s": 0.0, "backlog": [], "violations": []}
FACTS |= {"client": {"cpu_seconds": 0.1, "seconds": 1.0, "cores": 1}, "cpu_seconds": {}}


def client(*times: float, **changes: Any) -> dict[str, Any]:
    """Figures of a client whose turns had these times, the same for each percentile."""
    figures: dict[str, Any] = {name: spread(times) for name in ("p50_ms", "p95_ms", "p99_ms")}
    return figures | {"errors": 0, "client_bound": []} | changes


def test_clients_agree_as_closely_as_their_own_turns() -> None:
    assert verdict(client(10, 14), client(15, 15), 2) == {"agree": True, "why": ""}
    assert verdict(client(15, 15), client(10, 14), 2) == {"agree": True, "why": ""}
    said = verdict(client(10, 10, 13), client(14, 14, 14), 3)
    assert said == {"agree": False, "why": "p50_ms, p95_ms, p99_ms differ by more than the turns do"}


def test_a_millisecond_is_no_difference_between_clocks_of_whole_milliseconds() -> None:
    assert verdict(client(10, 10), client(11, 11), 2)["agree"] is True
    assert verdict(client(10, 10), client(11.1, 11.1), 2)["agree"] is False


def test_one_percentile_is_enough_to_differ() -> None:
    other = client(10, 10, p99_ms=spread([30, 31]))
    assert verdict(client(10, 10), other, 2)["why"] == "p99_ms differ by more than the turns do"


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("flaw", "why"), [({"errors": 2}, "2 errors"), ({"client_bound": ["12 dropped"]}, "client-bound: 12 dropped")]
)
def test_nothing_is_said_of_a_client_that_failed_or_was_the_limit(flaw: dict[str, Any], why: str, side: int) -> None:
    clients = [client(10, 12), client(10, 12)]
    clients[side] |= flaw
    assert verdict(clients[0], clients[1], 2) == {"agree": None, "why": why}


def test_nothing_is_said_of_one_turn() -> None:
    assert verdict(client(10), client(10), 1)["agree"] is None


def test_a_client_has_the_spread_of_its_turns_and_the_counts_of_all() -> None:
    def turn(cpu_seconds: float, *waits: float, status: int = 201) -> RawTurn:
        facts = FACTS | {"client": {"cpu_seconds": cpu_seconds, "seconds": 1.0, "cores": 1}}
        answers = [Answer(1_000, 1_010, row, status, waited_ms, "") for row, waited_ms in enumerate(waits)]
        return RawTurn(facts, {"metrics": {}}, answers)

    turns = [(each, turn_figures(each)) for each in (turn(0.1, 4, 6), turn(0.3, 8, 10), turn(0.9, 1, 2, status=500))]
    figures = figures_of_client(turns, [measured.steps[0] for _, measured in turns])
    assert figures["p50_ms"] == {"min": 1, "median": 4, "max": 8}
    assert (figures["answered"], figures["errors"], figures["accepted"]) == (4, 2, 6)
    # Of 0.1 s for two answers, 0.3 s for two, and 0.9 s for none.
    assert figures["cpu_ms_an_answer"] == {"min": 50, "median": 150, "max": 900}
    assert figures["client_bound"] == ["client at 90% of its CPU"]
    shown = table("bids", {"k6": figures, "own": figures}, verdict(figures, figures, 3))
    assert "4.00 (1.00-8.00)" in shown and shown.endswith("nothing can be said: 2 errors")


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.timeout(400)
def test_both_clients_drive_one_system_and_every_answer_of_both_is_judged(tmp_path: Path) -> None:
    """Nothing here depends on how fast this machine is."""
    if missing := circumstances.missing_programs(needs_front=True):
        pytest.skip(" ".join(missing))
    out = tmp_path / "run"
    command = [sys.executable, "-m", "bench.clients", "--rate", str(RATE), "--seconds", str(SECONDS), "--turns", "1"]
    command += ["--sockets", str(SOCKETS), "--out", str(out), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=380)
    assert done.returncode == 0, done.stderr[-2000:]
    run = json.loads(done.stdout.splitlines()[-1])
    for name in ("k6", "own"):
        bids, frames = run["bids"][name], run["frames"][name]
        turn = raw.read_turn(out / f"bids-01-{name}")
        assert bids["broken_promises"] == [] and bids["answered"] + bids["errors"] == len(turn.answers)
        assert RATE * SECONDS <= len(turn.answers) <= RATE * SECONDS + 2
        # The ledger has each bid whose acceptance the client read.
        accepted = [each for each in turn.answers if each.status == raw.ACCEPTED]
        assert 0 < len(accepted) <= bids["accepted"] <= len(accepted) + bids["errors"]
        assert all(json.loads(each.body)["outcome"] == "accepted" for each in accepted)
        assert bids["cpu_ms_an_answer"]["median"] > 0 and bids["p50_ms"]["median"] > 0
        # Each socket gets a frame a second at least.
        assert frames["answered"] >= SOCKETS * SECONDS and frames["errors"] == 0
        assert frames["cpu_ms_an_answer"]["median"] > 0
    assert run["bids"]["agree"] is None and "one turn" in run["bids"]["why"]
