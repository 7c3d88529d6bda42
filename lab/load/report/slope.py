"""What more web servers of one size bring: table, picture and sentence of the systems on servers with CPU quotas."""

from collections.abc import Sequence

from lab.load.figures import SystemFigures
from lab.load.quotas import PERIOD_US
from lab.load.report import tables
from lab.load.report.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text

THROTTLED_MIN = 0.2
"""A server that was stopped in a smaller share of its periods limited nothing."""
COLOUR, IDEAL = "#1f5fbf", "#9ca3af"
CAPTION = "Filled points: measured knees. Grey line: as many times the knee of one web server as there are web servers."


def has_servers(systems: Sequence[SystemFigures]) -> bool:
    """Whether the systems stood on servers with CPU quotas."""
    return any(each.facts.get("server_cores") for each in systems)


def rule(systems: Sequence[SystemFigures]) -> str:
    """How large a server was, and by what means."""
    cores = max(each.facts.get("server_cores") or 0.0 for each in systems)
    return (
        f"A server here is {cores:g} of a core: each is a control group of Linux with a CPU quota, renewed every "
        f"{PERIOD_US // 1000} ms. The client has no quota, and the servers together take at most half of the machine. "
        "Network and disk are not divided. A server is named as stopped with the share of its periods in which it had "
        "used its quota, at the lowest rate that choked."
    )


def table(systems: Sequence[SystemFigures]) -> tables.Table:
    """A row for each system: its servers, its knee, and that knee against the one of a single web server."""
    head = (
        "system",
        "web servers",
        "holds",
        "accepted a second (ledger)",
        "against one web server",
        "stopped at quota",
    )
    return head, [_row(each, systems) for each in systems if each.facts.get("server_cores")]


def _row(system: SystemFigures, systems: Sequence[SystemFigures]) -> tuple[str, ...]:
    held, best = system.knee.held, system.best
    return (
        system.facts["title"],
        "–" if system.facts["is_one_server"] else str(system.facts["webs"]),
        tables.NONE if held is None else f"{held:,}/s",
        tables.rate(best.accepted_per_second) if best else tables.NONE,
        tables.NONE if (times := _times(system, systems)) is None else f"{times:.1f} ×",
        _throttled(system),
    )


def _throttled(system: SystemFigures) -> str:
    choked = next((turn for turn in system.turns if turn.turn.rate == system.knee.choked), None)
    shares = sorted(choked.throttled.items(), key=lambda pair: -pair[1]) if choked else []
    return ", ".join(f"{name} {share:.0%}" for name, share in shares if share >= THROTTLED_MIN) or tables.NONE


def steps(systems: Sequence[SystemFigures]) -> list[tuple[int, int]]:
    """(web servers, knee) of this architecture, by number of web servers."""
    return sorted(
        (each.facts["webs"], each.knee.held)
        for each in systems
        if each.facts.get("server_cores") and not each.facts["is_one_server"] and each.knee.held is not None
    )


def _times(system: SystemFigures, systems: Sequence[SystemFigures]) -> float | None:
    """The knee of a system against that of this architecture with one web server."""
    one = dict(steps(systems)).get(1)
    return system.knee.held / one if one and system.knee.held is not None else None


def conclusion(systems: Sequence[SystemFigures]) -> tuple[str, str]:
    """The result in one or two sentences, in English and Korean."""
    knees = steps(systems)
    if len(knees) < 2:
        return "This run compared no numbers of web servers.", "이번 측정에서는 웹 서버 수를 비교하지 못했습니다."
    (few, low), (many, high) = knees[0], knees[-1]
    servers = "server" if few == 1 else "servers"
    english = (
        f"With {few} web {servers} this architecture holds {low:,} bids a second, with {many} it holds {high:,}: "
        f"{high / low:.1f} × with {many / few:g} × the web servers"
    )
    korean = (
        f"웹 서버 {few}대로 초당 입찰 {low:,}건을, {many}대로 {high:,}건을 감당합니다"
        f"(웹 서버 {many / few:g}배에 {high / low:.1f}배)"
    )
    singles = [each.knee.held for each in systems if each.facts.get("is_one_server") and each.knee.held is not None]
    if not singles:
        return f"{english}.", f"{korean}."
    single = max(singles)
    return (
        f"{english}. A single server of the same size that does everything holds {single:,} at best.",
        f"{korean}. 같은 크기의 서버 한 대로 모두 처리하면 많아야 {single:,}건입니다.",
    )


def picture(systems: Sequence[SystemFigures]) -> str:
    """Knees against the number of web servers as SVG, with the line of a perfect slope."""
    knees = steps(systems)
    most = max((webs for webs, _ in knees), default=1)
    highest = max([knee for _, knee in knees] + [knees[0][1] / knees[0][0] * most] if knees else [1]) * 1.1
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(webs: float, knee: float) -> tuple[float, float]:
        return LEFT + (right - LEFT) * webs / (most * 1.1), bottom - (bottom - TOP) * knee / highest

    parts = [text(LEFT, 20, "Knee (bids a second) against the number of web servers", weight=700)]
    parts.append(f'<path d="M{LEFT},{TOP} V{bottom} H{right}" fill="none" stroke="#6b7280"/>')
    if knees:
        x, y = place(most, knees[0][1] / knees[0][0] * most)
        parts.append(f'<line x1="{LEFT}" y1="{bottom}" x2="{x:.1f}" y2="{y:.1f}" stroke="{IDEAL}"/>')
    points = [(*place(*each), *each) for each in knees]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="2"/>')
    for x, y, webs, knee in points:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOUR}"/>')
        parts.append(text(x + 8, y + 14, f"{knee:,}/s", fill=COLOUR))
        parts.append(text(x, bottom + 18, str(webs), anchor="middle"))
    parts.append(text((LEFT + right) / 2, bottom + 38, "web servers", anchor="middle"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
    label = 'font-size="12" role="img" aria-label="knee against the number of web servers"'
    return "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])
