"""Withdrawing: an operator takes the standing of a person out of a running auction, or out of all.

The act is kept first, then the live store does it, and the ledger records it as it records bids. After a crash in
between, the command is repeated: it finds what is still to do.
"""

from dataclasses import dataclass, field

from cashticket.auction.values import Permission, State
from cashticket.engine.interface import (
    Engine,
    OutcomeUnknown,
    Paused,
    Place,
    Snapshot,
    StoreUnavailable,
    UnknownAuction,
)
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.ledger.operator_acts import record_alone
from cashticket.models import Person
from cashticket.models.operator_acts import Act, auction_subject


class NotWithdrawable(OperatorError):
    """The standing cannot be withdrawn."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was, or would be, withdrawn: the standing bid of `amount` won at `rank`. `sequence` is the number of the
    withdrawal, None before it; `brought_in` is the person who comes in, None for nobody. `repeated`: it was done
    before. `may_bid_again`: the account is not blocked, and has chances left."""

    auction_id: int
    person_id: int
    amount: int = 0
    rank: int | None = None
    sequence: int | None = None
    brought_in: int | None = None
    may_bid_again: bool = False
    repeated: bool = False


@dataclass(slots=True)
class WithdrawnEverywhere:
    """Out of which running auctions somebody was taken, and out of which not, with the reason."""

    withdrawn: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)


def foresee(engine: Engine, auction_id: int, person: Person) -> Withdrawn:
    """What withdrawing would do now; nothing is changed. Raises NotWithdrawable and UnknownAuction."""
    snapshot, place = _standing(engine, auction_id, person)
    again = person.permission is not Permission.BLOCKED and place.chances_left > 0
    done = Withdrawn(auction_id, person.id, place.amount, place.rank, may_bid_again=again, repeated=not place.sequence)
    if not place.winning:
        return done
    [*following] = engine.rows(auction_id, snapshot.terms.seats + 1, 1).bids
    return Withdrawn(
        auction_id,
        person.id,
        place.amount,
        place.rank,
        brought_in=following[0].person if following else None,
        may_bid_again=again,
    )


def withdraw(engine: Engine, auction_id: int, person: Person, why: str, operator: str) -> Withdrawn:
    """Take the standing of this person out of the order, and keep the act. Raises NotWithdrawable and UnknownAuction,
    and what stores raise: then repeat it."""
    foreseen = foresee(engine, auction_id, person)
    if foreseen.repeated:
        return foreseen
    facts = {"person": person.id, "amount": foreseen.amount, "rank": foreseen.rank}
    record_alone(operator, Act.AUCTION_WITHDRAW, auction_subject(auction_id), why, facts)
    try:
        done = engine.withdraw(auction_id, person.id)
    except Paused as paused:
        raise NotWithdrawable(_paused(auction_id, paused.reason)) from paused
    if done.refusal:
        raise NotWithdrawable(f"Auction {auction_id} takes no withdrawal any more ({done.refusal}).")
    if (entry := done.entry) is None:
        return Withdrawn(auction_id, person.id, may_bid_again=foreseen.may_bid_again, repeated=True)
    return Withdrawn(
        auction_id,
        person.id,
        entry.amount,
        entry.rank,
        sequence=entry.sequence,
        brought_in=entry.displaced,
        may_bid_again=foreseen.may_bid_again,
    )


def withdraw_everywhere(engine: Engine, person: Person, why: str, operator: str) -> WithdrawnEverywhere:
    """Take this person out of every auction that runs, in the live stores that answer. Auctions where that is not
    possible now are named, and the others go on. Raises what stores raise when none answers: then repeat it."""
    everywhere = WithdrawnEverywhere()
    for auction_id in engine.auctions():
        try:
            if not engine.place(auction_id, person.id).sequence or not engine.read(auction_id).goes_on:
                continue
            if not withdraw(engine, auction_id, person, why, operator).repeated:
                everywhere.withdrawn.append(auction_id)
        except UnknownAuction:
            continue
        except NotWithdrawable as error:
            everywhere.failed[auction_id] = str(error)
        except (StoreUnavailable, OutcomeUnknown):
            everywhere.failed[auction_id] = f"The live store of auction {auction_id} gave no answer: run this again."
    return everywhere


def _standing(engine: Engine, auction_id: int, person: Person) -> tuple[Snapshot, Place]:
    if queries.auction(auction_id) is None:
        raise NotWithdrawable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    snapshot = engine.read(auction_id)
    if snapshot.state is not State.SCHEDULED and not snapshot.goes_on:
        raise NotWithdrawable(
            f"Auction {auction_id} is over, so its order stays. Block the account: whoever is blocked is passed over "
            "when seats are given out; `flask award revoke` takes back a seat that was given."
        )
    if snapshot.paused:
        raise NotWithdrawable(_paused(auction_id, snapshot.paused))
    place = engine.place(auction_id, person.id)
    if not place.sequence and place.chances_left == 3:
        raise NotWithdrawable(f"Account {person.id} has no bid in auction {auction_id}.")
    return snapshot, place


def _paused(auction_id: int, reason: str) -> str:
    return (
        f"Bidding in auction {auction_id} is paused ({reason}): nothing is withdrawn until it goes on; try again then."
    )
