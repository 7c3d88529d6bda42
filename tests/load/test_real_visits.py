"""Scenarios beside `hot`, driven by k6 at a low rate: every visit and bid is answered as it should be.

A system is started once for all of them, with its live service. Each scenario makes auctions and people of its own, as
each rate of a run does.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.load import circumstances, opening, raw, run, site, watchers
from lab.load.figures import SystemFigures, figures_of
from lab.load.report import write
from lab.load.run import Settings
from lab.load.scenarios import SCENARIOS
from lab.load.site import Site
from lab.load.systems import ALL_SYSTEMS, System

START = site.running
SECONDS = 4
WATCHERS, ARRIVALS = 60, 8
LOW = Settings(seconds=SECONDS, precision=0.5, turns_max=1)
BIDDING = {"bid.form", "bid.sign-in", "bid.page", "bid.standing", "bid.review", "bid.bid"}
BROWSING = {"browse.home", "browse.concerts", "browse.concert", "browse.auction"}
INSIDE = {"inside.page", "inside.standing", "inside.review", "inside.bid"}

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(400)]


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    if missing := circumstances.missing_programs(needs_front=True):
        pytest.skip(" ".join(missing))


@pytest.fixture(scope="module")
def started(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[System], Site]]:
    """Starts a system the first time it is asked for; all of them end with the last test."""
    sites: dict[str, Site] = {}
    with ExitStack() as stack:

        def start(system: System) -> Site:
            if system.name not in sites:
                folder = tmp_path_factory.mktemp(system.name) / "processes"
                sites[system.name] = stack.enter_context(START(system, folder, print, sockets=True))
            return sites[system.name]

        yield start


@pytest.fixture(autouse=True)
def started_once(started: Callable[[System], Site], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run finds its system started."""

    @contextmanager
    def running(system: System, folder: Path, say: Any, sync_ms: float = 0.0, **options: Any) -> Iterator[Site]:
        folder.mkdir(parents=True)
        yield replace(started(system), system=system, folder=folder)

    monkeypatch.setattr(site, "running", running)


def measured(
    folder: Path, scenario: str, system: str, rate: int, monkeypatch: pytest.MonkeyPatch, warm_up_rate: int = 10
) -> SystemFigures:
    """The system, held once at `rate`."""
    slow = replace(SCENARIOS[scenario], first_rates={}, warm_up_rate=warm_up_rate)
    monkeypatch.setitem(SCENARIOS, scenario, slow)
    run.prepare(folder, scenario, LOW)
    run.measure(folder, [replace(ALL_SYSTEMS[system], first_rate=rate)], LOW, print)
    (figures,) = [figures_of(each) for each in raw.read_systems(folder, ALL_SYSTEMS)]
    assert SCENARIOS[scenario].english in write(folder, raw.read_json(folder / "run.json"), [figures]).read_text() or (
        "found no knee" in (folder / "report.html").read_text()
    )
    return figures


@pytest.mark.parametrize(
    ("system", "watching"),
    [
        ("architecture", "watch.frame"),
        pytest.param("micro-cache", "watch.board", marks=pytest.mark.trial),
        ("row-lock", "watch.board"),
    ],
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


@pytest.mark.parametrize(
    ("system", "watching"),
    [("architecture", "watch.frame"), pytest.param("row-lock", "watch.board", marks=pytest.mark.trial)],
)
def test_every_watcher_sees_every_bid_of_a_real_system(
    system: str, watching: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (figures,) = measured(tmp_path / "run", "watchers", system, WATCHERS, monkeypatch).turns
    counts = Counter({each.name: each.count for each in figures.steps})
    assert figures.violations == []
    assert figures.accepted == counts["move.bid"] >= watchers.BIDS_A_SECOND * SECONDS
    # A machine with other work may be late; nobody may miss anything.
    assert counts["news.seen"] + counts["news.late"] == WATCHERS * figures.accepted
    assert counts["news.missing"] == counts["watch.order"] == 0
    assert counts[watching] > WATCHERS and counts["watch.socket"] == WATCHERS * (system == "architecture")
    assert figures.answered > WATCHERS
    raw.copy_without_bodies(tmp_path / "run" / system, tmp_path / "published" / system)
    (again,) = raw.read_systems(tmp_path / "published", ALL_SYSTEMS)
    assert figures_of(again).turns == [figures]


def test_people_come_to_a_real_opening_sign_in_and_bid_while_others_are_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (figures,) = measured(tmp_path / "run", "opening", "architecture", ARRIVALS, monkeypatch, warm_up_rate=2).turns
    (system,) = raw.read_systems(tmp_path / "run", ALL_SYSTEMS)
    counts = Counter({each.name: each.count for each in figures.steps})
    assert figures.violations == []
    # A machine with other work may leave a sign-in without an answer; everybody else is counted once.
    unanswered = sum(each.status not in (303, 503) for each in system.turns[0].answers if each.journey == "queue")
    assert counts["look.page"] == counts["signed-in.whole"] + counts["gave-up.whole"] + unanswered > ARRIVALS
    assert counts["signed-in.whole"] >= 1 and set(counts) >= INSIDE
    assert figures.accepted == counts["inside.bid"] + counts["crowd.bid"]
    bids = opening.BIDS_A_SECOND
    assert counts["crowd.bid"] >= bids * (SECONDS - 1) and counts["crowd.page"] >= bids
