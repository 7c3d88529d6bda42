"""Voiding in both stores: the ledger first, because settlement asks it, then the live store, so that bidding stops.

What was accepted in between is recorded too, and its bidders are told. A crash anywhere is mended by voiding again.
"""

from contextlib import suppress
from datetime import datetime

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger.recording import record_waiting
from cashticket.settlement import voiding
from cashticket.settlement.voiding import Voided
from cashticket.work.cached_pages import renewing_pages


@renewing_pages()
def void(engine: Engine, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction everywhere. Raises NotVoidable before anything is changed; LedgerGap, StoreUnavailable and
    OutcomeUnknown when the ledger has voided it and the live store is still to hear of it: then call again."""
    done = voiding.void(auction_id, why, operator, now)
    with suppress(UnknownAuction):
        _record(engine, auction_id)
        engine.finish(auction_id, State.VOIDED)
        _record(engine, auction_id)
    completed = voiding.void(auction_id, why, operator, now)
    return Voided(auction_id, completed.refunds, completed.withdrawn, completed.notification_ids, done.repeated)


def _record(engine: Engine, auction_id: int) -> None:
    while record_waiting(engine, auction_id):
        pass
