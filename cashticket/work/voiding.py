"""Voiding in both stores: first the ledger, so that nothing is settled any more, then the live store, to stop bidding.

Bids accepted in between are recorded too. Then every bidder is told, batch by batch. After a crash the watch tells the
rest, and voiding again completes everything.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.errors import OperatorError
from cashticket.ledger.fence import LedgerGap
from cashticket.settlement import voiding
from cashticket.settlement.voiding import Foreseen, Voided
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.telling import record_all, tell_all


class HalfVoided(OperatorError):
    """The ledger has voided the auction, and the live store has not: the command must be repeated."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A voided auction whose bidders are told. `told_now` counts those that this call told apart from holders of
    seats; somebody else may have told others."""

    voided: Voided
    told_now: int


def foresee(auction_id: int) -> Foreseen:
    """What voiding would do now; nothing is changed. Raises NotVoidable."""
    return voiding.foresee(auction_id)


def void_and_announce(
    engine: Engine,
    auction_id: int,
    why: str,
    operator: str,
    now: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Announced:
    """Void an auction in both stores at `now` (UTC) and tell every bidder, in this process. Calls `progress` with how
    many are told, of how many. Raises NotVoidable and HalfVoided."""
    try:
        voided = void(engine, auction_id, why, operator, now)
        count = tell_all(engine, auction_id, progress)
    except (StoreUnavailable, OutcomeUnknown, LedgerGap) as error:
        raise HalfVoided(
            f"Auction {auction_id} is void in the ledger, but the live store has not taken it yet: repeat the same "
            f"command when it is back. ({error})"
        ) from error
    return Announced(voided, count)


@renewing_pages()
def void(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction in both stores at `now` (UTC). Its bidders are still to be told. Raises NotVoidable before
    anything is changed.

    Raises LedgerGap, StoreUnavailable and OutcomeUnknown when only the ledger has voided it: call again later.
    """
    first = voiding.void(auction_id, why, operator, now)
    with suppress(UnknownAuction):
        record_all(engine, auction_id)
        engine.finish(auction_id, State.VOIDED)
        record_all(engine, auction_id)
    # Now every accepted bid is recorded: the bidders of the last ones are told too.
    last = voiding.void(auction_id, why, operator, now)
    return Voided(auction_id, last.refunds, last.withdrawn, first.repeated)
