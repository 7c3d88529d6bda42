"""Faults in the recorded bids of an auction, found in the ledger alone.

Every bid is judged again in sequence: chances, steps and time. As long as no number is missing before it, so are the
rank, the cut-off and the displaced person of its answer.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence

from cashticket.auction import rules
from cashticket.auction.values import CHANCES
from cashticket.ledger import notice_queries
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction, RecordedBid
from cashticket.work.check.findings import Finding, listed


def ledger_faults(row: Auction, bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    """Yield what contradicts the law of bidding. `bids` are all bids of the auction, in sequence."""
    yield from _faults_of_chances(bids)
    yield from _faults_of_amounts(row, bids)
    yield from _faults_of_time(row, bids)
    yield from _faults_of_answers(row, bids)
    yield from _faults_of_notices(row, bids)


def _faults_of_chances(bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    spent: dict[int, list[int]] = defaultdict(list)
    requests: set[tuple[int, str]] = set()
    repeated = set()
    for bid in bids:
        spent[bid.person_id].append(bid.nth)
        if (bid.person_id, bid.request_id) in requests:
            repeated.add(bid.sequence)
        requests.add((bid.person_id, bid.request_id))
    too_many = {bid.sequence for bid in bids if bid.nth > CHANCES or len(spent[bid.person_id]) > CHANCES}
    yield from listed("I3", "of somebody who has bid too often: bid", too_many)
    # A bid that was set aside or lost leaves a hole in the `nth` of its person; later ones still grow.
    unordered = {bid.sequence for bid in bids if sorted(set(spent[bid.person_id])) != spent[bid.person_id]}
    yield from listed("I3", "of somebody whose bids are misnumbered: bid", unordered)
    yield from listed("I4", "recorded twice under one request: bid", repeated)


def _faults_of_amounts(row: Auction, bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    off, lowered, newest = set(), set(), dict[int, int]()
    for bid in bids:
        if not row.minimum <= bid.amount <= row.maximum or (bid.amount - row.minimum) % row.step:
            off.add(bid.sequence)
        if bid.amount <= newest.get(bid.person_id, -1):
            lowered.add(bid.sequence)
        newest[bid.person_id] = bid.amount
    yield from listed("I2", "of an amount that is never accepted: bid", off)
    yield from listed("I15", "not above the same person's last one: bid", lowered)


def _faults_of_time(row: Auction, bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    opens_at_ms = to_ms(row.opens_at)
    backwards, outside, last_ms = set(), set(), 0
    for bid in bids:
        if bid.at_ms < last_ms:
            backwards.add(bid.sequence)
        if not opens_at_ms <= bid.at_ms < bid.ends_at_ms:
            outside.add(bid.sequence)
        last_ms = max(last_ms, bid.at_ms)
    yield from listed("I5", "accepted before an earlier number: bid", backwards)
    yield from listed("I12", "accepted while bidding was not open: bid", outside)


def _faults_of_answers(row: Auction, bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    """Replay the order as (-amount, sequence, person), which sorts best first."""
    terms = terms_of(row)
    order: list[tuple[int, int, int]] = []
    ranked: dict[int, tuple[int, int, int]] = {}
    used: dict[int, int] = {}
    ranks, displaced = set(), set()
    for expected, bid in enumerate(bids, 1):
        if bid.sequence != expected:
            break
        before = None
        if own := ranked.get(bid.person_id):
            place = bisect_left(order, own)
            before = place + 1
            del order[place]
        own = ranked[bid.person_id] = (-bid.amount, bid.sequence, bid.person_id)
        insort(order, own)
        used[bid.person_id] = used.get(bid.person_id, 0) + 1
        after = bisect_left(order, own) + 1
        cutoff = -order[terms.seats - 1][0] if len(order) >= terms.seats else terms.minimum
        if (bid.rank, bid.cutoff) != (after, cutoff):
            ranks.add(bid.sequence)
        entered = rules.newly_winning(before, after, terms.seats)
        out = order[terms.seats][2] if entered and len(order) > terms.seats else None
        if (bid.displaced_id, bid.alert) != (out, out is not None and used[out] < CHANCES):
            displaced.add(bid.sequence)
    yield from listed("I6", "answered with another rank or cut-off than the order gives: bid", ranks)
    yield from listed("I13", "displaced somebody else than it says: bid", displaced)


def _faults_of_notices(row: Auction, bids: Sequence[RecordedBid]) -> Iterator[Finding]:
    displaced = {(bid.displaced_id, bid.sequence) for bid in bids if bid.alert}
    noticed = notice_queries.rank_outs_noticed(row.id)
    yield from listed("I13", "somebody was told to be out who was not: bid", {by for who, by in noticed - displaced})
