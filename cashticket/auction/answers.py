"""The answer that an accepted bid was given, made again from the bid itself."""

from cashticket.auction import rules
from cashticket.auction.values import Accepted, Entry


def answer_of(entry: Entry, seats: int, *, replayed: bool = False) -> Accepted:
    """The answer to the bid of `entry` in an auction of `seats`. `replayed` marks the answer to a repeated request."""
    return Accepted(
        sequence=entry.sequence,
        nth=entry.nth,
        amount=entry.amount,
        rank=entry.rank,
        winning=rules.is_winning(entry.rank, seats),
        chances_left=rules.chances_left(entry.nth),
        cutoff=entry.cutoff,
        at_ms=entry.at_ms,
        ends_at_ms=entry.ends_at_ms,
        replayed=replayed,
    )
