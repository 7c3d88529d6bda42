"""Faults between live store and ledger: terms, marks, bids, order and chances."""

from collections.abc import Iterator
from itertools import islice

from cashticket.auction import rules
from cashticket.auction.terms import TERMS_FIELDS
from cashticket.auction.values import CHANCES, Entry, RankedBid, State
from cashticket.engine.interface import Engine
from cashticket.ledger.bid_rows import bid_of
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.work.check.findings import LISTED_MAX, Finding, listed
from cashticket.work.check.sides import Sides


def store_faults(engine: Engine, sides: Sides) -> Iterator[Finding]:
    """Yield every contradiction between the two sides that waiting does not mend."""
    yield from _faults_of_terms(sides)
    yield from _faults_of_marks(sides)
    yield from _faults_of_bids(sides)
    yield from _faults_of_chances(engine, sides)


def _faults_of_terms(sides: Sides) -> Iterator[Finding]:
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


def _faults_of_marks(sides: Sides) -> Iterator[Finding]:
    recorded = sides.row.recorded_sequence
    if sides.before.recorded > recorded:
        shown = sides.before.recorded
        yield Finding("I14", f"the live store shows bids up to {shown} as recorded, the ledger has {recorded}")
    if recorded > sides.after.sequence:
        given = sides.after.sequence
        yield Finding("I5", f"the ledger has bids up to {recorded}, the live store gave only {given}")
    accounted = {bid.sequence for bid in sides.bids} | {entry.sequence for entry in sides.quarantined if entry.sequence}
    unrecorded = set(range(1, recorded + 1)) - accounted - sides.given_up
    yield from listed("I1", "not recorded though the ledger's mark is past it: bid", unrecorded)
    past = {number for number in accounted if number > sides.recorded_after}
    yield from listed("I14", "recorded past the ledger's mark: bid", past)
    for entry in sides.quarantined:
        if entry.sequence is not None and entry.resolved_at is None:
            sentence = f"bid {entry.sequence} was set aside and waits for an operator: {entry.reason[:120]}"
            yield Finding("I14", sentence, waits=True)


def _faults_of_bids(sides: Sides) -> Iterator[Finding]:
    ledger = {row.sequence: bid_of(row) for row in sides.bids}
    waiting = {entry.sequence: bid_of(entry) for entry in sides.waiting if isinstance(entry, Entry)}
    differing = {number for number in ledger.keys() & waiting.keys() if ledger[number] != waiting[number]}
    yield from listed("I2", "differs between list and ledger: bid", differing)
    bids = {number: bid for number, bid in (waiting | ledger).items() if number <= sides.through}
    quarantined = {entry.sequence for entry in sides.quarantined if entry.sequence}
    missing = set(range(1, sides.through + 1)) - bids.keys() - quarantined - sides.given_up
    if len(missing) > sides.unreadable:
        yield from listed("I1", "accepted, but neither waiting nor recorded: bid", missing)
    if not missing and not quarantined and rules.order_of_bids(bids.values()) != sides.order:
        yield from _differences(rules.order_of_bids(bids.values()), sides.order)


def _differences(ledger: list[RankedBid], store: list[RankedBid]) -> Iterator[Finding]:
    unlike = (rank for rank, (ours, theirs) in enumerate(zip(ledger, store, strict=False), 1) if ours != theirs)
    for rank in islice(unlike, LISTED_MAX):
        ours, theirs = ledger[rank - 1], store[rank - 1]
        yield Finding(
            "I6",
            f"rank {rank} is bid {theirs.sequence} of {theirs.amount} won in the live store "
            f"and bid {ours.sequence} of {ours.amount} won by the ledger",
        )
    if len(ledger) != len(store):
        yield Finding("I6", f"the live store ranks {len(store)} people, the ledger {len(ledger)}")


def _faults_of_chances(engine: Engine, sides: Sides) -> Iterator[Finding]:
    bids = {row.sequence: (row.person_id, row.nth) for row in sides.bids}
    bids |= {entry.sequence: (entry.person, entry.nth) for entry in sides.waiting if isinstance(entry, Entry)}
    # The highest `nth`, not the number of bids: an earlier bid of the person may be lost.
    used: dict[int, int] = {}
    for sequence, (person, nth) in bids.items():
        if sequence <= sides.through:
            used[person] = max(nth, used.get(person, 0))
    complete = bids.keys() | sides.given_up >= set(range(1, sides.through + 1))
    for ranked in sides.order if complete else ():
        place = engine.place(sides.row.id, ranked.person)
        # Skip people who have bid again since the order was read.
        nth = used.get(ranked.person, 0)
        if place.sequence == ranked.sequence and place.chances_left != rules.chances_left(nth):
            spent = CHANCES - place.chances_left
            yield Finding("I3", f"the bidder of bid {ranked.sequence} has spent {spent} chances on {nth} bids")
