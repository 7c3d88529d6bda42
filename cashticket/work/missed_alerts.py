"""Finds the alerts that somebody missed while no page of theirs was connected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cashticket.auction.values import Entry
from cashticket.engine.interface import Engine
from cashticket.ledger import queries
from cashticket.live.hub import Hub
from cashticket.live.still_out import Displacement, StillOut, still_out
from cashticket.live.watcher import Watcher
from cashticket.notify import inbox

UNRECORDED_MAX = 500
"""How many bids that wait for the ledger are searched for one person."""

AUCTIONS_MAX = 3
"""A page that shows no auction repeats the alerts of so many; it has room for no more."""


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
    hub.listen(auction_id)
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


def repeat_missed_alerts(hub: Hub, engine: Engine, watcher: Watcher) -> None:
    """Alert the page of a person that shows no auction and has joined the hub of the auctions in which they were pushed
    out without having read of it, and are still out. It gets no alert twice.

    Raises StoreUnavailable, OutcomeUnknown and UnknownAuction.
    """
    assert watcher.person is not None, "strangers are never pushed out"
    frames, person_id = hub.signed_in.frames, watcher.person
    for out in missed_by(engine, person_id, hub.recent_alerts(person_id)):
        at = out.displacement
        frames.alert_sockets([watcher], at.auction_id, person_id, at.sequence, out.version, out.amount)


def missed_by(engine: Engine, person_id: int, heard: Mapping[int, int]) -> Iterator[StillOut]:
    """Where a person was pushed out without having read of it, is still out and may still bid; at most AUCTIONS_MAX.
    `heard` is what the ledger may not have yet: auction → the bid that pushed them out. Two SQL statements at most, and
    a round trip for each auction and one more; one statement if there is nothing."""
    recorded = queries.recorded_sequences(heard) if heard else {}
    # Read after that: what is recorded by now is found there, if it was not read.
    unread = inbox.unseen_rank_outs(person_id, AUCTIONS_MAX)
    newest = {auction_id: sequence for auction_id, sequence in heard.items() if sequence > recorded.get(auction_id, 0)}
    for auction_id, sequence in unread.items():
        newest[auction_id] = max(sequence, newest.get(auction_id, 0))
    return still_out(engine, [Displacement(person_id, *each) for each in list(newest.items())[:AUCTIONS_MAX]])
