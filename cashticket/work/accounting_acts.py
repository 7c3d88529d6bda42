"""What accounting changed is kept among the acts: which bids an auction got back, and which were given up."""

import logging

from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.work.accounting import Accounted

log = logging.getLogger(__name__)

WATCH = "watch"
"""The operator of what the watch does by itself."""


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
    numbers = sum(last - first + 1 for first, last in accounted.numbers_given_up)
    sentence = (
        f"the live store had gone on from before bid {last_number + 1}: {accounted.put_back} bids were put back, "
        f"{numbers} numbers and {accounted.bids_given_up} answered bids given up"
    )
    log.warning("auction %s: %s", accounted.auction_id, sentence)
    record_alone(operator, Act.AUCTION_PUT_BACK, auction_subject(accounted.auction_id), sentence, facts)
