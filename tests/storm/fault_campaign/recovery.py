"""How long people waited after each fault, or after its end if it lasts, read from the history alone.

Three waits are measured: until bids are answered, until the ledger goes on, and until sockets show the present.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lab.history import FAIL, OK, Operation
from tests.storm.fault_campaign.run import RunRecord
from tests.storm.fault_campaign.stages import explanation

NS = 1_000_000_000
ANSWERED, DRAINED, SOCKETS = "bids answered", "ledger goes on", "sockets right"

ON_ITS_WAY = NS // 2
"""A change may take so long (ns) to a socket without any fault."""

GOALS = {
    "kill live-store": {ANSWERED: 3.0, SOCKETS: 5.0, DRAINED: 5.0},
    **{f"{verb} {name}": {ANSWERED: 2.0, SOCKETS: 5.0} for verb in ("kill", "kill-child") for name in ("web", "nginx")},
    **{f"{verb} bids": {ANSWERED: 2.0, DRAINED: 5.0} for verb in ("kill", "kill-child")},
    **{f"{verb} live": {ANSWERED: 2.0, SOCKETS: 5.0} for verb in ("kill", "kill-child")},
}
"""Seconds within which 99 of 100 must recover, by kind of fault."""

WAY_TO_SOCKETS = ("live", "live-store", "nginx", "live-live-store", "nginx-live", "client-nginx")
"""What sockets need. If one of these fails again before sockets are back, their wait is counted from that fault."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until something worked again after a fault of this kind; None: not before the end of the run.

    `cause` says what stood in the way of one that missed its goal.
    """

    kind: str
    what: str
    seconds: float | None
    cause: str = ""


def waits(record: RunRecord) -> list[Wait]:
    """Every wait of a run."""
    faults = [each for each in record.operations if each.what == "fault"]
    decided, taken = _decided(record.operations), _taken(record.operations)
    marks = _marks(record.operations)
    lags = list(_lags(record))
    waits_found = []
    for fault in faults:
        kind, ended = fault.question["kind"], _end(fault)
        waits_found.append(_wait(record, kind, ANSWERED, ended, _answered_everywhere(decided, ended)))
        if taken and taken[-1] > ended + ON_ITS_WAY:
            waits_found.append(_wait(record, kind, DRAINED, ended, _drained(marks, ended)))
    return waits_found + list(_waits_of_sockets(record, lags, faults))


def _wait(record: RunRecord, kind: str, what: str, began: int, seconds: float | None) -> Wait:
    goal = GOALS.get(kind, {}).get(what)
    if goal is None or (seconds is not None and seconds <= goal):
        return Wait(kind, what, seconds)
    last = max((each.completed or each.invoked for each in record.operations), default=began)
    until = last if seconds is None else began + int(seconds * NS)
    return Wait(kind, what, seconds, explanation(record.operations, began, until))


def _end(fault: Operation) -> int:
    return fault.completed or fault.invoked


def _decided(operations: Iterable[Operation]) -> dict[int, list[tuple[int, int]]]:
    """(sent, answered) of every bid that an auction decided, in the order of sending.

    Replays are left out: an auction answers them also while it takes no bids.
    """
    waits_found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for each in operations:
        taken = each.outcome == OK and not each.answer.get("replayed")
        refused = each.outcome == FAIL and each.answer["reason"] not in ("unavailable", "request_reused")
        if each.what == "bid" and (taken or refused):
            waits_found[each.question["auction"]].append((each.invoked, each.completed or each.invoked))
    return waits_found


def _taken(operations: Iterable[Operation]) -> list[int]:
    """Moments at which new bids were confirmed."""
    taken = (each for each in operations if each.what == "bid" and each.outcome == OK and not each.answer["replayed"])
    return sorted(each.completed or each.invoked for each in taken)


def _answered_everywhere(decided: dict[int, list[tuple[int, int]]], moment: int) -> float | None:
    """Seconds until every auction has decided a bid sent after this moment."""
    firsts = [_first_after(bids, moment) for bids in decided.values()]
    answered = [first for first in firsts if first is not None]
    return max(answered) if answered and len(answered) == len(firsts) else None


def _first_after(decided: list[tuple[int, int]], moment: int) -> float | None:
    later = decided[bisect_left(decided, (moment, 0)) :]
    # A bid sent a little later may have been answered sooner.
    soonest = min((done for _, done in later), default=None)
    return None if soonest is None else (soonest - moment) / NS


def _marks(operations: Iterable[Operation]) -> list[tuple[int, int]]:
    """(moment, bids recorded in all auctions) at every look at the ledger."""
    latest: dict[int, int] = {}
    waits_found = []
    for each in operations:
        if each.what == "mark" and each.outcome == OK:
            latest[each.question["auction"]] = each.answer["recorded"]
            waits_found.append((each.completed or each.invoked, sum(latest.values())))
    return waits_found


def _drained(marks: list[tuple[int, int]], moment: int) -> float | None:
    """Seconds until more is recorded than when the fault came or ended."""
    before = marks[bisect_right(marks, (moment, 1 << 62)) - 1][1] if marks and marks[0][0] <= moment else 0
    on = next((when for when, total in marks if when > moment and total > before), None)
    return None if on is None else (on - moment) / NS


@dataclass(frozen=True, slots=True)
class _Lag:
    """A time in which a socket had not been shown a change (ns)."""

    since: int
    until: int


def _lags(record: RunRecord) -> Iterator[_Lag]:
    """Lags of every socket: from the first change its board did not show until it showed one."""
    changed = _changes(record)
    sights: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for each in record.operations:
        if (
            each.what == "seen"
            and each.outcome == OK
            and each.question.get("by") == "socket"
            and each.question["piece"] == "board"
        ):
            sights[each.question["socket"]].append((each.invoked, _sequence(record, each)))
    auctions = {
        each.question["socket"]: each.question["auction"] for each in record.operations if "socket" in each.question
    }
    for socket, seen in sights.items():
        moments = changed[auctions[socket]]
        for (_, shown), (when, _) in pairwise(seen):
            if shown < len(moments) and moments[shown] < when:
                yield _Lag(moments[shown], when)


def _sequence(record: RunRecord, seen: Operation) -> int:
    """The last bid of the version that was shown."""
    return record.versions[seen.question["auction"]].get(seen.answer["version"], 0)


def _changes(record: RunRecord) -> dict[int, list[int]]:
    """Moment at which each bid was first confirmed, by auction. An unconfirmed bid gets the moment of the next one."""
    waits_found = {ending.auction: [0] * len(ending.rows) for ending in record.endings}
    for each in record.operations:
        if each.what == "bid" and each.outcome == OK:
            moments, place = waits_found[each.question["auction"]], each.answer["sequence"] - 1
            done = each.completed or each.invoked
            moments[place] = min(moments[place] or done, done)
    for moments in waits_found.values():
        later = 1 << 62
        for place in range(len(moments) - 1, -1, -1):
            later = moments[place] = min(moments[place] or later, later)
    return waits_found


def _waits_of_sockets(record: RunRecord, lags: Iterable[_Lag], faults: list[Operation]) -> Iterator[Wait]:
    """For each lag caused by a fault, how long it lasted after the fault's end."""
    for lag in lags:
        fault = _cause(lag, faults)
        if fault and lag.until > _end(fault) and lag.until - lag.since > ON_ITS_WAY:
            began = max(lag.since, _end(fault))
            yield _wait(record, fault.question["kind"], SOCKETS, began, (lag.until - began) / NS)


def _cause(lag: _Lag, faults: list[Operation]) -> Operation | None:
    """The fault that caused the lag: the last one before it, or a later one that hit what sockets need.

    A change that was on its way when a fault came counts as caused by it.
    """
    began = bisect_right([fault.invoked for fault in faults], lag.since + ON_ITS_WAY)
    if began == 0 or (began == len(faults) and lag.since > _end(faults[-1]) + 5 * NS):
        return None
    later = [fault for fault in faults[began:] if fault.invoked < lag.until and _end(fault) < lag.until]
    again = [fault for fault in later if fault.question["kind"].split()[1] in WAY_TO_SOCKETS]
    return again[-1] if again else faults[began - 1]
