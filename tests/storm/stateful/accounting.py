"""Model of a live store that goes back to what it had, and of accounting for the bids that were answered since."""

from collections.abc import Iterator
from copy import copy as shallow
from typing import Any

from lab.evidence import BidRow
from tests.storm.stateful.model import BEFORE, HERE, Happening, ModelAuction
from tests.storm.stateful.pauses import lost_too_much, pause, resuming
from tests.storm.stateful.rebuilding import faults, recording_list, recording_witnessed

IN_STORE = ("last", "sequence", "shown", "closes", "ends", "bids", "waiting", "outages")
"""What going back changes. Copies are made only of auctions that take bids."""


def remembered(auction: ModelAuction) -> dict[str, Any]:
    """What the live store has of an auction that takes bids."""
    return {name: shallow(getattr(auction, name)) for name in IN_STORE}


def go_back(auction: ModelAuction, state: dict[str, Any], *, is_witnessed: bool) -> None:
    """The live store has the auction as it was, and another process of it answers."""
    for name in IN_STORE:
        setattr(auction, name, shallow(state[name]))
    auction.in_store, auction.state, auction.paused = True, "open", "restarted"
    auction.stopped = auction.stopped_end = None
    auction.accounted_on, auction.is_covered = BEFORE, is_witnessed
    if not is_witnessed:
        auction.witnessed = {}


def needs_operator(auction: ModelAuction) -> bool:
    """Whether bids may be missing of which nobody knows."""
    given = max(auction.sequence, auction.mark, *auction.witnessed, 0)
    return auction.accounted_on == BEFORE and not auction.is_covered and given > 0


def accounting(auction: ModelAuction) -> Iterator[Happening]:
    """Happenings of recording what witnesses have and the list lacks, and of putting back what ledger and witnesses
    have and the live store lacks. Raises Stops at a number that nobody has and that the live store gave."""
    witnessed = {number: row for number, row in auction.witnessed.items() if number > auction.mark}
    last = max(auction.sequence, auction.mark, *witnessed, 0)
    listed = {row.sequence for row in auction.waiting}
    if any(number <= auction.sequence and number not in listed for number in witnessed):
        given = auction.sequence
        yield from recording_list(auction, given)
        yield from recording_witnessed(auction, last, given)
    held = {row.sequence: row for row in auction.recorded} | witnessed
    missing = [row for number, row in sorted(held.items()) if number > auction.sequence]
    if last > auction.sequence:
        yield "put_back", lambda: put_back(auction, missing, last)


def put_back(auction: ModelAuction, rows: list[BidRow], last: int) -> None:
    auction.bids += rows
    auction.waiting += rows
    auction.sequence = last
    auction.ends = max(auction.ends, *(row.ends_at_ms for row in rows), 0)
    auction.last = max(auction.last, *(row.at_ms for row in rows), 0)


def watching(auction: ModelAuction, now: int, known: int | None) -> Iterator[Happening]:
    """Happenings of a round of the watch, which finds the auction restarted."""
    if auction.accounted_on == BEFORE:
        if needs_operator(auction):
            yield "pause", lambda: pause(auction, "witness", now)
            return
        yield from accounting(auction)
        if auction.is_operators:
            yield "pause", lambda: pause(auction, "operator", now)
            return
    auction.accounted_on = HERE
    if faults(auction):
        yield "pause", lambda: pause(auction, "unsound", now)
    elif lost_too_much(auction, now, known):
        yield "pause", lambda: pause(auction, "overdue", now)
    else:
        yield from resuming(auction, now, known)
