"""Courses of the load lab: workers are killed and the database goes away under bids, every promise is checked, and a
lost bid is noticed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cashticket.extensions import db
from cashticket.models import RecordedBid
from lab.load import __main__ as program
from lab.load import circumstances, course, hammer, raw, run, turns
from lab.load.bids import Bidding
from lab.load.course_figures import CourseFigures, figures_of
from lab.load.crowd import Offer
from lab.load.report import course as report
from lab.load.scenarios import SCENARIOS, STORM
from lab.load.schedule import QUICK
from lab.load.systems import ARCHITECTURE, ROW_LOCK, SYSTEMS, System
from lab.waiting import wait_until
from tests.load.test_real_run import MARK, marked_processes

RATE, UNIT_SECONDS = 20, 2
SHORT = replace(QUICK, seconds=UNIT_SECONDS, rate=RATE)

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(400)]


@pytest.fixture(autouse=True)
def programs() -> None:
    if missing := circumstances.missing_programs(needs_front=True):
        pytest.skip(" ".join(missing))


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, System], CourseFigures]:
    """Measures one system in a course of some seconds, and sees that nothing of it is left."""

    def measure(scenario: str, system: System) -> CourseFigures:
        monkeypatch.setenv(MARK, str(tmp_path))
        folder = tmp_path / "run"
        run.prepare(folder, scenario, SHORT)
        run.measure(folder, [system], SHORT, print)
        wait_until(lambda: not marked_processes(tmp_path), "the end of every process")
        return figures_of(folder / system.name)

    return measure


def test_workers_are_killed_and_no_accepted_bid_is_lost(
    measured: Callable[[str, System], CourseFigures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drain worker is still away when the client ends, and is started before anything waits for its records."""
    monkeypatch.setattr(turns, "DRAIN_SECONDS_MAX", 60)
    web, drain = STORM.course.faults if STORM.course else ()
    late = course.Course(3, (web, replace(drain, undone_after_s=100)))
    storm = replace(STORM, course=late, turns=lambda site: course.CourseTurns(site, Bidding(Offer()), late))
    monkeypatch.setitem(SCENARIOS, "storm", storm)
    figures = measured("storm", ARCHITECTURE)
    assert (figures.violations, figures.lost, figures.doubled) == ([], 0, 0)
    assert [each.event.name for each in figures.events] == ["web worker killed", "drain worker killed"]
    killed_web, killed_drain = figures.events
    assert killed_web.event.began_s == killed_web.event.ended_s
    assert killed_web.event.ended_s < killed_drain.event.began_s < killed_drain.event.ended_s
    # Whoever got no answer may have bid.
    assert 0 < figures.accepted <= figures.sent <= RATE * 3 * UNIT_SECONDS + 1
    assert sum(each.sent for each in figures.seconds) == figures.sent
    assert figures.looks[-1][1] == 0
    log = (tmp_path / "run" / ARCHITECTURE.name / "processes" / "web-1.log").read_text()
    assert "SIGKILL" in log
    page = report.write(tmp_path / "run", raw.read_json(tmp_path / "run" / "run.json"), [figures]).read_text()
    assert "drain worker killed" in page and "<svg" in page


def test_without_its_database_the_architecture_goes_on_deciding_and_records_later(
    measured: Callable[[str, System], CourseFigures],
) -> None:
    figures = measured("db-away", ARCHITECTURE)
    assert (figures.violations, figures.lost, figures.doubled) == ([], 0, 0)
    (away,) = figures.events
    assert away.event.ended_s - away.event.began_s >= 0.5 * UNIT_SECONDS
    # The bids of this time were taken and waited.
    assert away.accepted > 0
    assert away.backlog_max > 0 and away.recorded_s is not None
    assert figures.looks[-1][1] == 0


def test_without_its_database_a_single_server_takes_no_bid_and_a_lost_one_is_noticed(
    measured: Callable[[str, System], CourseFigures],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One recorded bid is deleted before the checkers look."""
    copy = course.CourseTurns._copy_into_ledger

    def copy_and_lose(turns: course.CourseTurns, auctions: list[int]) -> None:
        copy(turns, auctions)
        if turns.unit_s:
            with turns._site.app.app_context():
                db.session.execute(
                    db.delete(RecordedBid).where(RecordedBid.auction_id.in_(auctions), RecordedBid.sequence == 3)
                )
                db.session.commit()

    monkeypatch.setattr(course.CourseTurns, "_copy_into_ledger", copy_and_lose)
    figures = measured("db-away", ROW_LOCK)
    (away,) = figures.events
    assert away.accepted < away.sent and away.errors > 0
    assert (figures.lost, figures.doubled) == (1, 0)
    assert any(text.startswith("I1:") for text in figures.violations)
    assert program._report(tmp_path / "run", as_json=True, is_published=False) == 1
    printed = capsys.readouterr()
    assert "must not be used" in printed.err
    assert json.loads(printed.out.splitlines()[-1])["systems"][0]["lost"] == 1


def test_a_database_that_is_away_is_started_again_when_the_course_is_interrupted(
    measured: Callable[[str, System], CourseFigures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Ctrl+C does it: while the database is away the run is interrupted."""
    states: list[bool] = []
    undo = course.Events.undo_all

    def look(events: course.Events) -> None:
        before(events)
        if events._open:
            raise KeyboardInterrupt

    def undo_all(events: course.Events) -> None:
        database = events._site.database
        assert database
        states.append(database.process is not None)
        undo(events)
        states.append(database.process is not None)

    before = course.Events.look
    monkeypatch.setattr(course.Events, "look", look)
    monkeypatch.setattr(course.Events, "undo_all", undo_all)
    with pytest.raises(KeyboardInterrupt):
        measured("db-away", SYSTEMS["procedure"])
    # The warm-up has no event.
    *warm_up, away, back = states
    assert all(warm_up) and (away, back) == (False, True)
    assert not raw.is_measured(tmp_path / "run", "procedure")
    wait_until(lambda: not marked_processes(tmp_path), "the end of every process")


def test_a_large_auction_ends_is_settled_and_is_read(
    measured: Callable[[str, System], CourseFigures], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hammer, "QUICK_SIZE", hammer.Size(bidders=120, seats=20, reads=60))
    figures = measured("hammer", ARCHITECTURE)
    assert (figures.violations, figures.lost, figures.doubled) == ([], 0, 0)
    ending = figures.hammer
    assert ending and (ending.bidders, ending.seats, ending.reads) == (120, 20, 60)
    assert ending.settled_s > 0 and ending.check_s >= 0
    (turn,) = raw.read_systems(tmp_path / "run", [ARCHITECTURE.name])[0].turns
    (place,) = (tmp_path / "run" / ARCHITECTURE.name).glob("turn-*")
    assert {each.status for each in raw.read_answers(place / "outcome.tsv.gz")} >= {200}
    kinds = {answer.kind for answer in turn.answers if answer.journey == "read"}
    assert {"read.first_page", "read.other_page", "read.outcome", "read.standing"} == kinds
    # A busy machine may settle after the last read.
    assert {200, 302} & {answer.status for answer in turn.answers if answer.kind == "read.first_page"}
    late = [each for each in turn.answers if each.journey == "large" and each.sent_ms > turn.facts["ends_at_ms"]]
    assert late and not any(each.status == raw.ACCEPTED for each in late)
    assert figures.accepted > 0
    page = report.write(tmp_path / "run", raw.read_json(tmp_path / "run" / "run.json"), [figures]).read_text()
    assert "settled after the end" in page and "<svg" in page
