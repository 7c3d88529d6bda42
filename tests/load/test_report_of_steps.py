"""What each idea brings, as the report tells it: by the knees alone, and nothing more than they show."""

import re
from pathlib import Path

import pytest

from lab.load.figures import SystemFigures, figures_of
from lab.load.raw import Answer, RawSystem, RawTurn
from lab.load.report import steps, write
from lab.load.report.plot import latency
from lab.load.systems import ALL_SYSTEMS, STEPS
from tests.load.test_report import Tables

RUN = {"scenario": "hot", "settings": {"seconds": 10, "precision": 0.2}, "commit": "0", "began_at": "now"}
RUN |= {"machine": {"cores": 2, "memory_gib": 4, "system": "Linux"}, "versions": {}}
KNEES = {
    "row-lock": (100, 120),
    "synchronous": (200, 240),
    "queue": (500, 600),
    "front": (450, 500),
    "micro-cache": (480, 560),
    "architecture": (1_000, 1_200),
}


def turn(rate: int, waited_ms: float, *, dropped: int = 0) -> RawTurn:
    bids = [Answer(1_000, 2_000, row, 201, waited_ms, "") for row in range(4)]
    facts = {"rate": rate, "seconds": 10, "ledger_bids": 100, "recorded_after_s": 0.0, "backlog": [], "violations": []}
    facts |= {"client": {"cpu_seconds": 1.0, "seconds": 10.0, "cores": 1}}
    facts |= {"cpu_seconds": {"web": rate / 1_000, "database": 0.025}}
    return RawTurn(facts, {"metrics": {"dropped_iterations": {"values": {"count": dropped}}} if dropped else {}}, bids)


def measured(name: str, held: int, choked: int, *, scenario: str = "hot", dropped: int = 0) -> SystemFigures:
    system = ALL_SYSTEMS[name]
    facts = {"title": system.title, "parts": system.parts, "drains": system.drains, "engine": system.engine}
    turns = [turn(held, 10.0, dropped=dropped), turn(choked, 900.0)]
    return figures_of(RawSystem(name, facts | {"scenario": scenario}, turns))


@pytest.fixture
def systems() -> list[SystemFigures]:
    return [measured(name, *knee) for name, knee in KNEES.items()]


def test_each_step_is_told_by_the_knees_before_and_with_it(systems: list[SystemFigures]) -> None:
    synchronous, queue, front, cache, sockets = steps.sentences(systems)
    assert synchronous.endswith("with a row that the request inserts brings 2.00 ×: 100/s before, 200/s with it.")
    assert queue.endswith("brings 2.50 ×: 200/s before, 500/s with it.")
    assert front == "nginx with a second web process costs, with 0.90 × of what was held: 500/s before, 450/s with it."
    assert cache == f"The micro-cache: {steps.UNUSED}: 450/s before, 480/s with it."
    assert sockets == f"Pushing by sockets in place of polling: {steps.UNUSED}: 480/s before, 1,000/s with it."


def test_a_difference_within_the_precision_of_the_search_is_none() -> None:
    for knee in ((480, 560), (520, 620)):
        (sentence,) = steps.sentences([measured("synchronous", 500, 600), measured("queue", *knee)])
        assert "brings nothing that this run can tell" in sentence


def test_what_bids_alone_never_use_is_said_where_a_step_is_about_pages(systems: list[SystemFigures]) -> None:
    assert [steps.UNUSED in each for each in steps.sentences(systems)] == [False, False, False, True, True]
    crowd = [measured(name, *knee, scenario="mixed") for name, knee in KNEES.items()]
    assert not any(steps.UNUSED in each for each in steps.sentences(crowd))
    assert steps.sentences(crowd)[-2:] == [
        "The micro-cache brings nothing that this run can tell: 450 people before, 480 people with it.",
        "Pushing by sockets in place of polling brings 2.08 ×: 480 people before, 1,000 people with it.",
    ]


def test_a_step_beside_a_busy_client_is_told_with_reserve(systems: list[SystemFigures]) -> None:
    systems[1] = measured("synchronous", 200, 240, dropped=3)
    assert [steps.CLIENT_BOUND in each for each in steps.sentences(systems)] == [True, True, False, False, False]


def test_a_step_is_compared_with_the_one_right_before_it_and_with_no_other(systems: list[SystemFigures]) -> None:
    del systems[2]
    rows = steps.table(systems)[1]
    assert [row[2] for row in rows] == ["–", "2.00 ×", "–", "1.07 ×", "2.08 ×"]
    assert [row[3] for row in rows] == ["–", "2.00 ×", "4.50 ×", "4.80 ×", "10.00 ×"]
    assert len(steps.sentences(systems)) == 3


def test_a_step_that_held_no_rate_proves_nothing() -> None:
    before, after = measured("row-lock", 100, 120), measured("synchronous", 600, 500)
    assert after.knee.held is None
    assert steps.sentences([before, after]) == [f"{steps.IDEAS['synchronous']}: {steps.UNTOLD}"]
    assert steps.table([before, after])[1][1][1:4] == ("–", "–", "–")


def test_processor_time_of_a_step_is_told_by_part(systems: list[SystemFigures]) -> None:
    head, rows = steps.table(systems)
    assert head[4:] == ("CPU per accepted bid", "of it: web", "of it: database")
    assert rows[0][4:] == ("1.25 ms", "1.00 ms", "0.25 ms")


def test_a_page_shows_the_steps_once_they_were_driven(systems: list[SystemFigures], tmp_path: Path) -> None:
    page = write(tmp_path, RUN, systems).read_text()
    shown = Tables(page)
    assert [row[0] for row in shown.tables[1][1:]] == [ALL_SYSTEMS[name].title for name in STEPS]
    assert page.index("What each idea brings") < page.index("<h2>Processor time")
    assert page.count("<rect") == len(STEPS) + 2
    assert "(2.50 × the step before)" in page and steps.RULE in shown.text
    # The sentence above all compares with single servers alone.
    assert "holds 1,000 bids a second here: 10.0 × the rate of “A: row lock in the request”." in shown.text
    usual = [each for each in systems if each.name in ("row-lock", "architecture")]
    assert "What each idea brings" not in write(tmp_path, RUN, usual).read_text()


def test_every_system_of_a_long_run_has_a_colour_and_a_name_that_covers_no_other(systems: list[SystemFigures]) -> None:
    picture = latency([systems[0], measured("procedure", 110, 130), *systems[1:]])
    legend = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" [^>]*fill="(#\w+)"[^>]*>● ([^<]+)<', picture)
    assert len({colour for _, _, colour, _ in legend}) == len({(x, y) for x, y, _, _ in legend}) == len(KNEES) + 1
    for x, y, _, title in legend:
        right = float(x) + 7 * len(title)
        assert not [other for other in legend if other[1] == y and float(x) < float(other[0]) < right], title
    (height,) = re.findall(r'viewBox="0 0 760 (\d+)"', picture)
    assert max(float(y) for _, y, _, _ in legend) < int(height)
