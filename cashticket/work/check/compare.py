"""The check: compares live store, list and ledger of an auction with each other and with the law.

Nobody waits for it. Every finding is a fault that time does not mend; a backlog is none. A whole check reads every bid
in windows and keeps one small entry for each bidder. A check since a mark reads the bids after it and where their
bidders stand, but replays no ranks.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger import gaps, quarantine, queries
from cashticket.ledger.check_marks import Mark
from cashticket.models import Auction
from cashticket.work.check.awards import FinalOrder, award_faults
from cashticket.work.check.findings import Finding
from cashticket.work.check.ranking import Ranking
from cashticket.work.check.reading import Progress, Reading, read_both, read_ledger, silent

STEP_BIDS = 2_000
"""Bids after which a check since a mark asks whether it is out of time."""


class NoSuchAuction(Exception):
    """Neither store knows the auction."""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of a check, none when sound, with the counts compared.

    `given_up` counts sequence numbers whose bids the live store lost. `since` is the sequence after which bids were
    read. `mark` is where the next check may go on, None if it must not.
    """

    auction_id: int
    state: str
    accepted: int
    recorded: int
    waiting: int
    findings: list[Finding]
    given_up: int = 0
    since: int = 0
    mark: Mark | None = None

    @property
    def faults(self) -> list[str]:
        """The findings as sentences."""
        return [finding.sentence for finding in self.findings]

    @property
    def stopping(self) -> list[Finding]:
        """Findings because of which a bid taken now might be wrong. Others wait for an operator and only block
        settlement."""
        return [finding for finding in self.findings if not finding.waits]

    @property
    def stops_bidding(self) -> bool:
        """Whether a bid taken now might be wrong."""
        return bool(self.stopping)


def check(engine: Engine, auction_id: int, progress: Progress = silent) -> Report:
    """Check all of one auction. Raises NoSuchAuction, and what stores raise while they are away."""
    ranking = Ranking()
    return _check(engine, auction_id, Mark(), ranking, progress)


def check_since(
    engine: Engine,
    auction_id: int,
    start: Mark,
    progress: Progress = silent,
    is_out_of_time: Callable[[], bool] = lambda: False,
) -> Report:
    """Check what came after `start`, a mark that an earlier check left. Raises like `check`, and OutOfTime."""
    queries.forget()
    row = queries.auction(auction_id)
    if row is not None and not _goes_on_from(start, row):
        start = Mark()
    while row is not None and row.recorded_sequence > start.through + STEP_BIDS:
        reading = read_ledger(auction_id, start, None, progress, through=start.through + STEP_BIDS)
        if reading.findings:
            break
        start, row = reading.mark, reading.row
        if is_out_of_time():
            raise OutOfTime(start)
    return _check(engine, auction_id, start, None, progress)


class OutOfTime(Exception):
    """The check was given up on its way; bids are sound up to `mark`."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(f"checked through bid {mark.through}")
        self.mark = mark


def _goes_on_from(mark: Mark, row: Auction) -> bool:
    """False when the ledger has changed before the mark: an entry that was decided may have become a bid there."""
    return mark.through <= row.recorded_sequence and mark.resolved == quarantine.decided(row.id)


def _check(engine: Engine, auction_id: int, start: Mark, ranking: Ranking | None, progress: Progress) -> Report:
    queries.forget()
    row = queries.auction(auction_id)
    try:
        before = engine.read(auction_id)
    except UnknownAuction:
        return _check_ledger_alone(row, auction_id, start, ranking, progress)
    if row is None:
        fault = f"auction {auction_id} is in the live store and not in the ledger"
        findings = [Finding("I2", fault)]
        return Report(auction_id, before.state, before.sequence, 0, before.sequence, findings)
    reading = read_both(engine, auction_id, before, start, ranking, progress)
    findings = [*reading.findings, *_award_faults(reading)]
    after = reading.after or before
    recorded, given_up = reading.row.recorded_sequence, gaps.width(reading.explained.gaps)
    waiting = max(0, after.sequence - recorded)
    figures = (after.sequence - given_up, recorded - given_up, waiting)
    return Report(auction_id, after.state, *figures, findings, given_up, start.through, _mark(reading, findings))


def _check_ledger_alone(
    row: Auction | None, auction_id: int, start: Mark, ranking: Ranking | None, progress: Progress
) -> Report:
    if row is None:
        raise NoSuchAuction(f"There is no auction {auction_id}.")
    findings = [
        Finding("I6", f"the live store does not know auction {auction_id}: `flask auction rebuild {auction_id}`")
    ]
    recorded = row.recorded_sequence
    if not row.state.is_end:
        return Report(auction_id, row.state, recorded, recorded, 0, findings)
    # The live store decides nothing any more, so the ledger alone counts.
    reading = read_ledger(auction_id, start, ranking, progress)
    findings = [*reading.findings, *_award_faults(reading)]
    given_up = gaps.width(reading.explained.gaps)
    counts = (recorded - given_up, recorded - given_up, 0)
    return Report(auction_id, row.state, *counts, findings, given_up, start.through, _mark(reading, findings))


def _award_faults(reading: Reading) -> list[Finding]:
    """Faults of the awards, if the auction is settled and all of its bids were read."""
    ranking = reading.replay.ranking
    if ranking is None or reading.row.state is not State.SETTLED:
        return []
    return list(award_faults(reading.row, FinalOrder(ranking, reading.replay.bidders)))


def _mark(reading: Reading, findings: list[Finding]) -> Mark | None:
    return None if any(not finding.waits for finding in findings) else reading.mark
