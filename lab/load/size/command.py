"""`flask lab run size`: what a bid costs with 1,000 to 1,000,000 standing bids. It leaves raw files and a report."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.load import raw
from lab.load.run import prepare
from lab.load.size import standing
from lab.load.size.measuring import SERVERS, measure
from lab.load.size.points import FORMS, SCENARIO, Point, middle, read_points, write_points

PEOPLE = 1_000
"""So many people raise their bids in a round, fewer where fewer stand."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How many bids stand, and how many rounds there are of each size."""

    sizes: list[int]
    rounds: int


FULL = Settings([1_000, 10_000, 100_000, 1_000_000], rounds=5)
QUICK = Settings([1_000, 10_000, 100_000], rounds=2)


def run(folder: Path, forms: Sequence[str], settings: Settings, say: Callable[[str], None]) -> list[Point]:
    """Measure the forms and sizes that the folder lacks, each as one unit. Returns all points. Raises OtherRun."""
    prepare(folder, SCENARIO, settings)
    points = read_points(folder)
    missing = [
        (form, size)
        for form in forms
        for size in settings.sizes
        if sum(point.form == form and point.standing == size for point in points) < settings.rounds
    ]
    if not missing:
        return points
    say(f"making up {max(size for _, size in missing):,} bids")
    now_ms = int(time.time() * 1000)
    entries = standing.crowd(standing.terms_of(1, now_ms), max(size for _, size in missing), now_ms - 1)
    for form in dict.fromkeys(form for form, _ in missing):
        with SERVERS[form]() as server:
            for number, size in enumerate((size for each, size in missing if each == form), 1):
                say(f"{form}: {size:,} bids stand")
                server.fill(standing.terms_of(number, now_ms), entries[:size])
                share = size // settings.rounds
                for turn in range(settings.rounds):
                    bidders = entries[turn * share : turn * share + min(share, PEOPLE)]
                    points.append(measure(form, server, number, bidders, turn + 1, size))
                write_points(folder, points)
                say(f"  {middle(points, form, size):.3f} ms of processor time for a bid")
    return points


def summary(folder: Path) -> str:
    """The result as one line of JSON."""
    points, run_facts = read_points(folder), raw.read_json(folder / "run.json")
    sizes = sorted({point.standing for point in points})
    results = {
        form: {str(size): round(value, 4) for size in sizes if (value := middle(points, form, size)) is not None}
        for form in FORMS
    }
    named = {
        name: run_facts.get(name) for name in ("scenario", "settings", "commit", "machine", "versions", "load_before")
    }
    return json.dumps(named | {"server_ms_per_bid": results, "folder": str(folder)}, ensure_ascii=False)
