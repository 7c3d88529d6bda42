"""The tables of a report as rows of text, for the page and for Markdown."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from lab.load.circumstances import other_work_of
from lab.load.durability import FLUSHES
from lab.load.figures import SystemFigures, TurnFigures
from lab.load.kinds import BID, NEWS, STATUS_NAMES
from lab.load.repeats import spread_text
from lab.load.schedule import held_text
from lab.load.systems import ARCHITECTURE, SYNCHRONOUS, SYSTEMS
from lab.load.waits import Waits

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]

NONE = "–"
IN_BOTH = "the bid in the log of the live store, and its committed row"
IN_THE_STORE = "the bid in the log of the live store; the row in the database follows"
IN_THE_DATABASE = "the bid as a committed row of the database"
WITHIN_A_SECOND = "nothing; the committed row is there within about a second"
FLUSH_TEXTS = {"commit": "before each commit is answered", "second": "once a second"}


def knees(systems: Sequence[SystemFigures]) -> Table:
    """A row for each system: its knee, and what it did at the highest rate that it held."""
    counted = "accepted" if _counts_bids(systems) else "answers"
    head = ("system", "holds", "chokes at", f"{counted} a second (TPS)", "mean", "p50", "p95", "p99", "note")
    return head, [_knee(each) for each in systems]


def _knee(system: SystemFigures) -> tuple[str, ...]:
    best = system.best
    times = [ms(value) for value in (best.mean_ms, best.p50_ms, best.p95_ms, best.p99_ms)] if best else [NONE] * 4
    tps = rate(_counted(system, best)[1]) if best else NONE
    knee = [NONE if each is None else system.scenario.rate(each) for each in (system.knee.held, system.knee.choked)]
    notes = [f"median; {spread_text(system.knees)}"] if len(system.repeats) > 1 else []
    notes += ["client-bound: the system may hold more"] if system.knee.client_bound else []
    for each in (each for each in (best.journeys if best else []) if each.name == NEWS):
        notes.append(f"news: p50 {ms(each.p50_ms)}, p95 {ms(each.p95_ms)}")
    return (system.facts["title"], *knee, tps, *times, "; ".join(notes))


def ratios(systems: Sequence[SystemFigures]) -> list[tuple[str, str]]:
    """How the knee of this architecture compares with each single server: (its title, ratio)."""
    held = {each.name: each.knee.held for each in systems}
    ours = held.get(ARCHITECTURE.name)
    return [
        (each.facts["title"], f"{ours / each.knee.held:.1f} ×")
        for each in systems
        if ours and each.knee.held and each.name in SYSTEMS and each.name != ARCHITECTURE.name
    ]


def turns(system: SystemFigures) -> Table:
    """A row for each rate that a system was driven with."""
    counted = "accepted" if system.scenario.counts_bids else "answers"
    head = ("rate", "outcome", f"{counted} (TPS)", "refused", "errors", "mean", "p50", "p95", "p99", "longest")
    return (*head, "recorded after", "largest backlog", "client"), [_turn(system, each) for each in system.turns]


def _turn(system: SystemFigures, figures: TurnFigures) -> tuple[str, ...]:
    count, tps = _counted(system, figures)
    times = (figures.mean_ms, figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.longest_ms)
    return (
        system.scenario.rate(figures.turn.rate),
        f"choked: {', '.join(figures.choked)}" if figures.choked else "held",
        f"{count:,} ({rate(tps)})",
        f"{figures.refused:,}",
        errors(figures.errors),
        *map(ms, times),
        f"{figures.recorded_after_s:.1f} s",
        f"{figures.backlog_max:,}",
        "client-bound: " + ", ".join(figures.client_bound)
        if figures.client_bound
        else f"{figures.turn.client_cpu_share:.0%}",
    )


def _counted(system: SystemFigures, figures: TurnFigures) -> tuple[int, float]:
    """What counts as throughput in this scenario, and how much of it a second."""
    if system.scenario.counts_bids:
        return figures.accepted, figures.accepted_per_second
    return figures.answered, figures.answered_per_second


def _counts_bids(systems: Sequence[SystemFigures]) -> bool:
    return all(each.scenario.counts_bids for each in systems)


def errors(by_status: dict[int, int]) -> str:
    """How many answers had which status."""
    return ", ".join(f"{count:,} × {STATUS_NAMES.get(each, each)}" for each, count in sorted(by_status.items())) or "0"


def visits(system: SystemFigures) -> Table:
    """A row for each kind of visit at each rate, and for each of its steps at the highest rate that was held. Empty for
    a scenario of bids alone."""
    head = ("rate", "visit", "answers", "errors", "mean", "p50", "p95", "p99", "longest")
    if all(each.name == BID for turn in system.turns for each in turn.steps):
        return head, []
    rows = [(turn, each) for turn in system.turns for each in turn.journeys]
    rows += [(system.best, each) for each in system.best.steps] if system.best else []
    return head, [(system.scenario.rate(turn.turn.rate), *_waits(each)) for turn, each in rows]


def _waits(waits: Waits) -> tuple[str, ...]:
    times = (waits.mean_ms, waits.p50_ms, waits.p95_ms, waits.p99_ms, waits.longest_ms)
    return (waits.name, f"{waits.count:,}", errors(waits.errors), *map(ms, times))


def processor_time(systems: Sequence[SystemFigures]) -> Table:
    """A row for each system: processor time per what its scenario counts at the highest rate that it held, by part."""
    measured = [(each, each.best) for each in systems]
    parts = list(dict.fromkeys(chain.from_iterable(best.cpu_ms for _, best in measured if best)))
    rows = []
    for each, best in measured:
        used = best.cpu_ms if best else {}
        cells = [cpu(used[part]) if part in used else NONE for part in parts]
        rows.append((each.facts["title"], *cells, cpu(sum(used.values())) if used else NONE))
    return ("system", *parts, "together"), rows


def circumstances(run: dict[str, Any]) -> list[tuple[str, str]]:
    """Under which circumstances the run was measured: (name, value)."""
    machine, settings = run["machine"], run["settings"]
    rows = [
        ("scenario", run["scenario"]),
        ("began", run["began_at"]),
        ("commit", run["commit"]),
        ("processor cores that other work took before it", str(other_work_of(run))),
        ("machine", f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in run["versions"].items())),
        ("sync of the disk", disk(run)),
        ("the database syncs its log", FLUSH_TEXTS[flush_of(run)]),
    ]
    if "seconds" in settings:
        rows.insert(-2, ("each rate", f"{held_text(settings)}; knee within {settings['precision']:.0%}"))
    return rows


def for_programs(run: dict[str, Any]) -> dict[str, Any]:
    """Under which circumstances the run was measured, for programs."""
    named = ("scenario", "settings", "commit", "machine", "versions")
    return {name: run[name] for name in named} | {name: run.get(name) for name in ("load_before", "disk_sync_ms")}


def disk(run: dict[str, Any]) -> str:
    """How long a sync takes on the disk of this machine, and of the database and the stores."""
    measured, least = run.get("disk_sync_ms"), sync_ms_of(run)
    here = "not measured" if measured is None else f"{measured:.2f} ms here (median before the run)"
    return f"{here}; at least {least:g} ms for database and stores" if least else f"{here}, for database and stores too"


def sync_ms_of(run: dict[str, Any]) -> float:
    """How long a sync of the database's and the stores' disk took at least by the settings; 0: as long as it takes."""
    return float(run["settings"].get("sync_ms", 0.0))


def flush_of(run: dict[str, Any]) -> str:
    """When the database synced its log by the settings (`lab.load.durability.FLUSHES`)."""
    return str(run["settings"].get("database_flush", "commit"))


def durability(systems: Sequence[SystemFigures]) -> Table:
    """A row for each system: what is on the disk before a bid is answered, by the settings of its running servers."""
    return ("system", "on the disk before the answer", "MariaDB", "live store"), [_durability(each) for each in systems]


def _durability(system: SystemFigures) -> tuple[str, ...]:
    settings = system.facts.get("durability", {})
    flush_log = settings.get("MariaDB", {}).get("innodb_flush_log_at_trx_commit")
    in_the_database = WITHIN_A_SECOND if flush_log == str(FLUSHES["second"]) else IN_THE_DATABASE
    cells = [
        ", ".join(f"{name}={value}" for name, value in settings.get(server, {}).items()) or NONE
        for server in ("MariaDB", "live store")
    ]
    if system.facts.get("engine") == SYNCHRONOUS.engine:
        return (system.facts["title"], IN_BOTH if in_the_database == IN_THE_DATABASE else IN_THE_STORE, *cells)
    return (system.facts["title"], IN_THE_STORE if system.facts["drains"] else in_the_database, *cells)


def violations(systems: Sequence[SystemFigures]) -> list[str]:
    """Every broken promise, with its system and rate."""
    return [
        f"{each.name} at {each.scenario.rate(turn.turn.rate)}: {text}"
        for each in systems
        for turn in each.all_turns
        for text in turn.violations
    ]


def ms(value: float) -> str:
    """Milliseconds: one digit after the point below 10."""
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


def cpu(value: float) -> str:
    """Processor milliseconds with two digits after the point."""
    return f"{value:.2f} ms"


def rate(value: float) -> str:
    """A number a second."""
    return f"{value:,.0f}/s"
