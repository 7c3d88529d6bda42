"""Scenarios beside `hot`, driven by k6 at a low rate: every visit and bid is answered as it should be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab.load import circumstances, raw, run
from lab.load.figures import SystemFigures, figures_of
from lab.load.report import write
from lab.load.run import Settings
from lab.load.scenarios import SCENARIOS
from lab.load.systems import ALL_SYSTEMS

SECONDS = 4
LOW = Settings(seconds=SECONDS, precision=0.5, turns_max=1)
BIDDING = {"bid.form", "bid.sign-in", "bid.page", "bid.standing", "bid.review", "bid.bid"}
BROWSING = {"browse.home", "browse.concerts", "browse.concert", "browse.auction"}

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(400)]


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    if missing := circumstances.missing_programs(needs_front=True):
        pytest.skip(" ".join(missing))


def measured(folder: Path, scenario: str, system: str, rate: int, monkeypatch: pytest.MonkeyPatch) -> SystemFigures:
    """The system, held once at `rate`."""
    monkeypatch.setitem(SCENARIOS, scenario, replace(SCENARIOS[scenario], first_rates={}, warm_up_rate=10))
    run.prepare(folder, scenario, LOW)
    run.measure(folder, [replace(ALL_SYSTEMS[system], first_rate=rate)], LOW, print)
    (figures,) = [figures_of(each) for each in raw.read_systems(folder, ALL_SYSTEMS)]
    assert SCENARIOS[scenario].english in write(folder, raw.read_json(folder / "run.json"), [figures]).read_text() or (
        "found no knee" in (folder / "report.html").read_text()
    )
    return figures


@pytest.mark.parametrize(
    ("system", "watching"),
    [("architecture", "watch.frame"), ("micro-cache", "watch.board"), ("row-lock", "watch.board")],
)
def test_a_mixed_crowd_watches_looks_around_signs_in_and_bids(
    system: str, watching: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (turn,) = measured(tmp_path / "run", "mixed", system, 200, monkeypatch).turns
    counts = {each.name: each.count for each in turn.steps}
    assert (turn.violations, turn.errors, turn.refused) == ([], {}, 0)
    assert set(counts) - {"watch.socket"} == BIDDING | BROWSING | {watching}
    assert counts[watching] >= 180
    assert counts.get("watch.socket", 0) == (180 if system == "architecture" else 0)
    # Every bid went through the forms of the pages, and stands in the ledger.
    assert turn.accepted == counts["bid.bid"] >= 1


def test_pages_are_shown_to_people_who_are_not_signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (turn,) = measured(tmp_path / "run", "browse", "architecture", 20, monkeypatch).turns
    assert (turn.violations, turn.errors, turn.accepted) == ([], {}, 0)
    assert {each.name for each in turn.steps} == BROWSING
    assert turn.answered == sum(each.count for each in turn.steps) > 20 * (SECONDS - 1)


def accepted(folder: Path) -> list[dict]:
    """The answers to accepted bids, in the order of their sequence."""
    (system,) = raw.read_systems(folder, ALL_SYSTEMS)
    bodies = [json.loads(each.body) for each in system.turns[0].answers if each.status == raw.ACCEPTED]
    return sorted(bodies, key=lambda body: int(body["sequence"]))


def test_steady_bids_land_at_all_ranks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (turn,) = measured(tmp_path / "run", "steady", "architecture", 20, monkeypatch).turns
    ranks = [body["rank"] for body in accepted(tmp_path / "run")]
    assert (turn.violations, turn.errors, turn.refused) == ([], {}, 0)
    assert turn.accepted == len(ranks) and len(set(ranks)) > 1 and max(ranks) > 5


def test_in_the_last_minutes_each_bid_moves_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (turn,) = measured(tmp_path / "run", "last-minute", "architecture", 20, monkeypatch).turns
    ends = [body["ends_at"] for body in accepted(tmp_path / "run")]
    assert (turn.violations, turn.errors, turn.refused) == ([], {}, 0)
    assert turn.accepted == len(ends) and ends == sorted(ends) and len(set(ends)) > len(ends) / 2


def test_bids_are_spread_over_fifty_auctions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (turn,) = measured(tmp_path / "run", "many", "architecture", 25, monkeypatch).turns
    (system,) = raw.read_systems(tmp_path / "run", ALL_SYSTEMS)
    sequences = [body["sequence"] for body in accepted(tmp_path / "run")]
    assert (turn.violations, turn.errors, turn.refused) == ([], {}, 0)
    assert turn.accepted == len(sequences) > 50
    assert len(set(system.turns[0].facts["auctions"])) == 50
    # Each auction has an order of its own, and got its share.
    assert sequences.count(1) == 50 and max(sequences) <= 3
