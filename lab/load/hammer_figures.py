"""The figures of the end of a large auction, from raw files, and what the yardstick of size demands of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.load.raw import Answer
from lab.load.waits import percentile

BIDDERS, SEATS, BIDS_A_SECOND = 150_000, 2_000, 600
"""The size at which the demands count."""
SETTLED_S_MAX = 60.0
READS_A_SECOND_MIN, READS_P99_MS_MAX = 1_000.0, 500.0
OUTCOME_CPU_MS_MAX = 1.2
BIDS_P99_MS_MIN, BIDS_P99_TIMES_MAX = 60.0, 1.5
CHECK_S_MAX = 60.0
STARTING_SECONDS = 2
"""Bids of these first seconds do not count: connections start in them."""
PAGE, NOT_YET = 200, 302
"""The answer with a page, and the one that leads to the auction while there is no result."""


@dataclass(frozen=True, slots=True)
class HammerFigures:
    """What happened at the end of a large auction. Seconds count from its end; `first_result_s` is None when no result
    was read. Reads count from the first result on, `early` ones before it. Waits in ms, of bids in the other auction:
    before the end, until the settlement, and after it. `outcome_cpu_ms` is web processor time of one read of the own
    outcome."""

    bidders: int
    seats: int
    bid_rate: int
    reads: int
    first_result_s: float | None
    settled_s: float
    early: int
    early_errors: int
    reads_per_second: float
    reads_p99_ms: float
    read_errors: int
    quiet_p99_ms: float
    settling_p99_ms: float
    reading_p99_ms: float
    bid_errors: int
    outcome_cpu_ms: float
    check_s: float

    @property
    def is_of_size(self) -> bool:
        """Whether it was as large as the demands say."""
        return self.bidders >= BIDDERS and self.seats >= SEATS and self.bid_rate >= BIDS_A_SECOND

    @property
    def bids_p99_ms_max(self) -> float:
        """What the bids in the other auction may wait while the result is read."""
        return max(BIDS_P99_MS_MIN, BIDS_P99_TIMES_MAX * self.quiet_p99_ms)


@dataclass(frozen=True, slots=True)
class Demand:
    """A figure that the yardstick of size demands. `met` None: nothing is demanded of it."""

    name: str
    demanded: str
    measured: str
    met: bool | None


def hammer_figures(facts: dict[str, Any], answers: Sequence[Answer]) -> HammerFigures:
    """The figures of turn.json and of answers with their times as k6 wrote them, or counted from the first one."""
    # In published files the answers are timed from the first one on, the facts as they were.
    shift = facts["first_sent_ms"] - min(answer.sent_ms for answer in answers)
    end, settled = facts["ends_at_ms"] - shift, facts["settled_ms"] - shift
    reads = [each for each in answers if each.journey == "read"]
    first = min((each.answered_ms for each in reads if each.status == PAGE and "page" in each.kind), default=None)
    after = [each for each in reads if first is not None and each.sent_ms >= first]
    early = [each for each in reads if first is None or each.sent_ms < first]
    seconds = (max(each.sent_ms for each in after) - first) / 1000 if after and first is not None else 0.0
    begin = min(answer.sent_ms for answer in answers) + STARTING_SECONDS * 1000
    cost = facts["outcome_cpu"]
    return HammerFigures(
        bidders=facts["bidders"],
        seats=facts["seats"],
        bid_rate=facts["bid_rate"],
        reads=facts["reads"],
        first_result_s=None if first is None else (first - end) / 1000,
        settled_s=(settled - end) / 1000,
        early=len(early),
        early_errors=sum(each.status not in (PAGE, NOT_YET) for each in early),
        reads_per_second=sum(each.status == PAGE for each in after) / seconds if seconds else 0.0,
        reads_p99_ms=_p99(after, 0, float("inf")),
        read_errors=sum(each.status != PAGE for each in after),
        quiet_p99_ms=_p99_of_other(answers, begin, end),
        settling_p99_ms=_p99_of_other(answers, end, settled),
        reading_p99_ms=_p99_of_other(answers, settled, float("inf")),
        bid_errors=sum(each.is_error for each in answers if each.is_bid),
        outcome_cpu_ms=cost["seconds"]["web"] * 1000 / cost["answered"] if cost["answered"] else 0.0,
        check_s=facts["check_seconds"],
    )


def _p99_of_other(answers: Sequence[Answer], begin: float, end: float) -> float:
    return _p99([each for each in answers if each.journey == "other"], begin, end)


def _p99(answers: Sequence[Answer], begin: float, end: float) -> float:
    return percentile(sorted(each.waited_ms for each in answers if begin <= each.sent_ms < end), 0.99)


def demands(figures: HammerFigures) -> list[Demand]:
    """Each figure that is demanded, and whether it was met; the size is a demand of its own."""
    first = "no result" if figures.first_result_s is None else f"{figures.first_result_s:.1f} s"
    errors = figures.early_errors + figures.read_errors + figures.bid_errors
    reached = figures.reads_per_second >= 0.98 * READS_A_SECOND_MIN and figures.reads_p99_ms <= READS_P99_MS_MAX
    size = f"{figures.bidders:,} bidders, {figures.seats:,} seats, {figures.bid_rate:,} bids/s in the other auction"
    bids = f"{figures.reading_p99_ms:.0f} ms ({figures.quiet_p99_ms:.0f} quiet, {figures.settling_p99_ms:.0f} settling)"
    return [
        Demand(
            "size",
            f"{BIDDERS:,} bidders, {SEATS:,} seats, {BIDS_A_SECOND:,} bids/s",
            size,
            figures.is_of_size,
        ),
        Demand("first result after the end", "–", first, None),
        Demand(
            "settled after the end",
            f"≤ {SETTLED_S_MAX:.0f} s",
            f"{figures.settled_s:.1f} s",
            figures.settled_s <= SETTLED_S_MAX,
        ),
        Demand(
            "reads of the result",
            f"≥ {READS_A_SECOND_MIN:,.0f}/s, p99 ≤ {READS_P99_MS_MAX:.0f} ms",
            f"{figures.reads_per_second:,.0f}/s of {figures.reads:,}/s, p99 {figures.reads_p99_ms:,.0f} ms",
            reached,
        ),
        Demand(
            "processor time of reading the own outcome",
            f"≤ {OUTCOME_CPU_MS_MAX} ms",
            f"{figures.outcome_cpu_ms:.2f} ms",
            figures.outcome_cpu_ms <= OUTCOME_CPU_MS_MAX,
        ),
        Demand(
            "p99 of bids in the other auction while the result is read",
            f"≤ {figures.bids_p99_ms_max:.0f} ms ({BIDS_P99_TIMES_MAX:g} × quiet, at least {BIDS_P99_MS_MIN:.0f} ms)",
            bids,
            figures.reading_p99_ms <= figures.bids_p99_ms_max,
        ),
        Demand("errors", "0", f"{errors:,}", errors == 0),
        Demand(
            "whole check of the auction",
            f"≤ {CHECK_S_MAX:.0f} s",
            f"{figures.check_s:.1f} s",
            figures.check_s <= CHECK_S_MAX,
        ),
    ]
