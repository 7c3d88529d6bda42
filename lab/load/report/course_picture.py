"""Draws the timeline of a course as SVG: answers, p95 and backlog in each second, and the events."""

from collections.abc import Sequence

from lab.load.course_figures import CourseFigures
from lab.load.report.plot import LEFT, RIGHT, WIDTH, text

PANEL, GAP, TOP, BOTTOM = 110, 34, 56, 40
ACCEPTED, REFUSED, ERRORS, P95, BACKLOG, EVENT = "#1f5fbf", "#9ca3af", "#b91c1c", "#7c3aed", "#047857", "#f59e0b"
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


def timeline(course: CourseFigures) -> str:
    """Three panels with one time axis; the backlog's only where a system has one. Yellow: the events."""
    has_backlog = bool(course.looks)
    count = 3 if has_backlog else 2
    span = max([float(len(course.seconds)), *(at for at, _ in course.looks)])
    height = TOP + count * PANEL + (count - 1) * GAP + BOTTOM
    tops = [TOP + number * (PANEL + GAP) for number in range(count)]
    parts = [*_events(course, span, tops[-1] + PANEL), *_answers(course, span, tops[0]), *_p95(course, span, tops[1])]
    parts += _backlog(course, span, tops[2]) if has_backlog else []
    parts += _axis(span, tops[-1] + PANEL)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
    label = f'font-size="12" role="img" aria-label="answers, p95 and backlog in each second: {course.name}"'
    return "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def _events(course: CourseFigures, span: float, bottom: float) -> list[str]:
    parts = []
    for number, each in enumerate(course.events):
        x, end = _x(each.event.began_s, span), _x(each.event.ended_s, span)
        width = max(2.0, end - x)
        opacity = 0.25 if width > 2 else 1
        parts.append(
            f'<rect x="{x:.1f}" y="{TOP - 10}" width="{width:.1f}" height="{bottom - TOP + 10:.1f}" fill="{EVENT}" '
            f'fill-opacity="{opacity}"/>'
        )
        parts.append(text(x, 14 + 14 * (number % 2), each.event.name, fill="#92400e", weight=700))
    return parts


def _answers(course: CourseFigures, span: float, top: float) -> list[str]:
    highest = max((each.sent for each in course.seconds), default=1) or 1
    parts = [*_panel(top, "bids: accepted (blue), refused (grey), errors (red), by the second sent", highest)]
    width = (WIDTH - LEFT - RIGHT) / span
    for each in course.seconds:
        below = 0
        for count, colour in ((each.accepted, ACCEPTED), (each.refused, REFUSED), (each.errors, ERRORS)):
            if count:
                size = PANEL * count / highest
                y = top + PANEL - PANEL * below / highest - size
                parts.append(
                    f'<rect x="{_x(each.start_s, span):.1f}" y="{y:.1f}" width="{max(0.5, width - 0.5):.2f}" '
                    f'height="{size:.1f}" fill="{colour}"/>'
                )
            below += count
    return parts


def _p95(course: CourseFigures, span: float, top: float) -> list[str]:
    return _curve("p95 (ms)", [(each.start_s, each.p95_ms) for each in course.seconds], span, top, P95)


def _backlog(course: CourseFigures, span: float, top: float) -> list[str]:
    return _curve(
        "accepted bids that wait for the ledger", [look for look in course.looks if look[0] >= 0], span, top, BACKLOG
    )


def _curve(name: str, points: Sequence[tuple[float, float]], span: float, top: float, colour: str) -> list[str]:
    highest = max((value for _, value in points), default=1) or 1
    path = " ".join(f"{_x(at, span):.1f},{top + PANEL - PANEL * value / highest:.1f}" for at, value in points)
    curve = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    return [*_panel(top, name, highest), curve]


def _panel(top: float, name: str, highest: float) -> list[str]:
    right = WIDTH - RIGHT
    parts = [text(LEFT, top - 6, name, weight=700)]
    for share in (0.0, 0.5, 1.0):
        y = top + PANEL * (1 - share)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        parts.append(text(LEFT - 8, y + 4, f"{highest * share:,.0f}", anchor="end"))
    return parts


def _axis(span: float, bottom: float) -> list[str]:
    step = next((each for each in STEPS if span / each <= 10), STEPS[-1])
    marks = [
        text(_x(second, span), bottom + 16, str(second), anchor="middle") for second in range(0, int(span) + 1, step)
    ]
    return [*marks, text((LEFT + WIDTH - RIGHT) / 2, bottom + 34, "seconds after the first bid", anchor="middle")]


def _x(second: float, span: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * second / span
