"""Ended auctions that the live store shows with another end than the ledger.

Whoever settles or voids tells the live store after the commit, and may die in between; a live store that went on from
an older copy of itself forgot what it was told. So once a minute the two are compared, for the auctions whose keys are
still there: those that ended in the last day.
"""

from cashticket.engine.interface import Engine
from cashticket.ledger import ended_auctions, queries

COMPARED_MAX = 1_000


def differing_ends(engine: Engine) -> list[int]:
    """Ids of the ended auctions that the live store shows in another state than the ledger, at most COMPARED_MAX.

    Two statements and one round trip. Raises what stores raise while they are away.
    """
    states = queries.states(ended_auctions.newest_with_keys(COMPARED_MAX))
    return [
        auction_id for auction_id, status in engine.statuses(states).items() if status.state is not states[auction_id]
    ]
