"""Finds the alert that somebody missed while no page of theirs was connected."""

from dataclasses import dataclass

from cashticket.auction.values import Entry
from cashticket.engine.interface import Engine
from cashticket.ledger import queries
from cashticket.live.hub import Hub
from cashticket.notify import inbox

UNRECORDED_MAX = 500
"""How many bids that wait for the ledger are searched for one person."""


@dataclass(frozen=True, slots=True)
class MissedAlert:
    """`sequence` is the newest bid that pushed the person out without their having read of it, 0 when there is none.
    The ledger was searched up to the bid `searched_through`."""

    sequence: int = 0
    searched_through: int = 0


def missed_alert(hub: Hub, engine: Engine, auction_id: int, person_id: int) -> MissedAlert:
    """The alert to repeat to a person who connects now. Whether they are still out shows in the first update.

    Raises StoreUnavailable.
    """
    # In this order a displacement is in one of the three places at every moment: the news this process hears, the bids
    # that wait for the ledger, the ledger.
    hub.listen()
    unrecorded = engine.peek(auction_id, UNRECORDED_MAX)
    recorded_sequence = queries.recorded_sequence(auction_id) or 0
    sequences = [
        entry.sequence
        for entry in unrecorded
        if isinstance(entry, Entry)
        and entry.alert
        and entry.displaced == person_id
        and entry.sequence > recorded_sequence
    ]
    return MissedAlert(max([*sequences, inbox.unseen_rank_out(person_id, auction_id)]), recorded_sequence)
