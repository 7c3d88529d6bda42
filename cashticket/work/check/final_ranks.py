"""Faults in the final ranks of a finished auction and in its line, found by the database in two statements."""

from collections.abc import Iterator

from cashticket.extensions import db
from cashticket.ledger.order import differing_rank
from cashticket.models import Auction
from cashticket.settlement.line import first_untrue_rank
from cashticket.work.check.findings import Finding


def rank_faults(row: Auction) -> Iterator[Finding]:
    """Yield where final ranks differ from the recorded bids, and where the line differs from awards and accounts."""
    if row.ranked_at is None:
        return
    rank = differing_rank(db.session(), row.id)
    if rank is not None:
        yield Finding("I16", f"the final ranks differ from the recorded bids from rank {rank} on")
    untrue = first_untrue_rank(db.session(), row.id)
    if untrue is not None:
        yield Finding("I16", f"whether rank {untrue} waits in the line is not what awards and accounts say")
