"""Removes what witnesses have left that ended, once nobody needs it any more."""

from cashticket.engine.interface import Engine, Status
from cashticket.witness.shelves import Shelves
from cashticket.witness.testimony import Record

KEPT_SECONDS = 3600.0
"""Every record stays at least so long after its process wrote last."""

IDENTITY_SECONDS = 7 * 86_400.0
"""How long the record of somebody who heard a store process stays when no living process has heard it."""

UNRECORDED_SECONDS = 29 * 86_400.0
"""How long bids that the ledger does not have are kept, so that an operator can still decide about them."""


def remove_ended(shelves: Shelves, engine: Engine) -> int:
    """Remove records of ended processes that are needed by nobody; returns of how many. Raises ShelfUnavailable, and
    what the live store raises while it is away."""
    records = shelves.records()
    statuses = engine.statuses(sorted({auction_id for record in records for auction_id in record.auctions}))
    covered = frozenset[str]().union(*(record.identities for record in records if record.alive))
    return shelves.remove(lambda record, age: _is_over(record, age, statuses, covered))


def _is_over(record: Record, age_seconds: float, statuses: dict[int, Status], covered: frozenset[str]) -> bool:
    if age_seconds < KEPT_SECONDS:
        return False
    if not all(_is_recorded(record, auction_id, statuses) for auction_id in record.auctions):
        return age_seconds > UNRECORDED_SECONDS
    return record.identities <= covered or age_seconds > IDENTITY_SECONDS


def _is_recorded(record: Record, auction_id: int, statuses: dict[int, Status]) -> bool:
    """Whether the ledger has every bid of this auction that the process knew. An auction that has left the live store
    after its end has none that wait; one that the store lost may have, and its entries then count as unrecorded."""
    status = statuses.get(auction_id)
    if status is None:
        return not record.auctions[auction_id].entries
    return record.auctions[auction_id].highest <= status.recorded
