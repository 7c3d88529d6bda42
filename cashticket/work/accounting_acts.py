"""What accounting changed is kept among the acts: which bids an auction got back, and which were given up."""

import logging

from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.work.accounting import Accounted

log = logging.getLogger(__name__)

WATCH = "watch"
"""The operator of what the watch does by itself."""

WENT_BACK = "the live store went on from an older copy of itself, or a replica that lags was promoted"


def record_accounted(operator: str, accounted: Accounted, last_number: int) -> None:
    """Keep what was done as an act of `operator`, and log it; nothing where nothing was missing. `last_number` is the
    last number that the live store had given before."""
    if not accounted.changed:
        return
    facts = {
        "after_number": last_number,
        "put_back": accounted.put_back,
        "numbers_given_up": [[first, last] for first, last in accounted.numbers_given_up],
        "bids_given_up": accounted.bids_given_up,
    }
    log.warning(
        "auction %s: the live store had gone on from before bid %s: %s bids were put back, %s numbers and %s answered "
        "bids given up",
        accounted.auction_id,
        last_number + 1,
        accounted.put_back,
        sum(last - first + 1 for first, last in accounted.numbers_given_up),
        accounted.bids_given_up,
    )
    record_alone(operator, Act.AUCTION_PUT_BACK, auction_subject(accounted.auction_id), WENT_BACK, facts)
