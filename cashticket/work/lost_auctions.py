"""Auctions that the ledger has as running and the live store does not know: which they are, and what an operator does.

The live store came back empty or without them, or publishing was killed between the two stores.
"""

from collections.abc import Collection, Mapping

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.ledger.live_stores import unfinished_elsewhere
from cashticket.models import Auction


class NoAddress(OperatorError):
    """The store of an auction is not among the settings."""


def lost_auctions(engine: Engine) -> dict[int, str]:
    """What to do about each auction that its live store should know and does not, by id; empty when all are there. Of a
    store that is away, nothing is known.

    Raises what stores raise while all of them are away.
    """
    stores, lost, failures = engine.stores(), dict[int, str](), list[Exception]()
    for name, store in stores.items():
        if name in engine.silent():
            failures.append(StoreUnavailable(f"the live store {name} did not answer"))
            continue
        unfinished = queries.unfinished(store=name)
        try:
            lost |= without_status(unfinished, store.statuses(unfinished))
        except (StoreUnavailable, OutcomeUnknown) as error:
            failures.append(error)
    if len(failures) == len(stores):
        raise failures[0]
    return lost | {each: no_address(each, name) for each, name in unfinished_elsewhere(stores).items()}


def require_address(engine: Engine, auction: Auction) -> None:
    """Raises NoAddress for an auction whose store the settings do not name: nothing may be sent to another one."""
    if (name := auction.store or FIRST_STORE) not in engine.stores():
        raise NoAddress(f"Nothing was sent: {no_address(auction.id, name)}.")


def no_address(auction_id: int, store: str) -> str:
    """What is said of an auction whose store the settings do not name."""
    return f"auction {auction_id} is in the live store {store}, whose address is not known: name it in LIVE_STORES"


def without_status(unfinished: Mapping[int, bool], statuses: Collection[int]) -> dict[int, str]:
    """`lost_auctions` from what was read already: `unfinished` as the ledger has it, and the ids the live store has."""
    return {
        auction_id: remedy(auction_id, was_seen=was_seen)
        for auction_id, was_seen in unfinished.items()
        if auction_id not in statuses
    }


def remedy_of(auction_id: int) -> str:
    """`remedy` for a lost auction, by what the ledger has of it."""
    return remedy(auction_id, was_seen=queries.unfinished(auction_id).get(auction_id, True))


def remedy(auction_id: int, *, was_seen: bool) -> str:
    """What is wrong and what an operator does about it, in a sentence."""
    if was_seen:
        return f"auction {auction_id} is lost: `flask auction rebuild {auction_id}`"
    return f"auction {auction_id} was never opened in the live store: `flask auction publish {auction_id}`"
