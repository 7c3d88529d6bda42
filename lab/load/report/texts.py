"""What a report says beside its figures."""

from collections.abc import Sequence
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.knee import CLIENT_CPU_SHARE_MAX, ERROR_SHARE_MAX, P95_MS_MAX, RISING_SECONDS
from lab.load.report import repeats, slope, tables
from lab.load.scenarios import HOT
from lab.load.systems import ARCHITECTURE

TITLE = "Load report: one server against this architecture"
RULE = (
    f"A rate is held unless p95 is above {P95_MS_MAX:.0f} ms, more than {ERROR_SHARE_MAX:.0%} of the answers are "
    f"errors, or the backlog rises for {RISING_SECONDS:.0f} s (in a shorter turn: for the whole turn). The knee is the "
    "highest rate that was held. Refused bids are neither errors nor throughput; accepted bids are counted in the "
    "ledger, not at the client."
)
CLIENT = (
    "The client is k6 at fixed arrival rates: a request is sent when it is due, whether or not earlier answers came. "
    "Waiting for a connection counts. A turn whose client dropped requests or used more than "
    f"{CLIENT_CPU_SHARE_MAX:.0%} of its processor time says client-bound."
)
BUSY = "Other work took the processors before this run, so its figures are no capacity and compare nothing."
AT_EACH_COMMIT = (
    "In every system an accepted bid is on the disk before it is answered, so that a power cut loses none. These are "
    "the settings that decide it, read from the running servers."
)
ONCE_A_SECOND = (
    "The database of every system syncs its log once a second here, not before each commit is answered "
    "(innodb_flush_log_at_trx_commit=2). When its machine loses power or its system crashes, about a second of commits "
    "is lost; the end of the database's process alone loses none. A system that decides in the database loses these "
    "bids although they were answered as accepted, and gives their numbers to other bids. In this architecture an "
    "accepted bid is in the log of the live store, synced before the answer, and the live store keeps its place and "
    "its answer. But a drain trims the waiting list once the rows are committed, so nothing there writes the lost rows "
    "again: the fence goes back with them, the check pauses bidding (unsound), recording of that auction stops and "
    "nothing is settled. An operator rebuilds the auction; bids that no witness still holds are given up as a row that "
    "everybody sees. So these bids are lost in every system. A product's installation with this setting is warned of "
    "by /readyz and the watch. These are the settings, read from the running servers."
)
VISITS = (
    "Each kind of visit is judged by itself, and the slowest one's times stand in the tables. What a socket brings is "
    "timed from the moment at which the live store was read to its arrival. A socket that ends, or is silent for 3 s, "
    "is an error."
)
LIMITS = (
    "Client, servers and databases share the cores of one machine, so the figures compare systems with each other; "
    "they say nothing about larger machines. Network and disks are those of one machine too."
)


def durability(run: dict[str, Any]) -> str:
    """What a power cut costs with the settings of a run."""
    return AT_EACH_COMMIT if tables.flush_of(run) == "commit" else ONCE_A_SECOND


def parts(system: SystemFigures) -> str:
    """What a system consists of, as a sentence."""
    return f"Parts: {system.facts['parts']}."


def conclusion(run: dict[str, Any], systems: Sequence[SystemFigures]) -> tuple[str, str]:
    """The result in one or two sentences, in English and Korean, with the disk if it was a slow one and
    with what a power cut loses."""
    english, korean = slope.conclusion(systems) if slope.has_servers(systems) else _compared(systems)
    if least := tables.sync_ms_of(run):
        english += f" Each disk sync of database and stores takes at least {least:g} ms."
        korean += f" 데이터베이스와 저장소의 디스크 동기화는 매번 {least:g}ms 이상 걸립니다."
    if tables.flush_of(run) == "second":
        english += " The database syncs its log only once a second, so a power cut loses accepted bids."
        korean += " 데이터베이스는 로그를 1초에 한 번만 디스크에 쓰므로, 정전이 되면 접수된 입찰을 잃습니다."
    return english, korean


def _compared(systems: Sequence[SystemFigures]) -> tuple[str, str]:
    ours = next((each for each in systems if each.name == ARCHITECTURE.name), None)
    if ours is None or ours.knee.held is None:
        return "This run found no knee of this architecture.", "이번 측정에서는 이 구조의 한계를 찾지 못했습니다."
    scenario = ours.scenario
    english = f"{scenario.english}, this architecture holds {ours.knee.held:,} {scenario.unit} here"
    rate = scenario.korean_rate.format(rate=f"{ours.knee.held:,}")
    korean = f"{scenario.korean} 이 구조는 이 컴퓨터에서 {rate} 감당합니다"
    compared, ranges = tables.ratios(systems), repeats.ratio_ranges(ours, systems)
    if not compared:
        return f"{english}.", f"{korean}."
    spans = {title: f" ({ranges[title]})" if title in ranges else "" for title, _ in compared}
    named = "; ".join(f"{ratio} the rate of “{title}”{spans[title]}" for title, ratio in compared)
    named_korean = ", ".join(f"“{title}”의 {ratio.replace(' ×', '배')}{spans[title]}" for title, ratio in compared)
    return f"{english}: {named}.", f"{korean}({named_korean})."


def cost_of(systems: Sequence[SystemFigures]) -> str:
    """What processor time is divided by."""
    return systems[0].scenario.cost_of if systems else HOT.cost_of


def method(systems: Sequence[SystemFigures]) -> tuple[str, ...]:
    """How it was measured, a paragraph each."""
    has_visits = any(not each.scenario.counts_bids for each in systems)
    notes = list(dict.fromkeys(each.scenario.note for each in systems if each.scenario.note))
    return RULE, CLIENT, *((VISITS,) if has_visits else ()), *notes, LIMITS


def heading(run: dict[str, Any]) -> str:
    """The heading of a run's part in the published report."""
    least = tables.sync_ms_of(run)
    parts = [f"Scenario {run['scenario']}", *([f"a disk sync takes at least {least:g} ms"] if least else [])]
    return ", ".join([*parts, *(["the database syncs once a second"] if tables.flush_of(run) == "second" else [])])


def again(run: dict[str, Any]) -> str:
    """How to measure a run again."""
    least = tables.sync_ms_of(run)
    options = f" --sync-ms {least:g}" if least else ""
    options += f" --database-flush {tables.flush_of(run)}" if tables.flush_of(run) != "commit" else ""
    return f"Measured by `flask lab run {run['scenario']}{options} --publish`."
