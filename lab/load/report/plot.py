"""Draws latency against rate, with the knees, as SVG."""

import math
from collections.abc import Sequence
from html import escape
from statistics import median_low

from lab.load.figures import SystemFigures
from lab.load.knee import P95_MS_MAX
from lab.load.scenarios import HOT, Scenario

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 24, 36, 84
COLOURS = ("#c2410c", "#6b7280", "#1f5fbf", "#047857", "#7c3aed", "#b45309", "#be185d")
LEGEND_ROW, LETTER = 16, 7
"""Height of a row below the picture, and the width of a letter at most, on average."""
MS_MIN, MS_MAX = 1.0, 10_000.0
RATE_STEPS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def latency(systems: Sequence[SystemFigures]) -> str:
    """p95 (logarithmic) against the rate for every turn; filled points were held, hollow ones choked. A dashed line
    marks each knee."""
    fastest = max((turn.turn.rate for each in systems for turn in each.turns), default=1) * 1.05
    scenario = systems[0].scenario if systems else HOT
    columns = _columns([each.facts["title"] for each in systems])
    parts = [*_frame(fastest, scenario)]
    for number, (each, colour) in enumerate(zip(systems, COLOURS, strict=False)):
        parts += _system(each, colour, fastest, TOP + 10 + 14 * number)
        row, column = divmod(number, columns)
        x, y = LEFT + column * (WIDTH - LEFT - RIGHT) / columns, HEIGHT - 14 + LEGEND_ROW * row
        parts.append(text(x, y, f"● {each.facts['title']}", fill=colour))
    height = HEIGHT + LEGEND_ROW * ((len(systems) - 1) // columns)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
    label = 'font-size="12" role="img" aria-label="p95 against arrival rate, by system"'
    return "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def _columns(titles: Sequence[str]) -> int:
    """How many of these titles stand beside one another below the picture."""
    longest = max(map(len, titles), default=1)
    return min(max(1, len(titles)), max(1, (WIDTH - LEFT - RIGHT) // (longest * LETTER + 24)))


def _frame(fastest: float, scenario: Scenario) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [text(LEFT, 20, f"p95 of {scenario.waits_for} (ms, logarithmic) against {scenario.unit}", weight=700)]
    for value in (1, 10, 100, 1_000, 10_000):
        y = _y(value)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:,}", anchor="end"))
    step = next((each for each in RATE_STEPS if fastest / each <= 8), RATE_STEPS[-1])
    for rate in range(0, int(fastest) + 1, step):
        parts.append(text(_x(rate, fastest), bottom + 18, f"{rate:,}", anchor="middle"))
    parts.append(text((LEFT + right) / 2, bottom + 38, scenario.unit, anchor="middle"))
    y = _y(P95_MS_MAX)
    parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#b91c1c" stroke-dasharray="2 4"/>')
    return [*parts, text(right, y - 6, f"{P95_MS_MAX:.0f} ms", anchor="end", fill="#b91c1c")]


def _system(system: SystemFigures, colour: str, fastest: float, label_y: float) -> list[str]:
    points = [(_x(each.turn.rate, fastest), _y(each.p95_ms), bool(each.choked)) for each in system.turns]
    # Through the median of each rate, which several repeats may have tried.
    heights = {x: median_low(y for other, y, _ in points if other == x) for x, _, _ in points}
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in heights.items())
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for x, y, choked in points:
        fill = "#fff" if choked else colour
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}" stroke-width="2"/>')
    if system.knee.held is not None:
        x = _x(system.knee.held, fastest)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{colour}" '
            'stroke-dasharray="6 4"/>'
        )
        parts.append(text(x + 4, label_y, system.scenario.rate(system.knee.held), fill=colour))
    return parts


def _x(rate: float, fastest: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * rate / fastest


def _y(value: float) -> float:
    share = math.log10(min(max(value, MS_MIN), MS_MAX)) / math.log10(MS_MAX)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def text(x: float, y: float, content: str, *, anchor: str = "start", fill: str = "#111827", weight: int = 400) -> str:
    """A text of a picture at this place."""
    # With a white edge, so that it can be read across a line.
    style = f'text-anchor="{anchor}" fill="{fill}" font-weight="{weight}" '
    style += 'paint-order="stroke" stroke="#fff" stroke-width="3"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(content)}</text>'
