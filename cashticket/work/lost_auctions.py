"""Auctions that the ledger has as running and the live store does not know: which they are, and what an operator does.

The live store came back empty or without them, or publishing was killed between the two stores.
"""

from collections.abc import Collection, Mapping

from cashticket.engine.interface import Engine
from cashticket.ledger import queries


def lost_auctions(engine: Engine) -> dict[int, str]:
    """What to do about each auction that the live store should know and does not, by id; empty when all are there.

    Raises what stores raise while they are away.
    """
    unfinished = queries.unfinished()
    return without_status(unfinished, engine.statuses(unfinished))


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
