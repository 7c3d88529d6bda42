"""What the report says of the measurement of sizes: a table and a picture of the processor time per bid."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.circumstances import is_busy
from lab.load.report import page, tables, texts
from lab.load.report.blocks import Block, Heading, Paragraph, Picture, TableBlock
from lab.load.report.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, text
from lab.load.size.points import FORMS, Point, middle, read_points

COLOURS = dict(zip(FORMS, ("#1f5fbf", "#c2410c", "#6b7280"), strict=True))
METHOD = (
    "The auction is written in bulk; then people whose bids stand raise them twice, so that as many bids stand after "
    "it as before. Counted is the processor time of the server that decides, over all its threads, per accepted bid: "
    "the live store, or the database. Web pages, recording and the client are not in it. Each figure is the median of "
    "the rounds, with the lowest and the highest."
)
TITLE = "Load report: what a bid costs while many bids stand"
ALTERNATIVE = "processor time per bid against the number of standing bids"


def write(folder: Path) -> Path:
    """Write report.html into the folder of a measurement. Returns its path."""
    path = folder / "report.html"
    blocks = [Heading(TITLE, 1), *section(folder, raw.read_json(folder / "run.json"))]
    path.write_text(page.page(TITLE, blocks), encoding="utf-8")
    return path


def section(folder: Path, run: dict[str, Any]) -> list[Block]:
    """Everything about the published measurement of sizes."""
    points = read_points(folder)
    busy = [Paragraph(texts.BUSY, warns=True)] if is_busy(run) else []
    english, korean = conclusion(points)
    return [
        Paragraph(english),
        Paragraph(korean, "ko"),
        *busy,
        Heading("Processor time per bid"),
        TableBlock(*table(points)),
        Picture("size.svg", ALTERNATIVE, picture(points)),
        Heading("How it was measured"),
        Paragraph(METHOD),
        TableBlock(("circumstance", "value"), tables.circumstances(run), "text"),
    ]


def conclusion(points: Sequence[Point]) -> tuple[str, str]:
    """The result in a sentence, in English and Korean."""
    sizes = sorted({point.standing for point in points if point.form == "live-store"})
    few, many = (middle(points, "live-store", sizes[place]) for place in (0, -1)) if sizes else (None, None)
    if few is None or many is None or len(sizes) < 2:
        return "The live store was not measured at two sizes.", "실시간 저장소를 두 크기에서 측정하지 못했습니다."
    times = f"{many / few:.1f}"
    english = f"With {sizes[0]:,} standing bids a bid takes {few:.3f} ms of processor time of the live store, "
    english += f"with {sizes[-1]:,} it takes {many:.3f} ms: {times} × as much."
    korean = f"입찰이 {sizes[0]:,}건 있을 때 입찰 하나에 실시간 저장소의 CPU 시간이 {few:.3f}ms, "
    korean += f"{sizes[-1]:,}건 있을 때 {many:.3f}ms 듭니다({times}배)."
    return english, korean


def table(points: Sequence[Point]) -> tables.Table:
    """A row for each number of standing bids, a column for each form: median, lowest and highest round."""
    forms = [form for form in FORMS if any(point.form == form for point in points)]
    rows = [
        (f"{size:,}", *(_cell(points, form, size) for form in forms))
        for size in sorted({point.standing for point in points})
    ]
    return ("standing bids", *(FORMS[form] for form in forms)), rows


def _cell(points: Sequence[Point], form: str, size: int) -> str:
    values = [point.server_ms_per_bid for point in points if point.form == form and point.standing == size]
    value = middle(points, form, size)
    return tables.NONE if value is None else f"{value:.3f} ms ({min(values):.3f} to {max(values):.3f})"


def picture(points: Sequence[Point]) -> str:
    """Median processor time per bid of each form against the number of standing bids (logarithmic) as SVG."""
    sizes = sorted({point.standing for point in points}) or [1, 10]
    highest = max([point.server_ms_per_bid for point in points] + [0.001]) * 1.15
    right, bottom = WIDTH - RIGHT - 40, HEIGHT - BOTTOM
    low, high = math.log10(sizes[0]), math.log10(max(sizes[-1], sizes[0] * 10))

    def place(size: int, value: float) -> tuple[float, float]:
        across = (math.log10(size) - low) / (high - low)
        return LEFT + 20 + (right - LEFT - 20) * across, bottom - (bottom - TOP) * value / highest

    parts = [text(LEFT, 20, "Processor time per accepted bid (ms) of the server that decides", weight=700)]
    parts.append(f'<path d="M{LEFT},{TOP} V{bottom} H{WIDTH - RIGHT}" fill="none" stroke="#6b7280"/>')
    for size in sizes:
        parts.append(text(place(size, 0)[0], bottom + 18, f"{size:,}", anchor="middle"))
    parts.append(text((LEFT + right) / 2, bottom + 38, "standing bids (logarithmic)", anchor="middle"))
    for number, (form, title) in enumerate(FORMS.items()):
        known = [(size, value) for size in sizes if (value := middle(points, form, size)) is not None]
        parts += _curve([(*place(*each), each[1]) for each in known], COLOURS[form])
        parts.append(text(LEFT + number * (WIDTH - LEFT) / len(FORMS), HEIGHT - 14, f"● {title}", fill=COLOURS[form]))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
    label = f'font-size="12" role="img" aria-label="{ALTERNATIVE}"'
    return "\n".join([f"{head} {label}>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>\n"])


def _curve(points: Sequence[tuple[float, float, float]], colour: str) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for x, y, value in points:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
        parts.append(text(x, y - 8, f"{value:.3f}", anchor="middle", fill=colour))
    return parts
