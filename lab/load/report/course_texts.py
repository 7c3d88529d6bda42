"""What the report of a course says beside its figures, in English and Korean."""

from collections.abc import Sequence
from typing import Any

from lab.load.course_figures import CourseFigures
from lab.load.faults import SUPERVISOR_SECONDS
from lab.load.knee import ERROR_SHARE_MAX
from lab.load.report import hammer_texts
from lab.load.scenarios import SCENARIOS
from lab.load.systems import ARCHITECTURE
from lab.load.timeline import NORMAL_SECONDS, P95_MS_MIN, P95_TIMES_MAX, EventFigures

SECONDS = (
    "Each system takes bids at one fixed rate; a second of the timelines holds the bids that were sent in it. Lost: "
    "answered as accepted and not in the ledger. Doubled: in the ledger more than once. What was neither accepted "
    "nor refused is an error; such a bid may have been accepted, and the ledger says which."
)
NORMAL = (
    f"A second is normal while at most {ERROR_SHARE_MAX:.0%} of its bids are errors and its p95 is at most "
    f"{P95_MS_MIN:.0f} ms, or {P95_TIMES_MAX:g} times the median of the seconds before the first event. All is normal "
    f"again once it stays so for {NORMAL_SECONDS:.0f} s. The backlog is normal while it is no larger than before, or "
    "than what arrives in a second. These times count from the end of an event: a kill of a web worker, the new start "
    "of a drain worker, the first answer of the database."
)
EVENTS = (
    "A killed web worker is started again by its gunicorn, a killed drain worker by the lab after "
    f"{SUPERVISOR_SECONDS:.0f} s, as by a supervisor. The database is killed, not shut down."
)
METHOD = (SECONDS, NORMAL, EVENTS)
EVENTS_KOREAN = {
    "web worker killed": "웹 워커 종료",
    "drain worker killed": "기록 워커 종료",
    "database away": "데이터베이스 정지",
}


def title(run: dict[str, Any]) -> str:
    """The head of the report."""
    return f"Load report: {run['scenario']}, second by second"


def method(run: dict[str, Any]) -> tuple[str, ...]:
    """How it was measured, a paragraph each."""
    return hammer_texts.METHOD if run["scenario"] == SCENARIOS["hammer"].name else METHOD


def conclusion(run: dict[str, Any], systems: Sequence[CourseFigures]) -> tuple[str, str]:
    """The result in some sentences, in English and Korean."""
    scenario = SCENARIOS[run["scenario"]]
    if not systems:
        return "Nothing was measured.", "측정한 것이 없습니다."
    english = [f"{scenario.english}, {_lost(systems)}."]
    korean = [f"{scenario.korean} {_lost_korean(systems)}."]
    if hammer := next((each.hammer for each in systems if each.hammer), None):
        return " ".join([*english, hammer_texts.english(hammer)]), " ".join([*korean, hammer_texts.korean(hammer)])
    for system in sorted(systems, key=lambda each: each.name != ARCHITECTURE.name):
        english.append(f"{system.facts['title']} ({system.rate:,}/s): {'; '.join(map(_event, system.events))}.")
        events = ", ".join(map(_event_korean, system.events))
        korean.append(f"{system.facts['title']}(초당 {system.rate:,}건): {events}.")
    return " ".join(english), " ".join(korean)


def _lost(systems: Sequence[CourseFigures]) -> str:
    lost, doubled = sum(each.lost for each in systems), sum(each.doubled for each in systems)
    if not lost and not doubled:
        return "no accepted bid was lost and none was recorded twice"
    return f"{lost:,} accepted bids were lost and {doubled:,} were recorded twice"


def _lost_korean(systems: Sequence[CourseFigures]) -> str:
    lost, doubled = sum(each.lost for each in systems), sum(each.doubled for each in systems)
    if not lost and not doubled:
        return "접수된 입찰은 하나도 사라지지 않았고 두 번 기록된 것도 없습니다"
    return f"접수된 입찰 {lost:,}건이 사라졌고 {doubled:,}건이 두 번 기록되었습니다"


def _event(each: EventFigures) -> str:
    text = f"{each.event.name}: {_again(each.normal_s)}, errors: {each.errors:,}"
    if each.taken_share is not None:
        text += f", {each.taken_share:.0%} of the bids taken meanwhile"
    if each.recorded_s is not None and each.taken_share is not None:
        text += f", all recorded {each.recorded_s:.1f} s after it"
    return text


def _again(normal_s: float | None) -> str:
    if normal_s is None:
        return "not normal again"
    return f"normal again after {normal_s:.1f} s" if normal_s else "not disturbed afterwards"


def _event_korean(each: EventFigures) -> str:
    text = f"{EVENTS_KOREAN[each.event.name]} {_again_korean(each.normal_s)}, 오류 {each.errors:,}건"
    if each.taken_share is not None:
        text += f", 그동안 입찰의 {each.taken_share:.0%} 접수"
    if each.recorded_s is not None and each.taken_share is not None:
        text += f", 복구 {each.recorded_s:.1f}초 뒤 모두 기록"
    return text


def _again_korean(normal_s: float | None) -> str:
    if normal_s is None:
        return "이후 정상으로 돌아오지 못함"
    return f"후 {normal_s:.1f}초 뒤 정상" if normal_s else "후 영향 없음"
