"""What the shipped costs predict of published runs that they were not computed from, beside what was measured there.

    python -m lab.load.held_out

writes the table of docs/scaling.md anew. Rows are (what, predicted, measured, unit); the error is predicted by
measured, less one.
"""

from collections.abc import Iterator

from cashticket.capacity.costs import Costs, shipped
from cashticket.capacity.plan import highest_that_holds
from lab.load.figures import figures_of
from lab.load.raw import read_systems
from lab.load.unit_costs import PARTS, RAW, ROOT, STEADY, bid_points, mixed_points, slope, turn

Row = tuple[str, float, float, str]
SLOW_DISK, SERVERS = "hot-sync-1-ms", "slope"
RATES = ("turn-01-rate-300", "turn-02-rate-600")
"""Rates at which the two cores were not yet full."""

CORES = 2
PAGE = ROOT / "docs" / "scaling.md"
BEGINS, ENDS = "<!-- held out: begin -->", "<!-- held out: end -->"


def rows() -> list[Row]:
    """All predictions."""
    costs = shipped()
    return [*_slow_disk(costs), *_visits(costs), *_servers()]


def _slow_disk(costs: Costs) -> Iterator[Row]:
    for name in RATES:
        points = {tier: bid_points(f"{SLOW_DISK}/architecture/{name}", part) for tier, part in PARTS.items()}
        rate = points["web"][0]
        for tier, (_, cores) in points.items():
            yield f"{SLOW_DISK}, {rate:.0f} bids/s: {tier}", costs.bid_cores(tier, rate), cores, "cores"
        predicted, measured = (
            sum(costs.bid_cores(tier, rate) for tier in PARTS),
            sum(each[1] for each in points.values()),
        )
        yield f"{SLOW_DISK}, {rate:.0f} bids/s: together", predicted, measured, "cores"
    facts = turn(STEADY)
    client = facts["client"]["cpu_seconds"] / facts["ledger_bids"]
    full = highest_that_holds(
        lambda rate: sum(costs.bid_cores(tier, rate) for tier in PARTS) + client * rate <= CORES, 100_000
    )
    yield (
        f"{SLOW_DISK}: highest rate held by its 2 cores",
        float(full),
        float(_knee(SLOW_DISK, "architecture")),
        "bids/s",
    )


def _visits(costs: Costs) -> Iterator[Row]:
    """Of a visit the page itself comes from nginx; four requests and the bid reach a web process."""
    steps = ("form", "sign_in", "own_part", "review")
    slowest = costs.bids["web"][0][0]
    for part in ("web", "database", "live store"):
        bid = 1000 * costs.bid_cores(part, slowest) / slowest
        served = 4 * costs.value["web_request_ms"] if part == "web" else 0.0
        _, seconds = slope(mixed_points(part, "mixed/architecture/**", "visits"))
        name = "store" if part == "live store" else part
        predicted = sum(costs.value[f"{name}_{step}_ms"] for step in steps) + served + bid
        yield f"mixed, a bidder's whole visit: {part}", predicted, 1000 * seconds, "ms"


def _servers() -> Iterator[Row]:
    few = [_knee(SERVERS, f"servers-{webs}-web") / webs for webs in (1, 2)]
    yield "slope, 4 web servers, from 1 and 2", 4 * sum(few) / 2, float(_knee(SERVERS, "servers-4-web")), "bids/s"


def _knee(run: str, system: str) -> int:
    """The highest rate that was held, of several repeats the median as the report has it."""
    [raw] = read_systems(RAW / run, [system])
    held = figures_of(raw).knee.held
    assert held is not None, (run, system)
    return held


def table() -> str:
    """The rows as Markdown."""
    lines = ["| left out | predicted | measured | error |", "|---|---|---|---|"]
    for what, predicted, measured, unit in rows():
        error = predicted / measured - 1
        lines.append(f"| {what} | {_text(predicted, unit)} | {_text(measured, unit)} | {error:+.0%} |")
    return "\n".join(lines)


def _text(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if unit == "bids/s" else f"{value:,.2f} {unit}"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    PAGE.write_text(f"{before}{BEGINS}\n{table()}\n{ENDS}{rest.partition(ENDS)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
