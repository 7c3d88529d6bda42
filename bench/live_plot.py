"""Makes the table and the picture of docs/performance.md from a stored result of `bench.live`.

    python -m bench.live --sockets 1000,2000,5000,10000 --seconds 60 --json | tail -1 > docs/performance/live.json
    python -m bench.live_plot docs/performance/live.json

Writes the picture beside the result (`live.svg`), and the table between the two marks in docs/performance.md.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- live: begin -->", "<!-- live: end -->"
WIDTH, HEIGHT, LEFT, TOP, INNER_WIDTH, INNER_HEIGHT = 720, 300, 64, 40, 620, 200
STEPS = 4

Line = tuple[str, str, list[float]]
HEAD = ("sockets", "board p50 / p99", "alert p50 / p99", "fan-out", "yardstick", "ratio", "KB a socket", "server CPU")


def main() -> None:
    stored = Path(sys.argv[1])
    result = json.loads(stored.read_text())
    runs = sorted(result["runs"], key=lambda run: run["sockets"])
    stored.with_suffix(".svg").write_text(picture(runs))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{table(result, runs)}\n{END}{after}")


def table(result: dict[str, Any], runs: Sequence[dict[str, Any]]) -> str:
    """A row for each number of sockets, and where it was measured."""
    rows = [f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    for run in runs:
        board, alert, fan_out = run["board_ms"], run["alerts"], run["fan_out_ms"]["median"]
        cells = (
            f"{run['sockets']:,}",
            f"{board['p50']} / {board['p99']} ms",
            f"{alert['p50']} / {alert['p99']} ms",
            f"{fan_out:.0f} ms",
            f"{run['yardstick']['fan_out_ms']['median']:.0f} ms",
            f"{run['fan_out_ratio']:.2f}",
            f"{run['kb_per_socket']['at_the_end']:.0f}",
            f"{run['server_cpu']:.2f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    machine, last = result["machine"], runs[-1]
    where = f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, commit {result['commit']}"
    bids = round(last["bids"] / last["seconds"])
    return "\n".join(rows) + f"\n\n{bids} bids a second for {last['seconds']:.0f} s on {where}."


def picture(runs: Sequence[dict[str, Any]]) -> str:
    """Two charts, one below the other, as SVG."""
    names = [f"{run['sockets']:,}" for run in runs]
    waits: list[Line] = [
        ("board p99", "#1f5fbf", [run["board_ms"]["p99"] for run in runs]),
        ("board p50", "#7fb0f0", [run["board_ms"]["p50"] for run in runs]),
        ("alert p99", "#c2410c", [run["alerts"]["p99"] for run in runs]),
    ]
    fan_outs: list[Line] = [
        ("CashTicket", "#1f5fbf", [run["fan_out_ms"]["median"] for run in runs]),
        ("bare websockets server", "#6b7280", [run["yardstick"]["fan_out_ms"]["median"] for run in runs]),
    ]
    charts = [
        _chart(0, "From an accepted bid to the socket (ms)", names, waits),
        _chart(HEIGHT, "From the first to the last socket of one board (ms, median)", names, fan_outs),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="Waits and fan-out times by number of sockets">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(charts) + "\n</svg>\n"
    )


def _chart(down: int, title: str, names: Sequence[str], lines: Sequence[Line]) -> str:
    top = max(max(values) for _, _, values in lines) * 1.1 or 1.0
    drawn = [f'<g transform="translate({LEFT},{TOP + down})">', f'<text y="-18" font-weight="bold">{title}</text>']
    for step in range(STEPS + 1):
        y = INNER_HEIGHT * (1 - step / STEPS)
        drawn.append(f'<line x2="{INNER_WIDTH}" y1="{y:.0f}" y2="{y:.0f}" stroke="#e5e7eb"/>')
        drawn.append(f'<text x="-8" y="{y + 4:.0f}" text-anchor="end">{top * step / STEPS:.0f}</text>')
    places = [INNER_WIDTH * (number + 0.5) / len(names) for number in range(len(names))]
    for x, name in zip(places, names, strict=True):
        drawn.append(f'<text x="{x:.0f}" y="{INNER_HEIGHT + 18}" text-anchor="middle">{name}</text>')
    for number, (name, colour, values) in enumerate(lines):
        points = [(x, INNER_HEIGHT * (1 - value / top)) for x, value in zip(places, values, strict=True)]
        path = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.0f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        drawn.append(f'<text x="{10 + number * 180}" y="{INNER_HEIGHT + 40}" fill="{colour}">● {name}</text>')
    return "\n".join([*drawn, "</g>"])


if __name__ == "__main__":
    main()
