"""A watcher: one connected socket in a hub, and the marks that tell what it was shown last."""

from dataclasses import dataclass, field
from typing import Any

from cashticket.engine.interface import Place, Snapshot
from cashticket.live.mailbox import Mailbox
from cashticket.live.pieces import to_win
from cashticket.live.rank_readings import RankReading

Mark = tuple[Any, ...]
"""Everything that a piece shows. Pieces of equal marks look the same, so the second is not sent."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One socket: its auction (None: the page of a signed-in person that shows none), its language, its person (None:
    anonymous) and what it was shown last.

    `missed_sequence` is the bid that pushed the person out before this socket opened, 0 for none or once it was dealt
    with. The ledger was searched for it up to the bid `searched_through`. `shown_at` is in monotonic seconds.
    """

    auction_id: int | None
    locale: str
    person: int | None = None
    epoch: int = 0
    missed_sequence: int = 0
    searched_through: int = 0
    mailbox: Mailbox = field(default_factory=Mailbox)
    board_mark: Mark | None = None
    standing_mark: Mark | None = None
    shown_at: float = 0.0


def mark_of_board(snapshot: Snapshot) -> Mark:
    """The mark of this snapshot's board."""
    return snapshot.version, snapshot.state, snapshot.paused


def mark_of_standing(snapshot: Snapshot, place: Place, reading: RankReading | None) -> Mark:
    """The mark of a person's standing with the last `reading` of the rank; most changes of the board leave it as it
    is."""
    own_facts = (place.sequence, place.winning, place.chances_left, place.recorded)
    return (
        own_facts,
        place.amount,
        place.rank,
        reading,
        snapshot.state,
        snapshot.paused,
        snapshot.cutoff,
        snapshot.best,
        snapshot.ends_at_ms,
        to_win(snapshot),
    )


def own_facts_of(mark: Mark) -> Any:
    """The part of a standing's mark that changes only by the person's own bid or by being pushed out or in."""
    return mark[0]
