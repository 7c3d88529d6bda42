"""An accepted bid as the answer to its bidder and as the entry for the ledger; either is made from the other."""

from dataclasses import fields
from typing import Any

from cashticket.auction import rules
from cashticket.auction.values import Accepted, Entry, RankedOut

SHARED_FIELDS = tuple(field.name for field in fields(Accepted) if field.name in Entry.__annotations__)
"""The fields that answer and entry have in common."""


def answer_of(entry: Entry, seats: int, *, replayed: bool = False) -> Accepted:
    """The answer to the bid of `entry` in an auction of `seats`. `replayed` marks the answer to a repeated request."""
    return Accepted(
        **_shared(entry),
        winning=rules.is_winning(entry.rank, seats),
        chances_left=rules.chances_left(entry.nth),
        replayed=replayed,
    )


def entry_of(answer: Accepted, person: int, request_id: str, out: RankedOut | None) -> Entry:
    """The entry of the bid of `person` that got this answer. `out` is the person it displaced."""
    return Entry(
        **_shared(answer),
        person=person,
        request_id=request_id,
        displaced=out.person if out else None,
        alert=out.alert if out else False,
    )


def _shared(bid: Accepted | Entry) -> dict[str, Any]:
    return {name: getattr(bid, name) for name in SHARED_FIELDS}
