"""Computes waits, fan-out times and missing alerts from what readers saw and when bids were accepted.

All moments are of the machine's monotonic clock. `readers` are the results of the reader processes, `bids` that of the
bidder.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

ReaderResults = list[dict[str, Any]]


def percentiles(counts: Mapping[int, int]) -> dict[str, int]:
    """p50, p99 and maximum of counted milliseconds."""
    total = sum(counts.values())
    figures: dict[str, int] = {}
    below = 0
    for value in sorted(counts):
        below += counts[value]
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            if name not in figures and below >= share * total:
                figures[name] = value
    return {**figures, "most": max(counts, default=0)}


def of_values(values: Iterable[float]) -> dict[str, int]:
    """p50, p99 and maximum of single values in milliseconds."""
    return percentiles(Counter(round(each) for each in values))


def moments(bids: dict[str, Any]) -> dict[int, float]:
    """Version → when its bid was answered, in milliseconds."""
    answered = dict(bids["accepted"])
    return {version: answered[sequence] * 1000 for version, sequence, *_ in bids["news"] if sequence in answered}


def board_waits(readers: ReaderResults, answered_ms: Mapping[int, float]) -> tuple[dict[str, int], dict[str, int]]:
    """Milliseconds from a bid's answer to the first board that shows it, over all bids and sockets.

    Returns two figures: over every bid, and counting for each board only the newest bid it shows.
    """
    every: Counter[int] = Counter()
    newest: Counter[int] = Counter()
    for reader in readers:
        for before, now, times in reader["boards"]:
            shown = [answered_ms[each] for each in range(before + 1, now + 1) if each in answered_ms] if before else []
            for arrived, count in times:
                for answered in shown:
                    every[round(arrived - answered)] += count
                if shown:
                    newest[round(arrived - shown[-1])] += count
    return percentiles(every), percentiles(newest)


def fan_outs(readers: ReaderResults, sockets: int, versions: Iterable[int]) -> list[float]:
    """Milliseconds from the first to the last socket, for each board that reached all of them."""
    merged: dict[int, list[float]] = {}
    for reader in readers:
        for version, first, last, count in reader["spread"]:
            reach = merged.setdefault(version, [first, last, 0])
            reach[:] = min(reach[0], first), max(reach[1], last), reach[2] + count
    wanted = set(versions)
    return [
        (last - first) * 1000
        for version, (first, last, count) in merged.items()
        if version in wanted and count == sockets
    ]


def alerts(readers: ReaderResults, bids: dict[str, Any], watching: set[int]) -> dict[str, Any]:
    """Number of alerts due, missing, doubled and unexpected, and how long they took in milliseconds."""
    answered = dict(bids["accepted"])
    due = {(person, sequence) for _, sequence, person, alert in bids["news"] if alert and person in watching}
    came = [(person, sequence, moment) for reader in readers for person, sequence, moment in reader["alerts"]]
    counted = Counter((person, sequence) for person, sequence, _ in came)
    return {
        "due": len(due),
        "missing": len(due - counted.keys()),
        "doubled": sum(count - 1 for count in counted.values()),
        "unexpected": len(counted.keys() - due),
        **of_values((moment - answered[sequence]) * 1000 for _, sequence, moment in came if sequence in answered),
    }


def total(readers: ReaderResults, what: str) -> dict[str, int]:
    """Counts of all readers added up."""
    together: Counter[str] = Counter()
    for reader in readers:
        together.update(reader[what])
    return dict(together)


def behind(readers: ReaderResults, version: int) -> int:
    """Number of open sockets that have not seen the last version."""
    return sum(count for reader in readers for seen, count in reader["last_boards"].items() if int(seen) < version)


def median_run(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run with the median fan-out ratio, with the ratios of all; the first wrong run if there is one."""
    if wrong := [run for run in runs if run["wrong"] or run["fan_out_ratio"] is None]:
        return wrong[0]
    ordered = sorted(runs, key=lambda run: float(run["fan_out_ratio"]))
    return ordered[len(ordered) // 2] | {"fan_out_ratios": [run["fan_out_ratio"] for run in ordered]}
