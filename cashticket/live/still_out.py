"""Which displacements still concern somebody: the person is still out, has not bid since, and can still win."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, Status


@dataclass(frozen=True, slots=True)
class Displacement:
    """The bid `sequence` of an auction pushed this person out."""

    person: int
    auction_id: int
    sequence: int


@dataclass(frozen=True, slots=True)
class StillOut:
    """A displacement that took a bid of `amount` won, and at `version` the person can still win."""

    displacement: Displacement
    version: int
    amount: int


def still_out(engine: Engine, displacements: Sequence[Displacement]) -> Iterator[StillOut]:
    """Those that still concern somebody. One round trip for all auctions, and one for each displacement in an auction
    that runs; none if there is nothing.

    Raises StoreUnavailable, OutcomeUnknown and UnknownAuction.
    """
    auction_ids = list({each.auction_id for each in displacements})
    statuses = engine.statuses(auction_ids) if auction_ids else {}
    running = {auction_id for auction_id, status in statuses.items() if _is_running(status)}
    for each in displacements:
        if each.auction_id in running:
            place = engine.place(each.auction_id, each.person)
            if not place.winning and 0 < place.sequence < each.sequence and place.chances_left:
                yield StillOut(each, place.version, place.amount)


def _is_running(status: Status) -> bool:
    return status.state is State.OPEN and status.now_ms < status.ends_at_ms
