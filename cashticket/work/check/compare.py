"""The check: compares live store, list and ledger of an auction with each other and with the law.

Nobody waits for it. Every finding is a fault that time does not mend; a backlog is none.
"""

from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger import queries
from cashticket.models import Auction
from cashticket.work.check.awards import award_faults
from cashticket.work.check.bids import ledger_faults
from cashticket.work.check.findings import Finding
from cashticket.work.check.sides import read_sides
from cashticket.work.check.stores import store_faults


class NoSuchAuction(Exception):
    """Neither store knows the auction."""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of a check, none when sound, with the counts compared.

    `given_up` counts sequence numbers whose bids the live store lost.
    """

    auction_id: int
    state: str
    accepted: int
    recorded: int
    waiting: int
    findings: list[Finding]
    given_up: int = 0

    @property
    def faults(self) -> list[str]:
        """The findings as sentences."""
        return [finding.sentence for finding in self.findings]

    @property
    def stops_bidding(self) -> bool:
        """Whether a bid taken now might be wrong. A finding that waits for an operator only blocks settlement."""
        return any(not finding.waits for finding in self.findings)


def check(engine: Engine, auction_id: int) -> Report:
    """Check one auction. Raises NoSuchAuction, and what stores raise while they are away."""
    row = queries.auction(auction_id)
    try:
        before = engine.read(auction_id)
    except UnknownAuction:
        return _check_ledger_alone(row, auction_id)
    if row is None:
        fault = f"auction {auction_id} is in the live store and not in the ledger"
        findings = [Finding("I2", fault)]
        return Report(auction_id, before.state, before.sequence, 0, before.sequence, findings)
    sides = read_sides(engine, row, before)
    findings = [
        *store_faults(engine, sides),
        *ledger_faults(sides.row, sides.bids),
        *(award_faults(sides.row, sides.bids) if sides.row.state is State.SETTLED else ()),
    ]
    recorded, given_up = sides.row.recorded_sequence, len(sides.given_up)
    waiting = max(0, sides.after.sequence - recorded)
    figures = (sides.after.sequence - given_up, recorded - given_up, waiting)
    return Report(auction_id, sides.after.state, *figures, findings, given_up)


def _check_ledger_alone(row: Auction | None, auction_id: int) -> Report:
    if row is None:
        raise NoSuchAuction(f"There is no auction {auction_id}.")
    findings = [
        Finding("I6", f"the live store does not know auction {auction_id}: `flask auction rebuild {auction_id}`")
    ]
    if row.state.is_end:
        # The live store decides nothing any more, so the ledger alone counts.
        bids = queries.bids(auction_id)
        findings = [*ledger_faults(row, bids), *(award_faults(row, bids) if row.state is State.SETTLED else ())]
    return Report(auction_id, row.state, row.recorded_sequence, row.recorded_sequence, 0, findings)
