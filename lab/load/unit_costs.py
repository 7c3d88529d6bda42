"""The costs with which `flask ops capacity` calculates, computed from published measurements.

    python -m lab.load.unit_costs

writes cashticket/capacity/costs.json anew. Bids come from the published run `hot`, each tier by itself; the rest from
the benchmarks. Of `mixed` only what frames cost nginx is used, and of its first repeat alone; `hot-sync-1-ms` and
`slope` are left out, so that predictions can be held against them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "docs" / "load-report"
SHIPPED = ROOT / "cashticket" / "capacity" / "costs.json"
SLOW, STEADY = "hot/architecture/turn-01-rate-300", "hot/architecture/endurance/turn-01-rate-603"
HAMMER = "hammer/architecture/turn-01-rate-431"
PARTS = {"web": "web", "nginx": "nginx", "workers": "workers", "database": "database", "live store": "live store"}
MIXED_TURNS = "mixed/architecture/turn-*"
STEPS = ("form", "sign_in", "own_part", "review", "bid", "json_bid")

Figure = dict[str, Any]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def turn(name: str) -> Any:
    """The facts of a published turn, with those of k6 as `client_facts`."""
    return read(RAW / name / "turn.json") | {"client_facts": read(RAW / name / "k6.json")["metrics"]}


def bid_points(name: str, part: str) -> list[float]:
    """Accepted bids a second of a turn, and the cores that a part used meanwhile."""
    facts = turn(name)
    return [round(facts["ledger_bids"] / facts["seconds"], 1), round(facts["cpu_seconds"][part] / facts["seconds"], 4)]


def slope(points: list[tuple[float, float, float]]) -> tuple[float, float]:
    """The least squares of y = a·u + b·v over points (u, v, y): a and b."""
    uu, uv, vv = (sum(p[i] * p[j] for p in points) for i, j in ((0, 0), (0, 1), (1, 1)))
    uy, vy = (sum(p[i] * p[2] for p in points) for i in (0, 1))
    determinant = uu * vv - uv * uv
    return (uy * vv - vy * uv) / determinant, (uu * vy - uv * uy) / determinant


def mixed_points(part: str, turns: str, unit: str) -> list[tuple[float, float, float]]:
    """Of each published turn of `mixed`: seconds, `frames` or `visits` in them, and the processor time of a part."""
    points = []
    for path in sorted(RAW.glob(f"{turns}/turn.json")):
        facts = turn(path.parent.relative_to(RAW).as_posix())
        frames = facts["client_facts"]["ws_msgs_received"]["values"]["count"]
        units = frames if unit == "frames" else facts["ledger_bids"]
        points.append((facts["client"]["seconds"], units, facts["cpu_seconds"][part]))
    return points


def figures() -> dict[str, Figure]:
    """Every figure by its name, with its source."""
    return dict([*_bids(), *_visit(), *_live(), *_front(), *_results(), *_memory(), *_highest()])


def _figure(value: float, unit: str, file: str, run: Mapping[str, Any], how: str) -> Figure:
    machine = run["machine"]
    words = f"{machine['cores']} cores, {machine['system']}"
    return {
        "value": float(f"{value:.4g}"),
        "unit": unit,
        "file": file,
        "commit": run["commit"],
        "machine": words,
        "how": how,
    }


def _run(name: str) -> Any:
    return read(RAW / name / "run.json")


def _bids() -> Iterator[tuple[str, Figure]]:
    how = "cpu_seconds of the part by the seconds of the turn, at 300 bids a second and in ten minutes at 603"
    for tier, part in PARTS.items():
        figure = _figure(0, "bids/s, cores", f"docs/load-report/{SLOW}, {STEADY}", _run("hot"), how)
        del figure["value"]
        yield f"bids_{tier}", {**figure, "points": [bid_points(SLOW, part), bid_points(STEADY, part)]}


def _visit() -> Iterator[tuple[str, Figure]]:
    file, visit = "docs/performance/visit.json", read(ROOT / "docs/performance/visit.json")
    for step in STEPS:
        for part in ("web", "database", "store"):
            value = visit["steps"][step][f"{part}_ms"]
            yield f"{part}_{step}_ms", _figure(value, "ms", file, visit, f"processor time of the step {step}")
    yield "store_board_ms", _figure(visit["board_read_store_ms"], "ms", file, visit, "one look at a board")
    few, many = visit["news"][0], visit["news"][-1]
    copy = (many["store_ms"] - few["store_ms"]) / (many["listeners"] - few["listeners"])
    yield "store_news_copy_ms", _figure(copy, "ms", file, visit, "one message more, of none and the most listeners")
    for name in ("store_bytes_a_bidder", "database_bytes_a_bid"):
        yield name, _figure(visit[name], "bytes", file, visit, "three bids each; rows with their keys")
    rate, cores = bid_points(STEADY, "web")
    served = 1000 * cores / rate - visit["steps"]["json_bid"]["web_ms"]
    how = "a bid of the endurance turn, less the same bid without gunicorn: serving one request"
    yield "web_request_ms", _figure(served, "ms", f"docs/load-report/{STEADY}, {file}", _run("hot"), how)


def _live() -> Iterator[tuple[str, Figure]]:
    file, live = "docs/performance/live.json", read(ROOT / "docs/performance/live.json")
    full, few = live["runs"][-1], live["runs"][0]
    ticks = full["frames"]["board"] / full["sockets"] / full["seconds"]
    values = {
        "live_sockets_a_process": (full["sockets"], "sockets", "the most that one process held, a core, 100 bids/s"),
        "live_socket_kb": (full["kb_per_socket"]["at_the_end"], "KB", "memory of the process by its sockets"),
        "live_frames_a_process": (ticks * full["sockets"], "boards/s", "boards that a full process sent a second"),
        "live_ticks_most": (few["ticks"] / few["seconds"], "boards/s", "boards a socket got in the emptiest run"),
        "board_bytes_small": (full["board_bytes"], "bytes", "a board of 20 seats"),
    }
    for name, (value, unit, how) in values.items():
        yield name, _figure(value, unit, file, live, how)
    sizes = read(ROOT / "docs/performance/sizes.json")
    largest = sizes["sizes"][-1]
    for name, key in (("board_bytes_large", "board_bytes"), ("page_bytes", "page_bytes")):
        yield name, _figure(largest[key], "bytes", "docs/performance/sizes.json", sizes, "of the largest auction")


def _front() -> Iterator[tuple[str, Figure]]:
    rate, cores = bid_points(STEADY, "nginx")
    file, hot, mixed = f"docs/load-report/{STEADY}", _run("hot"), _run("mixed")
    yield "nginx_request_ms", _figure(1000 * cores / rate, "ms", file, hot, "a bid that is handed on")
    _, frame = slope(mixed_points("nginx", MIXED_TURNS, "frames"))
    how = "least squares of processor time by seconds and frames, pages in it"
    yield "nginx_frame_ms", _figure(1000 * frame, "ms", f"docs/load-report/{MIXED_TURNS}", mixed, how)
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    found = re.search(r"^\| page, anybody, through nginx \| ([\d,]+)", page, re.MULTILINE)
    assert found
    most = 2 * 1000 / int(found[1].replace(",", ""))
    run = {"commit": "not stated", "machine": {"cores": 2, "system": "other work kept a load of 8"}}
    yield "nginx_page_ms", _figure(most, "ms", "docs/performance.md", run, "two cores by the pages a second: at most")
    weights = (ROOT / "tests/house/test_page_weight.py").read_text(encoding="utf-8")
    files = re.search(r'"auctions/show.html": ([\d_]+)', weights)
    assert files
    how = "files of the auction page, compressed: at most"
    yield "files_bytes", _figure(int(files[1]), "bytes", "tests/house/test_page_weight.py", run, how)


def _results() -> Iterator[tuple[str, Figure]]:
    facts = turn(HAMMER)["outcome_cpu"]
    for part in ("web", "nginx", "database"):
        value = 1000 * facts["seconds"][part] / facts["answered"]
        how = "processor time of reading the own outcome alone, less that of rest"
        yield f"{part}_outcome_ms", _figure(value, "ms", f"docs/load-report/{HAMMER}", _run("hammer"), how)


def _memory() -> Iterator[tuple[str, Figure]]:
    hot, mixed = (read(RAW / name / "architecture/system.json") for name in ("hot", "mixed"))
    file = "docs/load-report/hot/architecture/system.json"
    memory = hot["memory_mib"]
    values = {
        "process_mib": (memory["web"] / hot["webs"], "web processes by their number"),
        "store_base_mib": (memory["live store"], "the live store after all rates"),
        "database_base_mib": (memory["database"], "the database after all rates"),
    }
    for name, (value, how) in values.items():
        yield name, _figure(value, "MiB", file, _run("hot"), how)
    sockets = 0.9 * 3750
    more = (mixed["memory_mib"]["nginx"] - memory["nginx"]) * 1024 / (2 * sockets)
    file = "docs/load-report/mixed/architecture/system.json"
    how = "memory of nginx with sockets less that without, two connections a socket"
    yield "nginx_connection_kb", _figure(more, "KB", file, _run("mixed"), how)


def _highest() -> Iterator[tuple[str, Figure]]:
    """How far the measurements went."""
    facts = turn("hot/architecture/repeat-02/turn-02-rate-931")
    file = "docs/load-report/hot/architecture/repeat-02/turn-02-rate-931"
    rate = facts["ledger_bids"] / facts["seconds"]
    yield "measured_bids", _figure(rate, "bids/s", file, _run("hot"), "the highest rate that was held")
    facts = turn("mixed/architecture/turn-06-rate-3500")
    file = "docs/load-report/mixed/architecture/turn-06-rate-3500"
    yield "measured_sign_ins", _figure(facts["bid_rate"], "1/s", file, _run("mixed"), "the highest rate that was held")


def main() -> None:
    SHIPPED.write_text(json.dumps({"figures": figures()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
