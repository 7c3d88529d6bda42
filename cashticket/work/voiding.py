"""Voiding in both stores: first the ledger, so that nothing is settled any more, then the live store, to stop bidding.

Bids accepted in between are recorded too, and their bidders are told. After a crash, voiding again completes it.
"""

from contextlib import suppress
from datetime import datetime

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.errors import OperatorError
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.recording import record_waiting
from cashticket.settlement import voiding
from cashticket.settlement.voiding import Voided
from cashticket.work import queueing
from cashticket.work.cached_pages import renewing_pages


class HalfVoided(OperatorError):
    """The ledger has voided the auction, and the live store has not: the command must be repeated."""


def void_and_announce(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction in both stores at `now` (UTC) and let the mails leave. Raises NotVoidable and HalfVoided."""
    try:
        voided = void(engine, auction_id, why, operator, now)
    except (StoreUnavailable, OutcomeUnknown, LedgerGap) as error:
        raise HalfVoided(
            f"Auction {auction_id} is void in the ledger, but the live store has not taken it yet: repeat the same "
            f"command when it is back. ({error})"
        ) from error
    queueing.deliver_soon()
    return voided


@renewing_pages()
def void(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction in both stores at `now` (UTC). Raises NotVoidable before anything is changed.

    Raises LedgerGap, StoreUnavailable and OutcomeUnknown when only the ledger has voided it: call again later.
    """
    first = voiding.void(auction_id, why, operator, now)
    with suppress(UnknownAuction):
        _record_all(engine, auction_id)
        engine.finish(auction_id, State.VOIDED)
        _record_all(engine, auction_id)
    # Now every accepted bid is recorded: tell the bidders of the last ones too.
    last = voiding.void(auction_id, why, operator, now)
    return Voided(auction_id, last.refunds, last.withdrawn, first.mails + last.mails, first.repeated)


def _record_all(engine: Engine, auction_id: int) -> None:
    while record_waiting(engine, auction_id):
        pass
