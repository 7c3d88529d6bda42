"""Whether two clients that drove one system at one rate, in turns, measured the same."""

import statistics
from collections.abc import Sequence
from typing import Any

from lab.load.figures import TurnFigures, Waits
from lab.load.raw import RawTurn

TIMES = ("p50_ms", "p95_ms", "p99_ms")
RESOLUTION_MS = 1.0
"""Clients with clocks of whole milliseconds cannot agree more closely."""

Spread = dict[str, float]


def spread(values: Sequence[float]) -> Spread:
    """Least, middle and greatest of these values."""
    return {
        "min": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "max": round(max(values), 3),
    }


def figures_of_client(turns: Sequence[tuple[RawTurn, TurnFigures]], waits: Sequence[Waits]) -> dict[str, Any]:
    """What one client measured: a spread over its turns of each time and of its own processor time, and counts of all
    turns. `waits` are those of what is compared, one for each turn."""
    used = [float(raw.facts["client"]["cpu_seconds"]) for raw, _ in turns]
    answers = [each.count - sum(each.errors.values()) for each in waits]
    figures: dict[str, Any] = {name: spread([getattr(each, name) for each in waits]) for name in TIMES}
    figures["answered"] = sum(answers)
    figures["errors"] = sum(sum(each.errors.values()) for _, each in turns)
    figures["accepted"] = sum(each.accepted for _, each in turns)
    figures["cpu_ms_an_answer"] = spread([1000 * cpu / max(1, count) for cpu, count in zip(used, answers, strict=True)])
    figures["cpu_share"] = spread([each.turn.client_cpu_share for _, each in turns])
    figures["client_bound"] = sorted({why for _, each in turns for why in each.client_bound})
    figures["broken_promises"] = sorted({what for _, each in turns for what in each.violations})
    return figures


def verdict(one: dict[str, Any], other: dict[str, Any], turns: int) -> dict[str, Any]:
    """Whether the clients agree: the middles of a time are not further apart than the turns of one of them are, or than
    RESOLUTION_MS. `agree` is None, with the reason, where that cannot be said."""
    if turns < 2:
        return {"agree": None, "why": "one turn of each has no spread"}
    for figures in (one, other):
        if figures["errors"]:
            return {"agree": None, "why": f"{figures['errors']} errors"}
        if figures["client_bound"]:
            return {"agree": None, "why": f"client-bound: {', '.join(figures['client_bound'])}"}
    differ = [name for name in TIMES if not _is_near(one[name], other[name])]
    return {"agree": not differ, "why": f"{', '.join(differ)} differ by more than the turns do" if differ else ""}


def _is_near(one: Spread, other: Spread) -> bool:
    widest = max(each["max"] - each["min"] for each in (one, other))
    return abs(one["median"] - other["median"]) <= max(widest, RESOLUTION_MS)


def table(title: str, clients: dict[str, dict[str, Any]], said: dict[str, Any]) -> str:
    """The figures of both clients side by side, and the verdict."""
    rows = [f"{title:<18}" + "".join(f"{name:>26}" for name in clients)]
    for name in (*TIMES, "cpu_ms_an_answer", "cpu_share"):
        cells = (f"{each['median']:.2f} ({each['min']:.2f}-{each['max']:.2f})" for each in _row(clients, name))
        rows.append(f"{name:<18}" + "".join(f"{cell:>26}" for cell in cells))
    rows += [
        f"{name:<18}" + "".join(f"{value:>26}" for value in _row(clients, name)) for name in ("answered", "errors")
    ]
    outcome = {True: "they agree", False: "they do not agree", None: "nothing can be said"}[said["agree"]]
    return "\n".join([*rows, f"{outcome}: {said['why']}" if said["why"] else outcome])


def _row(clients: dict[str, dict[str, Any]], name: str) -> list[Any]:
    return [figures[name] for figures in clients.values()]
