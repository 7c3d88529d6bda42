"""Running auctions: bids that wait or were set aside, pauses, lost auctions, ends that are not settled, checks."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from cashticket.engine.pauses import CLOCK, MEMORY, OPERATOR, OVERDUE, REPLICA_AWAY, RESTORING, UNSOUND, WITNESS
from cashticket.ledger import quarantine, queries
from cashticket.ledger.check_marks import oldest_check_seconds
from cashticket.locale import to_moment
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, current_settings
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, warn
from cashticket.work.lateness import CHECK_LATE_SECONDS, CLOSING_LATE_SECONDS, RECORDING_LATE_SECONDS
from cashticket.work.lost_auctions import lost_auctions
from cashticket.work.recording_lag import LAG_SECONDS_MAX, recording_lag
from cashticket.work.watch.unsettled import UnsettledAuction, unsettled_auctions

NAMED_MAX = 10
"""Auctions that one line names."""

BACKLOG_SHARE = 0.5
RESUME = "`flask auction resume ID --why …`"
OF_PAUSES = {
    OPERATOR: f"an operator paused it: {RESUME} lets it go on",
    OVERDUE: f"`flask auction extend ID --to … --why …` to the end that you announce, then {RESUME}",
    WITNESS: f"{RESUME} if the live store surely has its newest data, else `flask auction rebuild ID --yes --why …`",
    UNSOUND: "`flask auction check ID` names the fault; a check without one ends the pause",
    RESTORING: "a rebuild was interrupted: repeat `flask auction rebuild ID --yes --why …`",
    CLOCK: f"set the clock of the live store's machine right; if it is right now, {RESUME}",
    MEMORY: "give the live store memory (line `live store memory`)",
    REPLICA_AWAY: "bring its replica back (line `live store replicas`)",
}
OTHER_PAUSE = "the watch ends it once the cause is over: see the other lines, its log, and docs/reliability.md"
OF_REASONS = {
    "not_recorded": "see `recording` and `worker bids`",
    "quarantined": "see `set aside`",
    "paused": "see `pauses`",
    "queued": "see `worker settlement`",
    "earlier_auction": "see to the earlier auction of its concert",
    "order_differs": "`flask auction check ID` shows the difference; copy both stores before anything else",
    "incomplete": "`flask auction check ID` shows what is missing",
    "not_ranked": "it is tried again by itself; see the log of `python worker.py settlement`",
}


def look_at_recording() -> Iterator[Diagnosis]:
    """Accepted bids on their way to the database."""
    lag, limit = recording_lag(current_engine()), current_settings().backlog_max
    seen = f"{sum(lag.waiting.values()):,} accepted bids wait"
    seen += f", the oldest for {lag.seconds:,.1f} s" if lag.seconds else ""
    fullest = max(lag.waiting.values(), default=0)
    mend = "see `database` and `worker bids`; the log of `python worker.py bids` says what hinders it"
    if lag.seconds > LAG_SECONDS_MAX:
        yield bad("recording", seen, mend)
    elif lag.seconds > RECORDING_LATE_SECONDS or fullest > BACKLOG_SHARE * limit:
        yield warn("recording", f"{seen}; bidding pauses at {limit:,} in one auction (BACKLOG_MAX)", mend)
    else:
        yield ok("recording", seen)


def look_at_set_aside() -> Iterator[Diagnosis]:
    """Entries that an operator has to decide about."""
    waiting = quarantine.waiting_by_auction()
    if not waiting:
        yield ok("set aside", "no bid waits for an operator")
        return
    seen = (
        f"{sum(waiting.values()):,} bids of {_auctions(waiting)} were set aside; nothing is settled before you decide"
    )
    mend = "`flask auction quarantine ID` shows them, `flask auction resolve ID ENTRY --as bid --why …` decides"
    yield bad("set aside", seen, mend)


def look_at_auctions() -> Iterator[Diagnosis]:
    """Whether the live store has what the ledger has as running, and which of it takes no bids."""
    engine = current_engine()
    lost, live = lost_auctions(engine), engine.auctions()
    if lost:
        sentences = [lost[each].partition(": ") for each in sorted(lost)[:NAMED_MAX]]
        mends = "; ".join(mend for _, _, mend in sentences)
        yield bad("auctions", f"{'; '.join(seen for seen, _, _ in sentences)}{_more(len(lost))}", mends)
    else:
        yield ok("auctions", f"{len(live)} are published and not settled, and the live store has all of them")
    yield _pauses({each: status.paused for each, status in engine.statuses(live).items() if status.paused})


def _pauses(reasons: dict[int, str]) -> Diagnosis:
    if not reasons:
        return ok("pauses", "no auction is paused")
    shown = sorted(reasons)[:NAMED_MAX]
    seen = ", ".join(f"auction {each} ({reasons[each]})" for each in shown) + _more(len(reasons))
    mend = "; ".join(dict.fromkeys(OF_PAUSES.get(reasons[each], OTHER_PAUSE) for each in shown))
    how = warn if set(reasons.values()) == {OPERATOR} else bad
    return how("pauses", f"no bids are taken in {seen}", mend)


def look_at_closing() -> Iterator[Diagnosis]:
    """Auctions whose end came more than CLOSING_LATE_SECONDS ago and that are not settled."""
    engine = current_engine()
    before = to_moment(engine.clock()) - timedelta(seconds=CLOSING_LATE_SECONDS)
    late = {auction.id for auction in queries.due_auctions(before)}
    waiting = [each for each in unsettled_auctions(engine) if each.id in late and each.reason != "lost"] if late else []
    if not waiting:
        yield ok(
            "closing", f"no auction ended more than {CLOSING_LATE_SECONDS / 60:.0f} minutes ago and is not settled"
        )
        return
    shown = waiting[:NAMED_MAX]
    seen = "; ".join(f"auction {each.id} waits: {each.detail}" for each in shown) + _more(len(waiting))
    yield bad("closing", seen, "; ".join(dict.fromkeys(map(_mend_of, shown))))


def _mend_of(auction: UnsettledAuction) -> str:
    return OF_REASONS.get(auction.reason, "see the lines about the live store")


def look_at_checks() -> Iterator[Diagnosis]:
    """How long ago the running auction was checked whose check is the oldest."""
    age = oldest_check_seconds(utcnow())
    if age > CHECK_LATE_SECONDS:
        mend = "see `watch`, `worker checks` and `pauses`; `flask auction check ID` checks by hand"
        yield warn("checks", f"a running auction was not checked for {age:,.0f} s", mend)
    else:
        yield ok("checks", f"every running auction was checked in the last {age:,.0f} s" if age else "none is running")


def _auctions(auction_ids: Iterable[int]) -> str:
    ids = sorted(auction_ids)
    return ("auction " if len(ids) == 1 else "auctions ") + ", ".join(map(str, ids[:NAMED_MAX])) + _more(len(ids))


def _more(count: int) -> str:
    return f" and {count - NAMED_MAX} more" if count > NAMED_MAX else ""
