"""What got worse in this architecture against a single server: numbers from raw files, the rest stated plainly."""

from collections.abc import Sequence

from lab.load.figures import SystemFigures, TurnFigures
from lab.load.kinds import FRAME
from lab.load.report.blocks import Block, Heading, Items, Paragraph, TableBlock
from lab.load.report.overview import OURS
from lab.load.report.runs import PublishedRun
from lab.load.scenarios import HOT, MIXED

SINGLE = "row-lock"
HEAD = ("what", "one server, row lock", "this architecture", "")
SAME = "no worse here"
POLLED = "up to 2 s: it asks so often"
INTRODUCTION = "Measured in scenario hot, what pages show in scenario mixed. A cell is empty where it was not measured."
STATED = """\
Two places hold the truth for a while: the live store decides, the database follows. They must be compared all the \
time, and an operator has to know what to do when they differ; with one database there is nothing to compare.
When the live store is away nobody can bid, and when the database is away bids are taken but not recorded: two kinds \
of failure instead of one.
The live store needs a disk that syncs, memory for every bid that stands, and a backup of its own.
A page for people who are not signed in may be a second old: nginx keeps it for so long.
More programs have to be installed, watched and updated, and each has settings that must fit the others."""


def blocks(runs: Sequence[PublishedRun]) -> list[Block]:
    """The table of what got worse, if `hot` was published with both, and what no number says."""
    rows = [*_rows_of(_pair(runs, HOT.name)), *_pages(_pair(runs, MIXED.name))]
    result: list[Block] = [Heading("What got worse")]
    result += [Paragraph(INTRODUCTION), TableBlock(HEAD, rows, "text")] if rows else []
    return [*result, Items(STATED.splitlines())]


def _pair(runs: Sequence[PublishedRun], name: str) -> tuple[SystemFigures, SystemFigures] | None:
    """The single server and this architecture of one run, if both held a rate."""
    for run in runs:
        systems = {each.name: each for each in run.systems if each.best}
        if run.name == name and SINGLE in systems and OURS in systems:
            return systems[SINGLE], systems[OURS]
    return None


def _rows_of(pair: tuple[SystemFigures, SystemFigures] | None) -> list[tuple[str, ...]]:
    if pair is None:
        return []
    best = [turn for each in pair if (turn := each.best)]
    rows = [_row("kinds of programs that use processor time", [len(turn.cpu_ms) for turn in best], "{:.0f}")]
    quiet = _at_their_lowest_common_rate(*pair)
    if quiet:
        rate = pair[0].scenario.rate(quiet[0].turn.rate)
        rows.append(
            _row(f"median wait of a bid at {rate}, the lowest rate of both", [t.p50_ms for t in quiet], "{:.1f} ms")
        )
    late = [turn.recorded_after_s for turn in best]
    rows.append(_row("last accepted bid in the database after the last answer", late, "{:.1f} s"))
    rows.append(_row("most accepted bids that waited for the database", [turn.backlog_max for turn in best], "{:,.0f}"))
    rows.append(_row("processor time per accepted bid", [sum(turn.cpu_ms.values()) for turn in best], "{:.2f} ms"))
    memory = [sum(each.facts["memory_mib"].values()) for each in pair if "memory_mib" in each.facts]
    return [*rows, *([_row("memory after the last rate", memory, "{:,.0f} MiB")] if len(memory) == 2 else [])]


def _at_their_lowest_common_rate(one: SystemFigures, ours: SystemFigures) -> tuple[TurnFigures, TurnFigures] | None:
    """The turns of the lowest rate that both were driven with."""
    turns = {turn.turn.rate: turn for turn in ours.turns}
    return next(((turn, turns[turn.turn.rate]) for turn in one.turns if turn.turn.rate in turns), None)


def _pages(pair: tuple[SystemFigures, SystemFigures] | None) -> list[tuple[str, ...]]:
    """How old what a socket brings is, against the pages that ask every two seconds."""
    best = pair[1].best if pair else None
    frames = next((each for each in best.steps if each.name == FRAME), None) if best else None
    if frames is None:
        return []
    return [("age of what an open page shows, at the knee", POLLED, f"median {frames.p50_ms:.0f} ms, by socket", "")]


def _row(what: str, values: Sequence[float], form: str) -> tuple[str, ...]:
    one, ours = values
    is_same = form.format(one) == form.format(ours) or ours < one
    times = SAME if is_same else f"{ours / one:.1f} ×" if one else "more"
    return (what, form.format(one), form.format(ours), times)
