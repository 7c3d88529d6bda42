"""Accounting: after a restart, a restore or a promotion of the live store, every bid that was answered is in its place
again before the auction takes bids, or is given up as a row that names it.

What the live store lacks comes back from the ledger and from the witnesses, each bid with the number, the moment and
the answer that it had. A number that anybody heard of and whose bid nobody holds is given up. A bid whose number
belongs to another one is given up too, and its bidder is told. It costs what is missing, not the auction. After a crash
at any point, and beside another process that does the same, a repeat ends in the same state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.exc import IntegrityError

from cashticket.auction.number_rules import Numbers, Range, bid_in, displaced_answers
from cashticket.auction.values import Bid, Entry
from cashticket.engine.interface import Engine, Status, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import bid_windows, queries
from cashticket.ledger.accounted import accounted_on
from cashticket.ledger.bid_rows import entry_of
from cashticket.ledger.fence import recorded_through
from cashticket.ledger.given_up_bids import give_up_bids
from cashticket.ledger.number_owners import owners_of
from cashticket.locale import to_ms
from cashticket.models import Auction
from cashticket.witness.testimony import Testimony
from cashticket.work.held_bids import HeldBids
from cashticket.work.plausible_bids import check_plausible, without_implausible

WINDOW = 200
"""Bids that one script puts back."""

LIST_WINDOW = 500

LOST = "the live store went on without it, and nobody holds its bid"
ANOTHERS = "the live store went on without it, and its number belongs to another bid"
LATE = "its number had been given up before anybody knew whose bid it was"


@dataclass(slots=True)
class Accounted:
    """What was done: bids put back into the live store, numbers and answered bids given up. `is_complete` is False when
    the auction took bids meanwhile: then somebody else accounted for it."""

    auction_id: int
    put_back: int = 0
    numbers_given_up: list[Range] = field(default_factory=list)
    bids_given_up: int = 0
    is_complete: bool = True

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return bool(self.put_back or self.numbers_given_up or self.bids_given_up)


def account(engine: Engine, testimony: Testimony, auction_id: int) -> Accounted:
    """Account for every answered bid of an auction that takes none now.

    Raises LedgerGap when live store, ledger and witnesses contradict each other, UnknownAuction, and what stores raise.
    """
    accounted, highest = Accounted(auction_id), testimony.of(auction_id).highest
    check_plausible(auction_id, testimony.of(auction_id), status_of(engine, auction_id).sequence)
    listed = _listed(engine, auction_id, testimony)
    held, accounted.bids_given_up = _held(auction_id, testimony, listed)
    stored = status_of(engine, auction_id).sequence
    numbers = Numbers(stored, _recorded(auction_id), held, highest)
    unlisted = [number for number in held if numbers.recorded < number <= stored and number not in listed]
    if numbers.nobodys or unlisted:
        bids = HeldBids(engine, auction_id, held, gives_up_after=stored, sets_aside=False)
        bids.record_list()
        bids.record_through(numbers.last, LOST)
        accounted.numbers_given_up = bids.recorded.given_up
    if numbers.missing:
        _put_back(engine, accounted, stored, held, numbers.last)
    db.session.remove()
    return accounted


def held_by_witnesses(engine: Engine, auction_id: int, testimony: Testimony) -> tuple[dict[int, Entry], int]:
    """The bids that witnesses hold, by number, without impossible ones, and those whose number is another's or was
    given up: these are given up here, and counted. Raises what stores raise while they are away."""
    held, given_up = _held(auction_id, testimony, _listed(engine, auction_id, testimony))
    return without_implausible(auction_id, held), given_up


def displaced_bids(engine: Engine, auction_id: int, testimony: Testimony) -> list[Entry]:
    """The answered bids whose number belongs to another bid in list or ledger, or was given up. Changes nothing."""
    return _displaced(testimony, auction_id, _listed(engine, auction_id, testimony))


def is_witnessed(testimony: Testimony, before: str, row: Auction, status: Status) -> bool:
    """Whether the bids that were answered on the process `before`, where the auction took its last ones, are known to
    somebody, or there can be none. '' for a process that nobody noted: an earlier release had no witnesses."""
    if not before or testimony.covers(before):
        return True
    given = max(status.sequence, row.recorded_sequence, testimony.of(row.id).highest)
    return not given and status.now_ms < to_ms(row.opens_at)


def was_witnessed(engine: Engine, auction_id: int, testimony: Testimony) -> bool | None:
    """Whether somebody witnessed the process of the live store on which the auction took its last bids. None while that
    process still answers (only what it has lost meanwhile is unknown), and where nobody noted it."""
    before = accounted_on([auction_id])[auction_id]
    if before and testimony.covers(before):
        return True
    return None if before in ("", engine.present_condition().of(auction_id).identity) else False


def status_of(engine: Engine, auction_id: int) -> Status:
    """How the auction stands in the live store. Raises UnknownAuction."""
    status = engine.statuses([auction_id]).get(auction_id)
    if status is None:
        raise UnknownAuction(auction_id)
    return status


def _recorded(auction_id: int) -> int:
    queries.forget()
    return recorded_through(db.session(), auction_id)


# What contradicts


def _listed(engine: Engine, auction_id: int, testimony: Testimony) -> dict[int, Bid]:
    """The bids of the list, as far as witnesses may know them. It is read from its newest entry on, so that none is
    missed while a drain empties it: what is no longer there is in the ledger when that is read afterwards."""
    lowest = min(testimony.of(auction_id).entries, default=None)
    listed: dict[int, Bid] = {}
    seen = 0
    while lowest is not None and (window := engine.tail(auction_id, seen, LIST_WINDOW)):
        bids = {entry.sequence: bid_in(entry) for entry in window if isinstance(entry, Entry)}
        listed |= bids
        seen += len(window)
        if bids and min(bids) <= lowest:
            break
    queries.forget()
    return listed


def _held(auction_id: int, testimony: Testimony, listed: Mapping[int, Bid]) -> tuple[dict[int, Entry], int]:
    displaced = _displaced(testimony, auction_id, listed)
    given_up = _give_up(auction_id, displaced)
    lost = {bid_in(entry) for entry in displaced}
    entries = testimony.of(auction_id).entries
    return {number: entry for number, entry in entries.items() if bid_in(entry) not in lost}, given_up


def _displaced(testimony: Testimony, auction_id: int, listed: Mapping[int, Bid]) -> list[Entry]:
    """The answered bids whose number belongs to another bid, or was given up."""
    conflicts, entries = testimony.conflicts(auction_id), testimony.of(auction_id).entries
    owners: dict[int, Bid | None] = {taken.sequence: bid_in(taken) for taken, _ in conflicts}
    owners |= listed
    owners |= owners_of(auction_id, entries)
    return displaced_answers([*entries.values(), *(other for _, other in conflicts)], owners)


def _give_up(auction_id: int, displaced: list[Entry]) -> int:
    if not displaced:
        return 0
    owners = owners_of(auction_id, {entry.sequence for entry in displaced})
    late = [entry for entry in displaced if owners.get(entry.sequence, ...) is None]
    others = [entry for entry in displaced if entry not in late]
    return _give_up_once(auction_id, late, LATE) + _give_up_once(auction_id, others, ANOTHERS)


def _give_up_once(auction_id: int, entries: list[Entry], reason: str) -> int:
    try:
        return give_up_bids(auction_id, entries, reason)
    except IntegrityError:
        # Another process gave some of them up at the same moment.
        return give_up_bids(auction_id, entries, reason)


# What is missing


def _put_back(engine: Engine, accounted: Accounted, stored: int, held: Mapping[int, Entry], through: int) -> None:
    """Put the bids with numbers above `stored` back, and let the live store give only numbers above `through`."""
    bids = _bids_between(accounted.auction_id, stored, through, held)
    while True:
        window = list(islice(bids, WINDOW))
        last = window[-1].sequence if len(window) == WINDOW else through
        if not engine.put_back(accounted.auction_id, window, last):
            accounted.is_complete = False
            return
        accounted.put_back += len(window)
        if last == through:
            return


def _bids_between(auction_id: int, after: int, through: int, held: Mapping[int, Entry]) -> Iterator[Entry]:
    """The bids with numbers above `after` up to `through`: those of the ledger, then those that witnesses hold."""
    recorded = _recorded(auction_id)
    for window in bid_windows.bids_between(auction_id, after, min(recorded, through)):
        yield from map(entry_of, window)
    yield from (held[number] for number in sorted(held) if max(after, recorded) < number <= through)
