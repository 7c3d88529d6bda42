"""What a report says of repeats and endurance: each knee, its spread, and many minutes at a share of it."""

from collections.abc import Sequence

from lab.load.circumstances import BUSY_LOAD
from lab.load.endurance import P99_MS_MAX, Minute, is_fast
from lab.load.figures import EnduranceFigures, SystemFigures
from lab.load.repeats import ratios, spread_of
from lab.load.report import tables
from lab.load.report.blocks import Block, Heading, Paragraph, TableBlock

REPEATS = (
    "The systems were measured in turns, each started from scratch for each repeat while nothing else of the lab ran: "
    "what the machine did meanwhile falls on all alike. The first repeat searches from a guess; each further one "
    "begins at the median so far and at the next rate above it, and steps up or down where these no longer hold and "
    "choke. The knee of a system is the median of its repeats. Ratios are those of medians; their range is that of the "
    "ratios of single repeats."
)
OTHER_WORK = f"Processor cores that other work took just before; above {BUSY_LOAD} a repeat is doubtful."


def blocks(systems: Sequence[SystemFigures]) -> list[Block]:
    """The parts on repeats and endurance; none where every system was measured once."""
    result: list[Block] = []
    if repeated := [each for each in systems if len(each.repeats) > 1]:
        result += [Heading("Repeats"), Paragraph(REPEATS), TableBlock(*knees(repeated))]
        result += [Paragraph(OTHER_WORK), TableBlock(*other_work(repeated))]
    if lasting := [(each, each.endurance) for each in systems if each.endurance]:
        result += [Heading("Endurance"), Paragraph(_rule(lasting)), TableBlock(*endurance(lasting))]
        result += [TableBlock(*_minutes(*each)) for each in lasting]
    return result


def ratio_ranges(ours: SystemFigures, systems: Sequence[SystemFigures]) -> dict[str, str]:
    """Over which range the ratio to each other system went from repeat to repeat, by title; only where there are
    repeats."""
    ranges = {}
    for each in systems:
        compared = ratios(ours.knees, each.knees)
        if each is not ours and compared and min(len(ours.repeats), len(each.repeats)) > 1:
            ranges[each.facts["title"]] = f"{compared[1]:.1f}–{compared[2]:.1f}"
    return ranges


def knees(systems: Sequence[SystemFigures]) -> tables.Table:
    """A row for each system: the knee of each repeat, the median, the lowest and the highest."""
    count = max(len(each.repeats) for each in systems)
    head = ("system", *(f"repeat {number}" for number in range(1, count + 1)), "median", "lowest", "highest")
    return head, [_knees(each, count) for each in systems]


def _knees(system: SystemFigures, count: int) -> tuple[str, ...]:
    rates = [each.held for each in system.knees] + [None] * (count - len(system.repeats))
    rates += [system.knee.held, *spread_of(system.knees)]
    return (system.facts["title"], *(tables.NONE if each is None else system.scenario.rate(each) for each in rates))


def other_work(systems: Sequence[SystemFigures]) -> tables.Table:
    """A row for each system: the processor cores of other work before each of its repeats."""
    count = max(len(each.repeats) for each in systems)
    head = ("system", *(f"repeat {number}" for number in range(1, count + 1)), "endurance")
    return head, [_other_work(each, count) for each in systems]


def _other_work(system: SystemFigures, count: int) -> tuple[str, ...]:
    cores = [each.other_work_cores for each in system.repeats] + [None] * (count - len(system.repeats))
    cores += [system.endurance.other_work_cores if system.endurance else None]
    return (system.facts["title"], *(tables.NONE if each is None else f"{each:.2f}" for each in cores))


Lasting = Sequence[tuple[SystemFigures, EnduranceFigures]]


def _rule(lasting: Lasting) -> str:
    seconds = max(figures.turn.turn.seconds for _, figures in lasting)
    return (
        f"Each system held a share of its median knee for {seconds:.0f} s. The times are those of bids alone; p99 "
        f"has to stay below {P99_MS_MAX:.0f} ms. Every promise was checked afterwards."
    )


def endurance(lasting: Lasting) -> tables.Table:
    """A row for each system: the rate, its share of the knee, the outcome, the waits for bids."""
    head = ("system", "rate", "of the knee", "outcome", "accepted", "errors", "p50", "p95", "p99", "longest")
    return (*head, f"p99 < {P99_MS_MAX:.0f} ms", "largest backlog", "client"), [_endurance(*each) for each in lasting]


def _endurance(system: SystemFigures, figures: EnduranceFigures) -> tuple[str, ...]:
    turn, bids, knee = figures.turn, figures.bids, system.knee.held
    times = (bids.p50_ms, bids.p95_ms, bids.p99_ms, bids.longest_ms)
    return (
        system.facts["title"],
        system.scenario.rate(turn.turn.rate),
        f"{turn.turn.rate / knee:.0%}" if knee else tables.NONE,
        f"choked: {', '.join(turn.choked)}" if turn.choked else "held",
        f"{turn.accepted:,} ({tables.rate(turn.accepted_per_second)})",
        tables.errors(turn.errors),
        *map(tables.ms, times),
        "yes" if is_fast(bids) else "no",
        f"{turn.backlog_max:,}",
        "client-bound: " + ", ".join(turn.client_bound) if turn.client_bound else f"{turn.turn.client_cpu_share:.0%}",
    )


def _minutes(system: SystemFigures, figures: EnduranceFigures) -> tables.Table:
    """A row for each minute of a system."""
    head = (f"{system.facts['title']}: minute", "bids", "errors", "p50", "p95", "p99", "largest backlog")
    return head, [_minute(each) for each in figures.minutes]


def _minute(minute: Minute) -> tuple[str, ...]:
    bids = minute.bids
    times = map(tables.ms, (bids.p50_ms, bids.p95_ms, bids.p99_ms))
    return (f"{minute.number}", f"{bids.count:,}", tables.errors(bids.errors), *times, f"{minute.backlog_max:,}")


def summary(system: SystemFigures) -> dict[str, object]:
    """The knees of the repeats and the endurance, for programs."""
    low, high = spread_of(system.knees)
    row: dict[str, object] = {"repeats": [each.held for each in system.knees], "lowest": low, "highest": high}
    if figures := system.endurance:
        bids, turn = figures.bids, figures.turn
        times = {f"{name}_ms": round(getattr(bids, f"{name}_ms"), 1) for name in ("p50", "p95", "p99")}
        row["endurance"] = {
            "rate": turn.turn.rate,
            "seconds": turn.turn.seconds,
            "held": not turn.choked,
            "accepted": turn.accepted,
            "errors": sum(turn.errors.values()),
            **times,
            "p99_below_50_ms": is_fast(bids),
            "backlog_max": turn.backlog_max,
        }
    return row
