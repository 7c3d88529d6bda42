"""The auctions that bind a person, because they have bid in them; and holding bids while facts change.

A bid that the live store has accepted counts before the ledger has it, and also after an operator has withdrawn it:
whoever could close the account then would come back with new chances.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cashticket.accounts import holds
from cashticket.auction import person_rules
from cashticket.auction.values import CHANCES
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.ledger import person_queries, queries
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.people import HOLD_MAX
from cashticket.work.introducing import introduce_again, tell_auctions

ATTEMPTS, PAUSE_SECONDS = 40, 0.05
"""How often a hold is tried while another one lasts, and how long to wait in between."""


def binding_auctions(engine: Engine, person_id: int) -> list[Auction]:
    """The unfinished auctions in which this person has bid, in the order in which they end.

    Raises StoreUnavailable and OutcomeUnknown.
    """
    auctions = _unfinished()
    recorded = person_queries.bids_by_auction(person_id, [auction.id for auction in auctions])
    return [auction for auction in auctions if recorded[auction.id] or _has_bid(engine, auction.id, person_id)]


def binding_auctions_or_recorded(engine: Engine, person_id: int) -> list[Auction]:
    """Like `binding_auctions`; while the live store does not answer, those in which the ledger has a bid. To show, not
    to decide."""
    try:
        return binding_auctions(engine, person_id)
    except (StoreUnavailable, OutcomeUnknown):
        auctions = _unfinished()
        recorded = person_queries.bids_by_auction(person_id, [auction.id for auction in auctions])
        return [auction for auction in auctions if recorded[auction.id]]


@contextmanager
def bids_held(engine: Engine, person_id: int) -> Iterator[list[Auction]]:
    """While the block runs, no auction takes a bid of this person. Gives the auctions that bind the person.

    Raises StoreUnavailable and OutcomeUnknown when the auctions cannot be told or asked, and holds.BidsHeld while
    another hold lasts: then the block does not run.
    """
    held = _hold(person_id)
    assert held.bids_held_at is not None, "hold sets it"
    try:
        tell_auctions(engine, held)
        binding = binding_auctions(engine, person_id)
        if utcnow() - held.bids_held_at > HOLD_MAX / 2:
            raise StoreUnavailable(f"holding the bids of person {person_id} took too long")
        yield binding
    finally:
        introduce_again(engine, holds.release(person_id, held.bids_held_at))


def _unfinished() -> Sequence[Auction]:
    return [auction for auction in queries.live_auctions() if person_rules.binds(auction.state)]


def _has_bid(engine: Engine, auction_id: int, person_id: int) -> bool:
    try:
        return engine.place(auction_id, person_id).chances_left < CHANCES
    except UnknownAuction:
        return False


def _hold(person_id: int) -> Person:
    for _ in range(ATTEMPTS):
        try:
            return holds.hold(person_id)
        except holds.BidsHeld:
            time.sleep(PAUSE_SECONDS)
    return holds.hold(person_id)
