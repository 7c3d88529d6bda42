"""Model of rebuilding an auction, and of what `auction check` must find."""

from collections.abc import Iterator

from lab.oracle.bidding import final_order
from tests.storm.stateful.model import BEFORE, HERE, Happening, ModelAuction, Stops
from tests.storm.stateful.pauses import lost_too_much, pause, record_outage, resuming


def rebuilding(auction: ModelAuction, now: int, *, replace: bool) -> Iterator[Happening]:
    """Happenings of a rebuild. Raises Stops when it is refused."""
    if auction.ledger_state == "settled" or (auction.in_store and auction.paused != "restoring" and not replace):
        raise Stops("refused")
    remembers = auction.in_store
    if auction.in_store and auction.paused != "restoring":
        yield "pause", lambda: pause(auction, "restoring", now)
    if remembers and auction.outages and auction.outages[-1] not in auction.ledger_outages:
        yield "give back", lambda: record_outage(auction)
    yield from recording_list(auction)
    yield from recording_witnessed(auction, last_given(auction, now, remembers=remembers))
    yield "restore", lambda: restore(auction, now)
    if auction.state != "open":
        return
    auction.accounted_on = HERE
    if auction.is_operators:
        yield "pause", lambda: pause(auction, "operator", now)
    elif lost_too_much(auction, now):
        yield "pause", lambda: pause(auction, "overdue", now)
    else:
        yield from resuming(auction, now)


def last_given(auction: ModelAuction, now: int, *, remembers: bool) -> int:
    """The last number that a bidder may have been answered with."""
    heard, is_elsewhere = max(auction.mark, *auction.witnessed, 0), auction.accounted_on == BEFORE
    if remembers and auction.sequence >= auction.mark and (auction.is_covered or not is_elsewhere):
        return max(auction.sequence, heard)
    if (is_elsewhere and auction.is_covered) or (not remembers and not heard and now < auction.opens):
        return heard
    return max(heard, auction.mark + auction.backlog_max)


def recording_list(auction: ModelAuction, gives_up_after: int = 0) -> Iterator[Happening]:
    """Record the whole list, and before each bid what is missing there, as `recording_witnessed` does."""
    while auction.waiting:
        if (first := auction.waiting[0].sequence) > auction.mark + 1:
            yield "peek", lambda: None
            yield from recording_witnessed(auction, first - 1, gives_up_after)
        yield from auction.recording(1000)
    yield "peek", lambda: None


def recording_witnessed(auction: ModelAuction, through: int, gives_up_after: int = 0) -> Iterator[Happening]:
    """Record what witnesses hold up to this number, and give up the other numbers, none up to `gives_up_after`."""
    for number in range(auction.mark + 1, through + 1):
        if number <= auction.mark or number not in auction.witnessed:
            continue
        if number > auction.mark + 1:
            _must_be_above(gives_up_after, auction)
            yield "give up", lambda last=number - 1: give_up(auction, last)  # type: ignore[misc]
        run = [auction.witnessed[number]]
        while run[-1].sequence < through and (following := auction.witnessed.get(run[-1].sequence + 1)):
            run.append(following)
        yield "record", lambda run=run: auction.record(run)  # type: ignore[misc]
    if through > auction.mark:
        _must_be_above(gives_up_after, auction)
        yield "give up", lambda: give_up(auction, through)


def _must_be_above(gives_up_after: int, auction: ModelAuction) -> None:
    if auction.mark < gives_up_after:
        raise Stops("gap")


def give_up(auction: ModelAuction, through: int) -> None:
    auction.gaps.append((auction.mark + 1, through))
    auction.mark = through


def restore(auction: ModelAuction, now: int) -> None:
    """The live store gets the auction as the ledger has it. It keeps the permissions it still has."""
    closing = auction.ledger_state == "closing"
    auction.in_store, auction.state, auction.paused = (
        True,
        "closing" if closing else "open",
        "" if closing else "restoring",
    )
    auction.bids, auction.sequence, auction.shown = list(auction.recorded), auction.mark, auction.mark
    auction.last = max((row.at_ms for row in auction.recorded), default=0)
    auction.closes, auction.ends = auction.ledger_closes, auction.ledger_ends
    stopped = now if auction.stopped is None else auction.stopped
    auction.stopped, auction.stopped_end = None if closing else stopped, None
    auction.outages = auction.ledger_outages[-1:]


def faults(auction: ModelAuction) -> set[str]:
    """The invariants that the check must find broken now."""
    settled = auction.ledger_state == "settled"
    if not auction.in_store:
        return set() if settled else {"I6"}
    held = {row.sequence for row in auction.recorded + auction.waiting}
    held |= {number for first, last in auction.gaps for number in range(first, last + 1)}
    remaining = final_order({row.sequence: row for row in auction.recorded + auction.waiting}.values())
    missing = set(range(1, auction.sequence + 1)) - held
    broken = set()
    if missing:
        broken.add("I1")
    elif remaining != final_order(auction.bids):
        broken.add("I6")
    is_behind = auction.mark > auction.sequence
    if is_behind:
        broken.add("I5")
    if not missing and not is_behind and miscounted(auction):
        broken.add("I3")
    if auction.closes != auction.ledger_closes:
        broken.add("I6")
    if settled and auction.state != "settled":
        broken.add("I12")
    return broken


def miscounted(auction: ModelAuction) -> bool:
    """Whether the live store counts a chance for a last bid that exists nowhere any more. The check asks it only about
    people of whom another bid exists."""
    remaining: dict[int, int] = {}
    for row in auction.recorded + auction.waiting:
        remaining[row.person] = max(row.nth, remaining.get(row.person, 0))
    return any(auction.used(person) != nth for person, nth in remaining.items())
