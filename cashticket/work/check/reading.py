"""The reading of a check: the bids after a mark, judged, and compared with the live store.

What is read in which order makes a bid that arrives meanwhile no fault. First the live store's state, then its list
from the newest entry on, then the ledger's mark, then the bids up to it: a bid that moves from the list to the ledger
is seen twice, never missed. Where bidders stand in the live store is read last, so there they may only be further.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from cashticket.engine.interface import Engine, Snapshot
from cashticket.ledger import queries
from cashticket.ledger.bid_windows import BidRow, bids_between, rank_out_notices
from cashticket.ledger.check_marks import Mark
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.operator_acts import people_withdrawn
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.models import Auction
from cashticket.work.check.bids import Replay
from cashticket.work.check.explained import Explained, explained_numbers
from cashticket.work.check.findings import Finding, Listing
from cashticket.work.check.ranking import Ranking
from cashticket.work.check.stores import faults_of_marks, faults_of_places, faults_of_terms
from cashticket.work.check.strangers import set_aside, strangers
from cashticket.work.check.waiting import Waiting, read_waiting

Progress = Callable[[str, int, int], None]
"""Is told a step by name, how far it has come, and how far it goes, after each window."""


def silent(step: str, done: int, total: int) -> None:
    """A progress that nobody watches."""


@dataclass(slots=True)
class Reading:
    """What was read: the auction's row, its bids, and the findings about them. `mark` is where the next check goes on.
    `after` is the live store's last state, None if it does not know the auction."""

    row: Auction
    replay: Replay
    explained: Explained
    findings: list[Finding]
    mark: Mark
    after: Snapshot | None = None


def fresh_row(auction_id: int) -> Auction:
    """The auction as the ledger has it now. Raises LedgerGap if it has none any more."""
    queries.forget()
    row = queries.auction(auction_id)
    if row is None:
        raise LedgerGap(f"auction {auction_id} vanished from the ledger during the check")
    return row


def read_ledger(
    auction_id: int, start: Mark, ranking: Ranking | None, progress: Progress, through: int | None = None
) -> Reading:
    """Read and judge the recorded bids after `start`, all or those up to `through`, without the live store."""
    return _Reader(start, ranking, progress).read_ledger(auction_id, through)


def read_both(
    engine: Engine, auction_id: int, before: Snapshot, start: Mark, ranking: Ranking | None, progress: Progress
) -> Reading:
    """Read and judge the bids after `start` on both sides. `before` was read just now. Raises LedgerGap, and what
    stores raise while they are away."""
    return _Reader(start, ranking, progress).read_both(engine, auction_id, before)


class _Reader:
    def __init__(self, start: Mark, ranking: Ranking | None, progress: Progress) -> None:
        self._start, self._ranking, self._progress = start, ranking, progress
        self._waiting = Waiting()
        self._unrecorded = Listing("I1", "not recorded though the ledger's mark is past it: bid")
        self._missing = Listing("I1", "accepted, but neither waiting nor recorded: bid")
        self._differing = Listing("I2", "differs between list and ledger: bid")

    def read_ledger(self, auction_id: int, through: int | None) -> Reading:
        row = fresh_row(auction_id)
        reading = self._judge(row, Replay(row, self._start, 0, self._ranking), through)
        reading.findings += [*self._unrecorded.findings(), *reading.replay.findings()]
        return reading

    def read_both(self, engine: Engine, auction_id: int, before: Snapshot) -> Reading:
        self._waiting = read_waiting(engine, auction_id)
        row = fresh_row(auction_id)
        reading = self._judge(row, Replay(row, self._start, before.sequence, self._ranking))
        for number in strangers(row, reading.explained, self._waiting, self._start.through):
            self._differing.add(number)
        complete_through = max(before.sequence, self._waiting.newest, row.recorded_sequence)
        self._read_waiting(reading, complete_through)
        places = list(self._faults_of_places(engine, reading, before, complete_through))
        reading.after = after = engine.read(auction_id)
        reading.findings += [
            *faults_of_terms(row, after),
            *faults_of_marks(row, before, after),
            *self._unrecorded.findings(),
            *_faults_of_quarantined(reading.explained),
            *self._differing.findings(),
            *(self._missing.findings() if self._has_missing(reading) else ()),
            *places,
            *reading.replay.findings(),
        ]
        return reading

    def _judge(self, row: Auction, replay: Replay, through: int | None = None) -> Reading:
        """Read the recorded bids, and the notices of displacements if all bids are read."""
        explained = explained_numbers(row.id)
        replay.know_set_aside(_withdrawals_set_aside(row.id, explained))
        recorded, last = row.recorded_sequence, self._start.through
        end = recorded if through is None else min(through, recorded)
        for bids in bids_between(row.id, last, end):
            for bid in bids:
                if bid.sequence != last + 1:
                    self._note_missing(explained, last + 1, bid.sequence - 1)
                last = bid.sequence
                self._compare_waiting(bid)
            replay.read(bids)
            self._progress("bids", last, end)
        self._note_missing(explained, last + 1, end)
        mark = Mark(max(end, self._start.through), replay.last_ms, replay.people, self._start.notice_id)
        reading = Reading(row, replay, explained, [], replace(mark, resolved=explained.resolved))
        if through is None:
            self._read_notices(reading)
        return reading

    def _note_missing(self, explained: Explained, first: int, last: int) -> None:
        for number in explained.without_reason(first, last):
            self._unrecorded.add(number)
            if number not in self._waiting.bids:
                self._missing.add(number)

    def _compare_waiting(self, bid: BidRow) -> None:
        waiting = self._waiting.bids.pop(bid.sequence, None)
        if waiting is not None and waiting != (bid.person_id, bid.nth, bid.amount, bid.at_ms, bid.request_id):
            self._differing.add(bid.sequence)

    def _read_waiting(self, reading: Reading, complete_through: int) -> None:
        """Take over what waits, and note what neither waits nor is recorded."""
        recorded = reading.row.recorded_sequence
        ahead = {number: bid for number, bid in self._waiting.bids.items() if number > recorded}
        for number in reading.explained.without_reason(recorded + 1, complete_through):
            if number not in ahead:
                self._missing.add(number)
        reading.replay.read_waiting(ahead)

    def _has_missing(self, reading: Reading) -> bool:
        """Whether more bids are missing than there are unreadable entries, each of which stands for one."""
        return self._missing.count > len(self._waiting.unreadable) + reading.explained.unplaced

    def _faults_of_places(
        self, engine: Engine, reading: Reading, before: Snapshot, complete_through: int
    ) -> Iterator[Finding]:
        replay = reading.replay
        complete = not self._missing.count and not self._unrecorded.count and not reading.explained.numbers
        sides = (engine, reading.row.id, replay.bidders, complete_through, self._progress)
        yield from faults_of_places(*sides, complete=complete)
        if complete and before.bidders != replay.people_then:
            yield Finding("I6", f"the live store ranks {before.bidders} people, the ledger {replay.people_then}")

    def _read_notices(self, reading: Reading) -> None:
        wrong = Listing("I13", "somebody was told to be out who was not: bid")
        for notices in rank_out_notices(reading.row.id, reading.mark.notice_id):
            for notice in notices:
                if not notice.is_right:
                    wrong.add(notice.occasion)
            reading.mark = replace(reading.mark, notice_id=notices[-1].id)
        reading.findings += wrong.findings()


def _withdrawals_set_aside(auction_id: int, explained: Explained) -> Iterator[tuple[int, int]]:
    """Yield number and person of the withdrawals that were set aside. One that cannot be read may be of anybody whose
    standing an operator has withdrawn."""
    read = set_aside(explained)
    yield from ((number, bid.person) for number, bid in read.items() if is_withdrawal(bid))
    if unreadable := explained.numbers - read.keys():
        yield from product(unreadable, people_withdrawn(auction_id))


def _faults_of_quarantined(explained: Explained) -> Iterator[Finding]:
    for entry in explained.quarantined:
        if entry.sequence is not None and entry.resolved_at is None:
            sentence = f"bid {entry.sequence} was set aside and waits for an operator: {entry.reason[:120]}"
            yield Finding("I14", sentence, waits=True)
