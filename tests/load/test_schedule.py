"""The schedule of a run: which parts it has, in which order, how long it takes at most, and how it goes on."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.load import circumstances, raw, run
from lab.load.figures import figures_of
from lab.load.scenarios import SCENARIOS
from lab.load.schedule import REPEATED, Part, Settings, missing_parts, parts, plan_of_time, settings_of
from lab.load.systems import ARCHITECTURE, PROCEDURE, ROW_LOCK, SLOPE_SYSTEMS, SYSTEMS
from tests.load.made_turns import write_turn

ALL = list(SYSTEMS.values())
SMALL = Settings(seconds=60, precision=0.08, turns_max=3, repeats=2, repeat_seconds=2, endurance_seconds=5)


def order(planned: list[Part]) -> list[tuple[str, int | None]]:
    return [(part.system.name, part.repeat) for part in planned]


def test_systems_are_measured_in_turns_and_endure_at_the_end() -> None:
    names = [system.name for system in ALL]
    assert order(parts(ALL, replace(REPEATED, repeats=3))) == [
        *((name, repeat) for repeat in (1, 2, 3) for name in names),
        *((name, None) for name in names),
    ]


def test_a_system_beside_the_compared_ones_is_measured_once_for_a_minute() -> None:
    other = replace(ARCHITECTURE, name="another")
    planned = parts([ROW_LOCK, other], REPEATED)
    assert [part.repeat for part in planned if part.system is other] == [1]
    assert [part.seconds(REPEATED) for part in planned[:2]] == [30, 60]
    assert [part.turns_max(REPEATED) for part in planned if part.system is ROW_LOCK] == [7, 3, 3, 3, 3, 1]


def minutes(scenario: str, *, quick: bool = False) -> int:
    systems, settings = list(SCENARIOS[scenario].systems.values()), settings_of(scenario, quick=quick)
    compared = [system for system in systems if system in ALL]
    text = plan_of_time(parts(compared, settings), settings, SCENARIOS[scenario])
    return int(re.findall(r"at most (\d+) min", text)[0])


def test_the_published_report_takes_no_more_than_150_minutes() -> None:
    assert minutes("hot") + minutes("mixed") <= 150
    assert minutes("mixed") > minutes("hot") > 60


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "slope"])
def test_a_quick_run_takes_no_more_than_five_minutes_and_neither_repeats_nor_endures(scenario: str) -> None:
    settings = settings_of(scenario, quick=True)
    assert (settings.repeats, settings.endurance_seconds, settings.seconds) == (1, 0, 10)
    assert minutes(scenario, quick=True) <= 5


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_only_hot_and_mixed_repeat_and_endure_by_themselves(scenario: str) -> None:
    settings = settings_of(scenario, quick=False)
    expected = (5, 600) if scenario in ("hot", "mixed") else (1, 0)
    assert (settings.repeats, settings.endurance_seconds) == expected


def test_each_step_between_the_systems_is_measured_once_for_a_minute() -> None:
    settings = settings_of("hot", quick=False, steps=True)
    steps = list(SCENARIOS["hot"].steps.values())
    assert parts(steps, settings) == [Part(system) for system in steps]
    assert {Part(system).seconds(settings) for system in steps} == {60}


def test_repeats_and_endurance_can_be_chosen() -> None:
    settings = settings_of("browse", quick=False, repeats=3, endurance=30)
    assert (settings.repeats, settings.endurance_seconds, settings.turns_max) == (3, 30, 12)
    once = settings_of("hot", quick=False, repeats=1, endurance=0)
    assert parts(ALL, once) == [Part(system) for system in ALL]
    assert [Part(ROW_LOCK).seconds(once), Part(ROW_LOCK).turns_max(once)] == [60, 12]
    assert settings_of("hot", quick=True, repeats=2).turns_max == 4


@pytest.mark.parametrize("choice", [{"repeats": 2}, {"endurance": 60}])
@pytest.mark.parametrize("scenario", ["slope", "storm"])
def test_systems_that_are_measured_once_are_not_silently_left_out(scenario: str, choice: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"{scenario} are measured once"):
        settings_of(scenario, quick=False, **choice)


def test_servers_of_a_size_are_measured_once() -> None:
    assert parts(list(SLOPE_SYSTEMS.values()), settings_of("slope", quick=False, repeats=1)) == [
        Part(system) for system in SLOPE_SYSTEMS.values()
    ]


def test_the_plan_counts_what_is_still_to_be_done(tmp_path: Path) -> None:
    (tmp_path / "row-lock" / "repeat-02").mkdir(parents=True)
    raw.write_json(tmp_path / "row-lock" / "system.json", {})
    missing = missing_parts(tmp_path, [ROW_LOCK], SMALL)
    assert order(missing) == [("row-lock", 2), ("row-lock", None)]
    raw.write_json(tmp_path / "row-lock" / "repeat-02" / "measured.json", {})
    assert (
        plan_of_time(missing_parts(tmp_path, [ROW_LOCK], SMALL), SMALL, SCENARIOS["hot"])
        == "plan: endurance: 1 × 5 s; at most 1 min"
    )
    assert plan_of_time([], SMALL, SCENARIOS["hot"]) == "plan: nothing is missing; at most 0 min"


CAPACITIES = {ROW_LOCK.name: 150, PROCEDURE.name: 200, ARCHITECTURE.name: 400}


class Laboratory:
    """In place of real systems: turns that choke above a capacity. It is stopped before the rate number `stop_before`,
    and writes down which systems ran at once and what other work was looked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.driven: list[tuple[str, str]] = []
        self.stop_before: int | None = None
        self.running: list[str] = []
        scenario = replace(SCENARIOS["hot"], turns=self._driver)
        monkeypatch.setitem(SCENARIOS, "hot", scenario)
        monkeypatch.setattr(run.site, "running", self._running)
        monkeypatch.setattr(circumstances, "other_work_cores", self._other_work)

    def _other_work(self) -> float:
        assert not self.running, "a system runs while other work is looked for"
        return 0.25

    @contextmanager
    def _running(self, system: Any, folder: Path, *_: Any, **__: Any) -> Iterator[Any]:
        assert not self.running, "two systems run at once"
        folder.mkdir(parents=True)
        self.running.append(system.name)
        yield SimpleNamespace(system=system, durability={}, memory_mib=dict)
        self.running.remove(system.name)

    def _driver(self, site: Any) -> Any:
        return SimpleNamespace(hold=lambda rate, seconds, place: self._hold(site.system, rate, seconds, place))

    def _hold(self, system: Any, rate: int, seconds: int, place: Path) -> None:
        if place.name == "warm-up":
            return
        if len(self.driven) == self.stop_before:
            self.running.clear()
            raise KeyboardInterrupt
        self.driven.append((system.name, f"{place.parent.name}/{place.name}"))
        waited_ms = 600.0 if rate > CAPACITIES[system.name] else 20.0
        write_turn(place, rate, seconds, waited_ms)


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    return Laboratory(monkeypatch)


def go(folder: Path) -> list[str]:
    texts: list[str] = []
    run.prepare(folder, "hot", SMALL)
    run.measure(folder, [ROW_LOCK, ARCHITECTURE], SMALL, texts.append)
    return texts


def test_each_part_begins_at_the_knee_before_it_and_is_driven_alone(laboratory: Laboratory, tmp_path: Path) -> None:
    assert go(tmp_path / "run")[0] == ("plan: searches: 2, further repeats: 2, endurance: 2 × 5 s; at most 3 min")
    assert laboratory.driven == [
        *(("row-lock", f"row-lock/turn-{name}") for name in ("01-rate-150", "02-rate-300", "03-rate-225")),
        *(("architecture", f"architecture/turn-{name}") for name in ("01-rate-300", "02-rate-600", "03-rate-450")),
        *(("row-lock", f"repeat-02/turn-{name}") for name in ("01-rate-150", "02-rate-162")),
        *(("architecture", f"repeat-02/turn-{name}") for name in ("01-rate-300", "02-rate-324", "03-rate-348")),
        ("row-lock", "endurance/turn-01-rate-105"),
        # 70 % of the lower one of both knees, 300.
        ("architecture", "endurance/turn-01-rate-210"),
    ]
    row_lock, ours = [figures_of(each) for each in raw.read_systems(tmp_path / "run", ["row-lock", "architecture"])]
    assert [knee.held for knee in ours.knees] == [300, 348]
    assert [each.other_work_cores for each in row_lock.repeats] == [0.25, 0.25]
    assert raw.read_json(tmp_path / "run" / "run.json")["other_work_cores"] == 0.25
    assert ours.endurance and ours.endurance.turn.turn.rate == 210 and ours.endurance.other_work_cores == 0.25


@pytest.mark.parametrize("stop_before", [2, 4, 7, 9, 12])
def test_a_run_goes_on_at_the_repeat_at_which_it_stopped(
    stop_before: int, laboratory: Laboratory, tmp_path: Path
) -> None:
    laboratory.stop_before = stop_before
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "run")
    assert laboratory.stop_before == len(laboratory.driven)
    finished = [path.parent for name in (raw.SYSTEM, raw.MEASURED) for path in (tmp_path / "run").rglob(name)]
    before = {turn: turn.stat().st_mtime_ns for part in finished for turn in part.glob("turn-*/turn.json")}
    laboratory.stop_before = None
    again = go(tmp_path / "run")
    assert sum("measured already" in text for text in again) == len(finished)
    assert {turn: turn.stat().st_mtime_ns for turn in before} == before
    counts = [len(laboratory.driven) - stop_before + len(before), sum(1 for _ in (tmp_path / "run").rglob("turn.json"))]
    # Each part once; the turns of the interrupted one are kept beside it and count nowhere.
    interrupted = sum(1 for _ in (tmp_path / "run").rglob("*.interrupted-1/turn-*/turn.json"))
    assert counts == [13, 13 + interrupted]
    systems = raw.read_systems(tmp_path / "run", ["row-lock", "architecture"])
    assert [len(each.turns) + sum(len(part.turns) for part in each.repeats) for each in systems] == [5, 6]
    assert all(text.endswith("measured already") for text in go(tmp_path / "run")[1:])


def test_a_system_that_held_nothing_is_searched_again_and_has_no_endurance(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CAPACITIES, ROW_LOCK.name, 1)
    texts = go(tmp_path / "run")
    assert "row-lock, endurance: left out, because no rate was held before" in texts
    first = [place for name, place in laboratory.driven if name == "row-lock"]
    assert first == [
        f"{part}/turn-{turn}"
        for part in ("row-lock", "repeat-02")
        for turn in ("01-rate-150", "02-rate-75", "03-rate-37")
    ]
