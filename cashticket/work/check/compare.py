"""Is an auction sound? The live store and its list on one side, the ledger on the other, compared without stopping
anybody: every complaint is a fault that waiting does not mend. A backlog is none.

The order of the live store is read first, after its last sequence: up to that, or to the highest one in the order, it
is complete, because the last accepted bid always ranks. The list is read next and the ledger last, so a bid that moves
from one to the other meanwhile is seen twice, never missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cashticket.auction import rules
from cashticket.auction.values import CHANCES, TERMS_FIELDS, Entry, PoisonEntry, RankedBid, State
from cashticket.engine.interface import Engine, Snapshot, UnknownAuction
from cashticket.ledger import gaps, queries
from cashticket.ledger.bid_rows import bid_of
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Quarantined, RecordedBid
from cashticket.work.check.awards import award_faults
from cashticket.work.check.bids import ledger_faults
from cashticket.work.check.findings import MANY, Finding, listed


class NoSuchAuction(Exception):
    """Neither side knows it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, nothing when sound; the numbers are those compared. `given_up` counts the sequence numbers
    whose bids the live store lost."""

    auction_id: int
    state: str
    accepted: int
    recorded: int
    waiting: int
    findings: list[Finding]
    given_up: int = 0

    @property
    def faults(self) -> list[str]:
        """The findings as sentences."""
        return [finding.sentence for finding in self.findings]

    @property
    def stops_bidding(self) -> bool:
        """Whether a bid taken now might be wrong. What merely waits for an operator stops settlement alone."""
        return any(not finding.waits for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Sides:
    row: Auction
    before: Snapshot
    order: list[RankedBid]
    waiting: list[Entry | PoisonEntry]
    bids: list[RecordedBid]
    aside: list[Quarantined]
    given_up: set[int]
    recorded_after: int
    after: Snapshot

    @property
    def through(self) -> int:
        """The last bid that `order` contains: at least every one that was accepted before it was read."""
        return max([self.before.sequence, *(standing.sequence for standing in self.order)])

    @property
    def unread(self) -> int:
        """Unreadable entries, waiting or set aside, that stand for some bid."""
        poison = sum(isinstance(entry, PoisonEntry) for entry in self.waiting)
        return poison + sum(entry.sequence is None and entry.resolved_at is None for entry in self.aside)


def check(engine: Engine, auction_id: int) -> Report:
    """Compare both sides. Raises NoSuchAuction, and what stores raise while away."""
    row = queries.auction(auction_id)
    try:
        before = engine.read(auction_id)
    except UnknownAuction:
        return _unknown_to_the_store(row, auction_id)
    if row is None:
        fault = f"auction {auction_id} is in the live store and not in the ledger"
        findings = [Finding("I2", fault)]
        return Report(auction_id, before.state, before.sequence, 0, before.sequence, findings)
    sides = _read(engine, row, before)
    findings = [
        *_faults_of_terms(sides),
        *_faults_of_marks(sides),
        *_faults_of_bids(sides),
        *_faults_of_chances(engine, sides),
        *ledger_faults(sides.row, sides.bids),
        *(award_faults(sides.row, sides.bids) if sides.row.state is State.SETTLED else ()),
    ]
    recorded, given_up = sides.row.recorded_sequence, len(sides.given_up)
    waiting = max(0, sides.after.sequence - recorded)
    figures = (sides.after.sequence - given_up, recorded - given_up, waiting)
    return Report(auction_id, sides.after.state, *figures, findings, given_up)


def _unknown_to_the_store(row: Auction | None, auction_id: int) -> Report:
    if row is None:
        raise NoSuchAuction(f"There is no auction {auction_id}.")
    findings = [
        Finding("I6", f"the live store does not know auction {auction_id}: `flask auction rebuild {auction_id}`")
    ]
    if row.state.is_end:
        # Nothing is decided there any more: the ledger alone counts.
        bids = queries.bids(auction_id)
        findings = [*ledger_faults(row, bids), *(award_faults(row, bids) if row.state is State.SETTLED else ())]
    return Report(auction_id, row.state, row.recorded_sequence, row.recorded_sequence, 0, findings)


def _read(engine: Engine, row: Auction, before: Snapshot) -> _Sides:
    order = engine.order(row.id)
    waiting = engine.peek(row.id, max(1, engine.backlog([row.id]).get(row.id, 0)))
    queries.forget()
    fresh = queries.auction(row.id)
    if fresh is None:
        raise LedgerGap(f"auction {row.id} vanished from the ledger during the check")
    bids, aside = list(queries.bids(row.id)), list(quarantined_entries(row.id))
    recorded_after = queries.recorded_sequence(row.id) or 0
    given_up = {number for gap in gaps.gaps_of(row.id) for number in range(gap.first, gap.last + 1)}
    return _Sides(fresh, before, order, waiting, bids, aside, given_up, recorded_after, engine.read(row.id))


def _faults_of_terms(sides: _Sides) -> Iterator[Finding]:
    published, stored = sides.after.terms, terms_of(sides.row)
    for name in TERMS_FIELDS:
        theirs, ours = getattr(published, name), getattr(stored, name)
        if theirs == ours:
            continue
        if name == "alias_salt":
            yield Finding("I6", "the aliases of live store and ledger differ")
        else:
            yield Finding("I6", f"{name} is {theirs} in the live store and {ours} in the ledger")
    ended = sides.row.state is not State.OPEN
    if ended and to_ms(sides.row.ends_at) != sides.after.ends_at_ms:
        end = to_moment(sides.after.ends_at_ms)
        yield Finding("I12", f"the end is {end} in the live store and {sides.row.ends_at} in the ledger")
    if sides.row.state.is_end and sides.after.state is not sides.row.state:
        shown = sides.after.state
        yield Finding("I12", f"the ledger says {sides.row.state}, the live store still says {shown}")


def _faults_of_marks(sides: _Sides) -> Iterator[Finding]:
    recorded = sides.row.recorded_sequence
    if sides.before.recorded > recorded:
        shown = sides.before.recorded
        yield Finding("I14", f"the live store shows bids up to {shown} as recorded, the ledger has {recorded}")
    if recorded > sides.after.sequence:
        given = sides.after.sequence
        yield Finding("I5", f"the ledger has bids up to {recorded}, the live store gave only {given}")
    known = {bid.sequence for bid in sides.bids} | {entry.sequence for entry in sides.aside if entry.sequence}
    unrecorded = set(range(1, recorded + 1)) - known - sides.given_up
    yield from listed("I1", "not recorded though the ledger's mark is past it: bid", unrecorded)
    past = {number for number in known if number > sides.recorded_after}
    yield from listed("I14", "recorded past the ledger's mark: bid", past)
    for entry in sides.aside:
        if entry.sequence is not None and entry.resolved_at is None:
            waits = f"bid {entry.sequence} was set aside and waits for an operator: {entry.reason[:120]}"
            yield Finding("I14", waits, waits=True)


def _faults_of_bids(sides: _Sides) -> Iterator[Finding]:
    ledger = {row.sequence: bid_of(row) for row in sides.bids}
    waiting = {entry.sequence: bid_of(entry) for entry in sides.waiting if isinstance(entry, Entry)}
    differing = {number for number in ledger.keys() & waiting.keys() if ledger[number] != waiting[number]}
    yield from listed("I2", "differs between list and ledger: bid", differing)
    bids = {number: bid for number, bid in (waiting | ledger).items() if number <= sides.through}
    aside = {entry.sequence for entry in sides.aside if entry.sequence}
    missing = set(range(1, sides.through + 1)) - bids.keys() - aside - sides.given_up
    if len(missing) > sides.unread:
        yield from listed("I1", "accepted, but neither waiting nor recorded: bid", missing)
    if not missing and not aside and rules.order_of_bids(bids.values()) != sides.order:
        yield from _differences(rules.order_of_bids(bids.values()), sides.order)


def _differences(ledger: list[RankedBid], store: list[RankedBid]) -> Iterator[Finding]:
    unlike = (rank for rank, (ours, theirs) in enumerate(zip(ledger, store, strict=False), 1) if ours != theirs)
    for rank in islice(unlike, MANY):
        ours, theirs = ledger[rank - 1], store[rank - 1]
        yield Finding(
            "I6",
            f"rank {rank} is bid {theirs.sequence} of {theirs.amount} won in the live store "
            f"and bid {ours.sequence} of {ours.amount} won by the ledger",
        )
    if len(ledger) != len(store):
        yield Finding("I6", f"the live store ranks {len(store)} people, the ledger {len(ledger)}")


def _faults_of_chances(engine: Engine, sides: _Sides) -> Iterator[Finding]:
    bids = {row.sequence: (row.person_id, row.nth) for row in sides.bids}
    bids |= {entry.sequence: (entry.person, entry.nth) for entry in sides.waiting if isinstance(entry, Entry)}
    # Not counted: of somebody's bids an earlier one may be lost, and the number of the last one says what is spent.
    used: dict[int, int] = {}
    for sequence, (person, nth) in bids.items():
        if sequence <= sides.through:
            used[person] = max(nth, used.get(person, 0))
    complete = bids.keys() | sides.given_up >= set(range(1, sides.through + 1))
    for standing in sides.order if complete else ():
        place = engine.place(sides.row.id, standing.person)
        # Whoever has bid again meanwhile cannot be compared with what was read before.
        nth = used.get(standing.person, 0)
        if place.sequence == standing.sequence and place.chances_left != rules.chances_left(nth):
            spent = CHANCES - place.chances_left
            yield Finding("I3", f"the bidder of bid {standing.sequence} has spent {spent} chances on {nth} bids")
