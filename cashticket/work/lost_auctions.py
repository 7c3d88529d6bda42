"""Auctions that the ledger has as running and the live store does not know: which they are, and what an operator does.

The live store came back empty or without them, or publishing was killed between the two stores.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.ledger.live_stores import unfinished_elsewhere
from cashticket.models import Auction


class NoAddress(OperatorError):
    """The store of an auction is not among the settings, or another one has the auction."""


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
            missing = without_status(unfinished, store.statuses(unfinished))
            lost |= missing | {each: misplaced(each, name, other) for each, other in _others(engine, name, missing)}
        except (StoreUnavailable, OutcomeUnknown) as error:
            failures.append(error)
    if len(failures) == len(stores):
        raise failures[0]
    return lost | {each: no_address(each, name) for each, name in unfinished_elsewhere(stores).items()}


def require_address(engine: Engine, auction: Auction) -> None:
    """Raises NoAddress for an auction whose store the settings do not name, and for one that another store has and its
    own has not: nothing may be sent to the wrong one. Costs nothing where there is one store."""
    if (name := auction.store or FIRST_STORE) not in engine.stores():
        raise NoAddress(f"Nothing was sent: {no_address(auction.id, name)}.")
    if len(engine.stores()) > 1 and _lacks(engine.stores()[name], auction.id):
        for _, other in _others(engine, name, [auction.id]):
            raise NoAddress(f"Nothing was sent: {misplaced(auction.id, name, other)}.")


def _lacks(store: Engine, auction_id: int) -> bool:
    """Whether a store answers that it does not have an auction."""
    try:
        return auction_id not in store.statuses([auction_id])
    except (StoreUnavailable, OutcomeUnknown):
        return False


def _others(engine: Engine, name: str, auction_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Those of the auctions that another store than the one of this name has, each with that store's name."""
    for other, store in engine.stores().items() if auction_ids else ():
        if other != name and other not in engine.silent():
            with suppress(StoreUnavailable, OutcomeUnknown):
                yield from ((auction_id, other) for auction_id in store.statuses(auction_ids))


def misplaced(auction_id: int, name: str, other: str) -> str:
    """What is said of an auction that is in the store `other`, and by the ledger in the one called `name`."""
    return (
        f"auction {auction_id} is in the live store {other} and not in {name}: give the names in LIVE_STORES and "
        "REDIS_URL back to the servers that they had"
    )


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
