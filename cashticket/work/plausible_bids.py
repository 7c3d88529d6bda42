"""Whether what witnesses say can be true: a bid that nobody can have made is never put back.

Whoever can write to a witness's shelf, or an installation that shares it by mistake, could otherwise make up bids.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from cashticket.auction.values import CHANCES, Entry
from cashticket.engine.interface import BACKLOG_MAX
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.operator_acts import people_withdrawn
from cashticket.ledger.terms import terms_of
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.models import Person
from cashticket.witness.testimony import KnownBids

NUMBERS_AHEAD_MAX = 10 * BACKLOG_MAX
"""No process hears of numbers so far above those that live store and ledger have: fewer bids can ever wait."""

PEOPLE_MAX = 500
"""People that one statement asks about."""


def implausible_bids(auction_id: int, entries: Iterable[Entry]) -> list[Entry]:
    """Those of the entries that are no bids of this auction: of an unknown person, of an amount off its steps or
    limits, or beyond the chances that a person has; and withdrawals that no operator has made."""
    entries, row = list(entries), queries.auction(auction_id)
    if row is None or not entries:
        return entries
    terms, people = terms_of(row), _people({entry.person for entry in entries})
    withdrawn = people_withdrawn(auction_id) if any(map(is_withdrawal, entries)) else set()
    return [
        entry
        for entry in entries
        if entry.person not in people
        or not terms.minimum <= entry.amount <= terms.maximum
        or (entry.amount - terms.minimum) % terms.step
        or not (entry.person in withdrawn if is_withdrawal(entry) else 1 <= entry.nth <= CHANCES)
    ]


def without_implausible(auction_id: int, held: Mapping[int, Entry]) -> dict[int, Entry]:
    """The held bids, by number, without those that are none of this auction."""
    implausible = {entry.sequence for entry in implausible_bids(auction_id, held.values())}
    return {number: entry for number, entry in held.items() if number not in implausible}


def check_plausible(auction_id: int, witnessed: KnownBids, stored: int) -> None:
    """Raises LedgerGap when what witnesses say of an auction cannot be true. `stored` is the highest number that the
    live store gave. What the ledger has is settled, also an impossible bid that it set aside."""
    queries.forget()
    recorded = queries.recorded_sequence(auction_id) or 0
    then = "find the process that wrote it, and remove its record if that is none of this installation"
    if witnessed.highest > max(stored, recorded) + NUMBERS_AHEAD_MAX:
        raise LedgerGap(
            f"a witness of auction {auction_id} names number {witnessed.highest}, far above {stored}: {then}"
        )
    open_bids = [entry for number, entry in witnessed.entries.items() if number > recorded]
    if bids := implausible_bids(auction_id, open_bids):
        numbers = ", ".join(str(entry.sequence) for entry in bids[:10])
        raise LedgerGap(f"witnesses of auction {auction_id} hold bids that nobody can have made ({numbers}): {then}")


def _people(ids: set[int]) -> set[int]:
    ordered, people = sorted(ids), set[int]()
    for first in range(0, len(ordered), PEOPLE_MAX):
        part = select(Person.id).where(Person.id.in_(ordered[first : first + PEOPLE_MAX]))
        people |= set(db.session.scalars(part))
    return people
