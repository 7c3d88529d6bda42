"""Faults between what witnesses know and what live store and ledger have: answered bids that are not in their place."""

from collections.abc import Iterator

from cashticket.auction.number_rules import Numbers
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger import queries
from cashticket.ledger.given_up_bids import given_up_bids
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.witness.testimony import Testimony
from cashticket.work.accounting import displaced_bids, status_of
from cashticket.work.check.findings import Finding, Listing


def witness_faults(engine: Engine, auction_id: int, testimony: Testimony) -> Iterator[Finding]:
    """Yield what was answered and is neither in its place nor given up as a row.

    `testimony` was read before, so a bid that arrives meanwhile is no fault. Nothing is compared once the auction is
    over for good, or while the live store does not know it. Raises what stores raise while they are away.
    """
    row = queries.auction(auction_id)
    if row is None or row.state.is_end:
        return
    doubled = Listing("I1", "answered to another bid than ledger or list have: number")
    given_up = {(bid.sequence, bid.person_id, bid.request_id) for bid in given_up_bids(auction_id)}
    for entry in displaced_bids(engine, auction_id, testimony):
        # A withdrawal was promised to nobody; the operator repeats it.
        if not is_withdrawal(entry) and (entry.sequence, entry.person, entry.request_id) not in given_up:
            doubled.add(entry.sequence)
    yield from doubled.findings()
    try:
        stored = status_of(engine, auction_id).sequence
    except UnknownAuction:
        return
    highest = testimony.of(auction_id).highest
    recorded = queries.recorded_sequence(auction_id) or 0
    if missing := Numbers(max(stored, recorded), recorded, (), highest).missing:
        first, last = missing
        yield Finding("I1", f"numbers up to {last} were answered, live store and ledger have only those before {first}")
