"""Faults in the recorded bids of an auction, found in the ledger alone.

Every bid is judged again in sequence: chances, amount, steps and time. Given a ranking to build, so are the rank, the
cut-off and the displaced person of its answer, as long as no number is missing before it. Memory holds one small entry
for each person whose bids were read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy

from cashticket.auction import rules
from cashticket.auction.values import CHANCES
from cashticket.ledger.bid_windows import BidRow, bids_of_people
from cashticket.ledger.check_marks import Mark
from cashticket.ledger.terms import terms_of
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.locale import to_ms
from cashticket.models import Auction
from cashticket.work.check.findings import Finding, Listing
from cashticket.work.check.ranking import Ranking, key_of
from cashticket.work.check.waiting import WaitingBid

PEOPLE_MAX = 500
"""People whose earlier bids one statement reads."""


class Bidder:
    """What one person has bid so far: the standing bid (sequence 0 and amount -1 without one), how many bids, and the
    hashes of their request ids."""

    __slots__ = ("amount", "bids", "nth", "requests", "sequence")

    def __init__(self) -> None:
        self.nth = self.bids = self.sequence = 0
        self.amount = -1
        self.requests: tuple[int, ...] = ()

    def add(self, sequence: int, nth: int, amount: int, request_id: str) -> None:
        """Take over a later bid. The highest `nth` counts, since an earlier bid may be lost."""
        self.bids += 1
        self.sequence, self.amount, self.nth = sequence, amount, max(nth, self.nth)
        self.requests += (hash(request_id),)

    def leave(self) -> None:
        """The standing was withdrawn. Its chances stay used."""
        self.sequence, self.amount = 0, -1


class Replay:
    """Reads bids in sequence after `start`, and lists what contradicts the law.

    `people` is how many stand so far, `people_then` how many stood at the sequence `then`.
    """

    def __init__(self, row: Auction, start: Mark, then: int = 0, ranking: Ranking | None = None) -> None:
        self.bidders: dict[int, Bidder] = {}
        self.ranking = ranking
        self.people = self.people_then = start.people
        self.last_ms = start.last_ms
        self._row, self._start, self._then = row, start, then
        self._terms, self._opens_at_ms = terms_of(row), to_ms(row.opens_at)
        self._intact_through = start.through if ranking is not None else -1
        self._too_many = Listing("I3", "of somebody who has bid too often: bid")
        self._misnumbered = Listing("I3", "of somebody whose bids are misnumbered: bid")
        self._repeated = Listing("I4", "recorded twice under one request: bid")
        self._off = Listing("I2", "of an amount that is never accepted: bid")
        self._lowered = Listing("I15", "not above the same person's last one: bid")
        self._backwards = Listing("I5", "accepted before an earlier number: bid")
        self._outside = Listing("I12", "accepted while bidding was not open: bid")
        self._ranks = Listing("I6", "answered with another rank or cut-off than the order gives: bid")
        self._displaced = Listing("I13", "displaced somebody else than it says: bid")
        self._not_standing = Listing("I2", "of a bid that did not stand: withdrawal")
        self._set_aside: dict[int, list[int]] = {}

    def know_set_aside(self, withdrawals: Iterable[tuple[int, int]]) -> None:
        """Learn number and person of the withdrawals that the ledger could not take. After one of them a person may bid
        less than before."""
        for number, person in withdrawals:
            self._set_aside.setdefault(person, []).append(number)

    def read(self, bids: Sequence[BidRow]) -> None:
        """Judge the next recorded bids. Of people who are new here it reads what they bid before the start."""
        self._read_earlier({bid.person_id for bid in bids} - self.bidders.keys())
        for bid in bids:
            self._judge_moment(bid)
            if is_withdrawal(bid):
                self._withdraw(bid)
                continue
            bidder = self._bidder(bid.person_id, bid.sequence)
            self._judge(bid, bidder)
            before = bidder.sequence and key_of(bidder.amount, bidder.sequence, bid.person_id)
            bidder.add(bid.sequence, bid.nth, bid.amount, bid.request_id)
            if self.ranking is not None:
                self._replay(self.ranking, bid, before)

    def read_waiting(self, bids: Mapping[int, WaitingBid]) -> None:
        """Take over the bids that wait for the ledger, by sequence; they are judged once they are recorded."""
        self._read_earlier({bid.person for bid in bids.values()} - self.bidders.keys())
        for sequence, bid in sorted(bids.items()):
            if is_withdrawal(bid):
                self._leave(bid.person, sequence)
            else:
                self._bidder(bid.person, sequence).add(sequence, bid.nth, bid.amount, bid.request_id)

    def findings(self) -> Iterator[Finding]:
        """Yield the faults found so far."""
        for listing in (self._too_many, self._misnumbered, self._repeated, self._off, self._lowered):
            yield from listing.findings()
        for listing in (self._backwards, self._outside, self._ranks, self._displaced, self._not_standing):
            yield from listing.findings()

    def _bidder(self, person: int, sequence: int) -> Bidder:
        bidder = self.bidders.setdefault(person, Bidder())
        if not bidder.sequence:
            self.people += 1
            self.people_then += sequence <= self._then
        return bidder

    def _leave(self, person: int, sequence: int) -> Bidder | None:
        """Take the standing of this person away. Returns what stood until now, None for nothing."""
        bidder = self.bidders.setdefault(person, Bidder())
        if not bidder.sequence:
            return None
        stood, self.bidders[person] = bidder, copy(bidder)
        self.bidders[person].leave()
        self.people -= 1
        self.people_then -= sequence <= self._then
        return stood

    def _read_earlier(self, people: set[int]) -> None:
        if not self._start.through:
            return
        ids = sorted(people)
        for first in range(0, len(ids), PEOPLE_MAX):
            for bid in bids_of_people(self._row.id, ids[first : first + PEOPLE_MAX], self._start.through):
                bidder = self.bidders.setdefault(bid.person_id, Bidder())
                if is_withdrawal(bid):
                    bidder.leave()
                else:
                    bidder.add(bid.sequence, bid.nth, bid.amount, bid.request_id)

    def _judge(self, bid: BidRow, bidder: Bidder) -> None:
        if bid.nth > CHANCES or bidder.bids >= CHANCES:
            self._too_many.add(bid.sequence)
        # A bid that was set aside or lost leaves a hole in the `nth` of its person; later ones still grow.
        if bid.nth <= bidder.nth:
            self._misnumbered.add(bid.sequence)
        if hash(bid.request_id) in bidder.requests:
            self._repeated.add(bid.sequence)
        terms = self._terms
        if not terms.minimum <= bid.amount <= terms.maximum or (bid.amount - terms.minimum) % terms.step:
            self._off.add(bid.sequence)
        left = any(bidder.sequence < number < bid.sequence for number in self._set_aside.get(bid.person_id, ()))
        if bid.amount <= bidder.amount and not left:
            self._lowered.add(bid.sequence)

    def _judge_moment(self, bid: BidRow) -> None:
        if bid.at_ms < self.last_ms:
            self._backwards.add(bid.sequence)
        if not self._opens_at_ms <= bid.at_ms < bid.ends_at_ms:
            self._outside.add(bid.sequence)
        self.last_ms = max(self.last_ms, bid.at_ms)

    def _withdraw(self, row: BidRow) -> None:
        """Judge a withdrawal, and rank on without its person."""
        stood = self._leave(row.person_id, row.sequence)
        if self.ranking is None:
            return
        key = stood and key_of(stood.amount, stood.sequence, row.person_id)
        before, seats = self.ranking.remove(key) if key else 0, self._terms.seats
        # The bid that stood may be one that is missing.
        if row.sequence != self._intact_through + 1:
            return
        self._intact_through = row.sequence
        if stood is None or stood.amount != row.amount:
            self._not_standing.add(row.sequence)
        last_winner = self.ranking.at(seats)
        cutoff = last_winner.amount if last_winner else self._terms.minimum
        if (row.rank, row.cutoff) != (before, cutoff):
            self._ranks.add(row.sequence)
        if row.displaced_id != (last_winner.person if last_winner and before <= seats else None):
            self._displaced.add(row.sequence)

    def _replay(self, ranking: Ranking, bid: BidRow, before_key: int) -> None:
        before = ranking.remove(before_key) if before_key else None
        after = ranking.add(key_of(bid.amount, bid.sequence, bid.person_id))
        if bid.sequence != self._intact_through + 1:
            return
        self._intact_through = bid.sequence
        seats = self._terms.seats
        last_winner = ranking.at(seats)
        cutoff = last_winner.amount if last_winner else self._terms.minimum
        if (bid.rank, bid.cutoff) != (after, cutoff):
            self._ranks.add(bid.sequence)
        out = ranking.at(seats + 1) if rules.newly_winning(before, after, seats) else None
        displaced = (None, False) if out is None else (out.person, self.bidders[out.person].bids < CHANCES)
        if (bid.displaced_id, bid.alert) != displaced:
            self._displaced.add(bid.sequence)
