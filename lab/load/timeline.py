"""The figures of a course: what happened in each second, and how long it disturbed.

Pure functions. Seconds are counted from the first request; a second holds the requests that were sent in it.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.load import ledger_file
from lab.load.knee import ERROR_SHARE_MAX
from lab.load.raw import ACCEPTED, BID, REFUSED, REPLAYED, Answer
from lab.load.waits import percentile

P95_TIMES_MAX, P95_MS_MIN = 2.0, 100.0
"""A second is normal while its p95 is at most so many times the usual one, and always below so many ms."""
NORMAL_SECONDS = 3.0
"""All must be normal for so long to count as normal again."""


@dataclass(frozen=True, slots=True)
class Second:
    """The requests that were sent in one second. `waiting`: accepted bids that waited for the ledger, at most; None
    where nobody looked."""

    start_s: int
    sent: int
    accepted: int
    refused: int
    errors: int
    p95_ms: float
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, from when to when. Both are the same for a killed process."""

    name: str
    began_s: float
    ended_s: float


@dataclass(frozen=True, slots=True)
class EventFigures:
    """One event. `sent` are the bids sent while it lasted, `accepted` those of them accepted meanwhile. `normal_s`
    and `backlog_normal_s` are seconds from its end until p95 and errors, and the backlog, were normal; None: not before
    the next event or the end. `recorded_s` are seconds from its end until every bid accepted until then was in the
    ledger. `errors` and `backlog_max` count from its begin to the next event."""

    event: Event
    sent: int
    accepted: int
    errors: int
    normal_s: float | None
    backlog_max: int
    backlog_normal_s: float | None
    recorded_s: float | None

    @property
    def taken_share(self) -> float | None:
        """Share of the bids sent meanwhile that were accepted; None for an event without duration."""
        return self.accepted / self.sent if self.sent else None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of a course: answers, seconds, and looks at the backlog as (seconds, accepted bids, those of them
    that wait for the ledger)."""

    rate: int
    began_ms: int
    answers: Sequence[Answer]
    seconds: Sequence[Second]
    looks: Sequence[tuple[float, int, int]]

    def at_s(self, answer: Answer) -> float:
        """When its request was sent, in seconds after the first one."""
        return (answer.sent_ms - self.began_ms) / 1000

    def answered_s(self, answer: Answer) -> float:
        """When its answer came, in seconds after the first request."""
        return (answer.answered_ms - self.began_ms) / 1000


def seconds_of(answers: Iterable[Answer], began_ms: int, looks: Sequence[tuple[float, int]]) -> list[Second]:
    """Every second from the first request to the last one, those without requests too."""
    sent: dict[int, list[Answer]] = {}
    for answer in answers:
        sent.setdefault((answer.sent_ms - began_ms) // 1000, []).append(answer)
    waiting: dict[int, int] = {}
    for at, count in looks:
        waiting[int(at)] = max(count, waiting.get(int(at), 0))
    return [_second(start, sent.get(start, []), waiting.get(start)) for start in range(max(sent, default=-1) + 1)]


def _second(start: int, answers: Sequence[Answer], waiting: int | None) -> Second:
    return Second(
        start_s=start,
        sent=len(answers),
        accepted=sum(answer.status in (ACCEPTED, REPLAYED) for answer in answers),
        refused=sum(answer.status == REFUSED for answer in answers),
        errors=sum(answer.is_error for answer in answers),
        p95_ms=percentile(sorted(answer.waited_ms for answer in answers), 0.95),
        waiting=waiting,
    )


def usual_p95_ms(seconds: Sequence[Second], events: Sequence[Event]) -> float:
    """Median of the p95 of the seconds before the first event, without the first second: connections start in it."""
    first = min((event.began_s for event in events), default=float("inf"))
    usual = [second.p95_ms for second in seconds[1:] if second.start_s + 1 <= first]
    return statistics.median(usual) if usual else 0.0


def is_normal(second: Second, usual_ms: float) -> bool:
    """Whether bids were answered in this second as before."""
    limit = max(P95_MS_MIN, P95_TIMES_MAX * usual_ms)
    return second.sent > 0 and second.errors <= ERROR_SHARE_MAX * second.sent and second.p95_ms <= limit


def normal_again(moments: Sequence[tuple[float, bool]], since_s: float, until_s: float) -> float | None:
    """Seconds from `since_s` until all was normal for NORMAL_SECONDS; 0 when it never was otherwise, None when it was
    not before `until_s`. `moments` say in ascending order whether all is normal from one to the next."""
    held = [(at, normal) for at, normal in moments if int(since_s) <= at < until_s]
    for start, _ in held:
        window = [normal for at, normal in held if start <= at < start + NORMAL_SECONDS]
        if start + NORMAL_SECONDS <= until_s and all(window):
            return max(0.0, start - since_s)
    return None


def events_of(observed: Observed, events: Sequence[Event]) -> list[EventFigures]:
    """The figures of each event, up to the next one."""
    ends = [*(event.began_s for event in events[1:]), float(len(observed.seconds))] if events else []
    usual = usual_p95_ms(observed.seconds, events)
    limit = max(
        [observed.rate, *(waiting for at, _, waiting in observed.looks if at < events[0].began_s)] if events else [0]
    )
    return [_event(observed, event, until, usual, limit) for event, until in zip(events, ends, strict=True)]


def _event(observed: Observed, event: Event, until_s: float, usual_ms: float, backlog_limit: int) -> EventFigures:
    is_last = until_s == len(observed.seconds)
    meanwhile = [each for each in observed.answers if event.began_s <= observed.at_s(each) < event.ended_s]
    seconds = [each for each in observed.seconds if int(event.began_s) <= each.start_s < until_s]
    # After the last request the backlog is looked at until it is empty, and stays empty.
    looks = [(at, waiting) for at, _, waiting in observed.looks if event.began_s <= at and (at < until_s or is_last)]
    looks_until = looks[-1][0] + NORMAL_SECONDS if looks and is_last else until_s
    return EventFigures(
        event=event,
        sent=len(meanwhile),
        accepted=sum(
            each.status in (ACCEPTED, REPLAYED) for each in meanwhile if observed.answered_s(each) < event.ended_s
        ),
        errors=sum(second.errors for second in seconds),
        normal_s=normal_again([(each.start_s, is_normal(each, usual_ms)) for each in seconds], event.ended_s, until_s),
        backlog_max=max((waiting for _, waiting in looks), default=0),
        backlog_normal_s=normal_again(
            [(at, waiting <= backlog_limit) for at, waiting in looks], event.ended_s, looks_until
        )
        if looks
        else None,
        recorded_s=recorded_after(observed.looks, event.ended_s),
    )


def recorded_after(looks: Sequence[tuple[float, int, int]], since_s: float) -> float | None:
    """Seconds from `since_s` until every bid accepted until then was in the ledger; None when nobody looked or it never
    was. `looks` are (moment, accepted bids, those of them that wait)."""
    later = [look for look in looks if look[0] >= since_s]
    if not later:
        return None
    accepted = later[0][1]
    return next((at - since_s for at, count, waiting in later if count - waiting >= accepted), None)


def lost_and_doubled(answers: Iterable[Answer], ledger: Sequence[ledger_file.Recorded]) -> tuple[int, int]:
    """How many accepted bids are not in the ledger, and how many are there once more than they should be. Row 7 of the
    client is the request `row-7`, that of a named auction `NAME-7`."""
    counts = Counter((auction, request_id) for auction, _, request_id in ledger)
    recorded = {request_id for _, request_id in counts}
    accepted = {_request_id(answer) for answer in answers if answer.is_bid and answer.status in (ACCEPTED, REPLAYED)}
    return len(accepted - recorded), counts.total() - len(counts)


def _request_id(answer: Answer) -> str:
    return f"{'row' if answer.kind == BID else answer.journey}-{answer.row}"
