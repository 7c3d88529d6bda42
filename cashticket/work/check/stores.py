"""Faults between live store and ledger: terms, marks, and where each bidder stands."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy.orm import Session

from cashticket.auction import rules
from cashticket.auction.terms import TERMS_FIELDS
from cashticket.auction.values import CHANCES, State
from cashticket.engine.interface import PLACES_MAX, Engine, Place, Snapshot
from cashticket.extensions import db
from cashticket.ledger.bid_windows import bids_past_the_fence
from cashticket.ledger.terms import terms_of
from cashticket.ledger.withdrawals import is_withdrawal, withdrawals_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Withdrawal
from cashticket.work.check.bids import Bidder
from cashticket.work.check.findings import LISTED_MAX, Finding, Listing
from cashticket.work.check.waiting import read_waiting


def faults_of_terms(row: Auction, after: Snapshot) -> Iterator[Finding]:
    """Yield what the two sides say differently about the auction itself."""
    published, stored = after.terms, terms_of(row)
    for name in TERMS_FIELDS:
        theirs, ours = getattr(published, name), getattr(stored, name)
        if theirs == ours:
            continue
        if name == "alias_salt":
            yield Finding("I6", "the aliases of live store and ledger differ")
        else:
            yield Finding("I6", f"{name} is {theirs} in the live store and {ours} in the ledger")
    ended = row.state is not State.OPEN
    if ended and to_ms(row.ends_at) != after.ends_at_ms:
        end = to_moment(after.ends_at_ms)
        yield Finding("I12", f"the end is {end} in the live store and {row.ends_at} in the ledger")
    if row.state.is_end and after.state is not row.state:
        shown = after.state
        yield Finding("I12", f"the ledger says {row.state}, the live store still says {shown}")


def faults_of_marks(row: Auction, before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """Yield what the counters of the two sides say against each other. `row` was read between the two snapshots."""
    recorded = row.recorded_sequence
    if before.recorded > recorded:
        shown = before.recorded
        yield Finding("I14", f"the live store shows bids up to {shown} as recorded, the ledger has {recorded}")
    if recorded > after.sequence:
        given = after.sequence
        yield Finding("I5", f"the ledger has bids up to {recorded}, the live store gave only {given}")
    past = Listing("I14", "recorded past the ledger's mark: bid")
    for number in bids_past_the_fence(row.id, LISTED_MAX + 1):
        past.add(number)
    yield from past.findings()


def faults_of_places(
    engine: Engine,
    auction_id: int,
    bidders: Mapping[int, Bidder],
    through: int,
    progress: Callable[[str, int, int], None],
    *,
    complete: bool,
) -> Iterator[Finding]:
    """Yield every bidder who stands elsewhere in the live store than their bids say. The bids up to `through` were read
    before; `complete`: none of them is missing. A place of a later bid, or none since a later withdrawal, is newer than
    what was read, and no fault."""
    people, count, gone = list(bidders), 0, _WithdrawnSince(engine, auction_id, through)
    for first in range(0, len(people), PLACES_MAX):
        for person, place in engine.places(auction_id, people[first : first + PLACES_MAX]).items():
            finding = _fault_of_place(place, bidders[person], through, complete)
            if finding is not None and not place.sequence and person in gone:
                continue
            count += finding is not None
            if finding is not None and count <= LISTED_MAX:
                yield finding
        progress("bidders", min(first + PLACES_MAX, len(people)), len(people))
    if count > LISTED_MAX:
        yield Finding("I6", f"{count - LISTED_MAX} more bidders stand elsewhere in the live store than in the ledger")


class _WithdrawnSince:
    """The people whose standings were withdrawn after a number; read once, when somebody is looked for."""

    def __init__(self, engine: Engine, auction_id: int, through: int) -> None:
        self._engine, self._auction_id, self._through = engine, auction_id, through
        self._people: set[int] | None = None

    def __contains__(self, person: int) -> bool:
        if self._people is None:
            # The list first: what is no longer there is in the ledger when that is read afterwards.
            waiting = read_waiting(self._engine, self._auction_id).bids
            later = [bid for number, bid in waiting.items() if number > self._through and is_withdrawal(bid)]
            # Not by the session of the check, which may show how the ledger was when it began.
            with Session(db.engine) as session:
                rows = withdrawals_of(self._auction_id, Withdrawal.sequence > self._through, session=session)
            self._people = {bid.person for bid in later} | {row.person_id for row in rows}
        return person in self._people


def _fault_of_place(place: Place, bidder: Bidder, through: int, complete: bool) -> Finding | None:
    ours = f"bid {bidder.sequence} of {bidder.amount} won" if bidder.sequence else "no bid"
    if place.sequence == bidder.sequence:
        if place.amount != max(0, bidder.amount):
            return Finding("I6", f"{ours} in the ledger stands for {place.amount} won in the live store")
        if complete and place.chances_left != rules.chances_left(bidder.nth):
            spent = CHANCES - place.chances_left
            return Finding("I3", f"the bidder of bid {bidder.sequence} has spent {spent} chances on {bidder.nth} bids")
        return None
    if not complete or place.sequence > through:
        return None
    if not place.sequence:
        return Finding("I6", f"{ours} does not stand in the live store")
    theirs = f"bid {place.sequence} of {place.amount} won"
    return Finding("I6", f"{ours} is the newest of its bidder in the ledger, {theirs} in the live store")
