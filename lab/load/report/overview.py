"""The comparison in one table and one picture, in Korean and English: what one server holds, and this architecture."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.knee import Knee
from lab.load.repeats import ratios
from lab.load.report.blocks import Picture, TableBlock
from lab.load.report.plot import text
from lab.load.report.tables import NONE, flush_of, sync_ms_of
from lab.load.scenarios import Scenario

ROLES = {
    "row-lock": ("서버 한 대, 행 잠금", "one server, row lock"),
    "procedure": ("서버 한 대, 저장 프로시저", "one server, stored procedure"),
    "architecture": ("이 구조", "this architecture"),
}
OURS = "architecture"
PLAYERS = {"servers-one": "row-lock", "servers-one-procedure": "procedure", "servers-4-web": OURS}
"""Systems of another name that play a role too."""

HEAD = ("상황\nsituation", *("\n".join(names) for names in ROLES.values()), "몇 배\nhow many times")
WIDTH, ROW, BAR, GAP = 420, 16, 22, 16
KOREAN_LETTERS, ENGLISH_LETTERS = 30, 62
"""How many letters of the picture stand on one line."""
COLOURS = {"row-lock": "#c2410c", "procedure": "#6b7280", OURS: "#1f5fbf"}
ALTERNATIVE = "단일 서버와 이 구조가 감당하는 양 · what one server and this architecture hold"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One situation: the knee of each role that was measured, and the situation in Korean and English. `repeats` are
    the knees of all repeats of each role."""

    name: str
    scenario: Scenario
    korean: str
    english: str
    knees: dict[str, Knee]
    repeats: dict[str, list[Knee]]

    def held(self, role: str) -> int | None:
        """The knee of a role, if it has one."""
        return self.knees[role].held if role in self.knees else None

    def shown(self, role: str) -> str:
        """The knee of a role as a table shows it; `≥` where the client was the limit, so that it may hold more."""
        held = self.held(role)
        if held is None:
            return NONE
        return ("≥ " if self.knees[role].client_bound else "") + self.scenario.rate(held)

    def ratio(self, role: str) -> str | None:
        """How many times as much this architecture holds; None where that cannot be said."""
        ours, theirs = self.held(OURS), self.held(role)
        if not ours or not theirs:
            return None
        is_least, is_most = self.knees[OURS].client_bound, self.knees[role].client_bound
        if is_least and is_most:
            return None
        return f"{'≥ ' if is_least else '≤ ' if is_most else ''}{ours / theirs:.1f}"

    def times(self, role: str) -> str:
        """The ratio as a table shows it, with the range over the repeats where there are several."""
        ratio = self.ratio(role)
        if ratio is None:
            return NONE
        ours, theirs = self.repeats[OURS], self.repeats[role]
        compared = ratios(ours, theirs) if min(len(ours), len(theirs)) > 1 else None
        return f"{ratio} ×" + (f" ({compared[1]:.1f}–{compared[2]:.1f})" if compared else "")


def comparison(name: str, run: dict[str, Any], systems: Sequence[SystemFigures]) -> Comparison | None:
    """What a run compares; None without this architecture or without a single server."""
    knees = {PLAYERS.get(each.name, each.name): each.knee for each in systems}
    repeats = {PLAYERS.get(each.name, each.name): each.knees for each in systems}
    if OURS not in knees or len(knees.keys() & ROLES.keys()) < 2:
        return None
    scenario = systems[0].scenario
    korean, english = [scenario.korean], [scenario.english]
    if cores := max(each.facts.get("server_cores") or 0.0 for each in systems):
        korean.append(f"서버마다 {cores:g}코어, 이 구조는 웹 서버 4대")
        english.append(f"servers of {cores:g} of a core each, this architecture with 4 web servers")
    if least := sync_ms_of(run):
        korean.append(f"디스크 동기화 {least:g}ms 이상")
        english.append(f"a disk sync takes at least {least:g} ms")
    if flush_of(run) != "commit":
        korean.append("데이터베이스는 로그를 1초에 한 번 동기화")
        english.append("the database syncs its log once a second")
    return Comparison(name, scenario, ", ".join(korean), ", ".join(english), knees, repeats)


def table(comparisons: Sequence[Comparison]) -> TableBlock:
    """A row for each situation. The last cell compares with the row lock, then with the stored procedure; in brackets
    is the range from repeat to repeat."""
    rows = []
    for each in comparisons:
        times = " / ".join(each.times(role) for role in ROLES if role != OURS)
        rows.append((f"{each.korean}\n{each.english}", *(each.shown(role) for role in ROLES), times))
    return TableBlock(HEAD, rows, "text")


def picture(comparisons: Sequence[Comparison], file: str = "comparison.svg") -> Picture:
    """Bars for each situation, as long as their share of its longest one: situations count different things."""
    parts: list[str] = []
    y = 8.0
    for each in comparisons:
        drawn, y = _situation(each, y)
        parts += drawn
    for number, (role, names) in enumerate(ROLES.items()):
        place = y + 14 + 18 * number
        parts.append(f'<rect x="0" y="{place - 10:.0f}" width="12" height="12" fill="{COLOURS[role]}"/>')
        parts.append(text(18, place, " · ".join(names)))
    height = y + 18 * len(ROLES) + 8
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif"'
    label = f'font-size="13" role="img" aria-label="{ALTERNATIVE}"'
    svg = "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])
    return Picture(file, ALTERNATIVE, svg, fits_phone=True)


def _situation(each: Comparison, y: float) -> tuple[list[str], float]:
    """The label and the bars of one situation from `y` on, and where the next one begins."""
    parts = []
    for label, letters, weight in ((each.korean, KOREAN_LETTERS, 700), (each.english, ENGLISH_LETTERS, 400)):
        for row in wrap(label, letters):
            y += ROW
            parts.append(text(0, y, row, weight=weight))
    longest = max([each.held(role) or 0 for role in ROLES] + [1])
    y += ROW / 2
    for role in ROLES:
        if role not in each.knees:
            continue
        length = (WIDTH - 110) * (each.held(role) or 0) / longest
        parts.append(f'<rect x="0" y="{y:.0f}" width="{length:.1f}" height="{BAR - 4}" fill="{COLOURS[role]}"/>')
        parts.append(text(length + 6, y + BAR - 8, each.shown(role), fill=COLOURS[role], weight=700))
        y += BAR
    return parts, y + GAP
