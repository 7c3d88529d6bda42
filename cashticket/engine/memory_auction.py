"""One auction in plain Python: what every verb means for it, written with the rules alone.

Moments come in as arguments, news goes out through `publish`. Not safe for threads: MemoryEngine holds the lock.
"""

from dataclasses import dataclass, field, replace
from itertools import takewhile

from cashticket.auction import rules
from cashticket.auction.answers import entry_of
from cashticket.auction.values import SEQUENCE_MAX, Accepted, Entry, PoisonEntry, RankedBid, Reason, Refused
from cashticket.auction.withdrawals import entry_of_withdrawal
from cashticket.engine.interface import Decision, Paused, UnknownPerson, Withdrawal
from cashticket.engine.introductions import Introduction
from cashticket.engine.memory_window import MemoryWindow
from cashticket.engine.news import BidAccepted, Recorded
from cashticket.engine.pauses import BACKLOG_FULL


@dataclass(slots=True)
class MemoryAuction(MemoryWindow):
    """The state of one auction, as the live store has it, and the changes each verb makes to it."""

    recorded: int = 0
    people: dict[int, Introduction] = field(default_factory=dict)
    ranked_bids: dict[int, RankedBid] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    answers: dict[tuple[int, str], Accepted] = field(default_factory=dict)
    bids: list[Entry | PoisonEntry] = field(default_factory=list)

    def order(self) -> list[RankedBid]:
        """All ranked bids, best first."""
        return rules.order(self.ranked_bids.values())

    # Bidding

    def introduce(self, person: int, introduction: Introduction) -> None:
        """The newest revision stays; an equal one replaces."""
        if person not in self.people or introduction.revision >= self.people[person].revision:
            self.people[person] = introduction

    def place_bid(
        self, person: int, epoch: int, amount: int, request_id: str, sure: int | None, *, backlog_max: int, now_ms: int
    ) -> Decision:
        """Decide a bid: the remembered answer first, then the person, the pause, the rules, and last whether fewer than
        `backlog_max` entries wait. Raises Paused."""
        used = self.used.get(person, 0)
        remembered = self.answers.get((person, request_id))
        if remembered is not None:
            if remembered.amount != amount:
                return Refused(Reason.REQUEST_REUSED, rules.chances_left(used))
            return replace(remembered, replayed=True)
        introduction = self.people.get(person)
        objection = introduction.objection(epoch) if introduction else UnknownPerson()
        if objection is not None:
            return objection
        if self.paused:
            raise Paused(self.terms.auction_id, self.paused)
        window, newest = self.window(now_ms), self.ranked_bids.get(person)
        own = rules.Own(used, newest.amount if newest else None)
        cutoff = rules.cutoff(self.order(), self.terms.seats, self.terms.minimum)
        reason = rules.judge(self.terms, window, own, self.sequence, amount, cutoff=cutoff, sure=sure)
        if reason is not None:
            return Refused(reason, rules.chances_left(used))
        if len(self.bids) >= backlog_max:
            raise Paused(self.terms.auction_id, BACKLOG_FULL)
        return self._accept(person, amount, request_id, window.now_ms)

    def _accept(self, person: int, amount: int, request_id: str, now_ms: int) -> Accepted:
        terms, before = self.terms, rules.rank(self.order(), person)
        self.sequence, self.version, self.last_ms = self.sequence + 1, self.version + 1, now_ms
        nth = self.used[person] = self.used.get(person, 0) + 1
        self.ranked_bids[person] = RankedBid(person, amount, self.sequence)
        order = self.order()
        after = 1 + order.index(self.ranked_bids[person])
        entered = rules.newly_winning(before, after, terms.seats)
        self.ends_at_ms = rules.soft_close(self.ends_at_ms, now_ms, terms, entered)
        answer = Accepted(
            sequence=self.sequence,
            nth=nth,
            amount=amount,
            rank=after,
            winning=rules.is_winning(after, terms.seats),
            chances_left=rules.chances_left(nth),
            cutoff=rules.cutoff(order, terms.seats, terms.minimum),
            at_ms=now_ms,
            ends_at_ms=self.ends_at_ms,
        )
        self.answers[person, request_id] = answer
        loser = rules.displaced(order, terms.seats, entered)
        out = rules.ranked_out(loser, self.used[loser] if loser else 0)
        self._queue(entry_of(answer, person, request_id, out))
        return answer

    def withdraw(self, person: int, now_ms: int) -> Withdrawal:
        """Take the standing of a person out of the order. Raises Paused."""
        if self.paused:
            raise Paused(self.terms.auction_id, self.paused)
        window, order = self.window(now_ms), self.order()
        if window.ended or window.now_ms >= self.ends_at_ms:
            return Withdrawal(refusal=Reason.CLOSED)
        if person not in self.ranked_bids:
            return Withdrawal()
        if self.sequence >= SEQUENCE_MAX:
            return Withdrawal(refusal=Reason.FULL)
        self.sequence, self.version, self.last_ms = self.sequence + 1, self.version + 1, window.now_ms
        moments = {"at_ms": window.now_ms, "ends_at_ms": self.ends_at_ms}
        entry = entry_of_withdrawal(
            order, person, self.terms.seats, self.terms.minimum, sequence=self.sequence, **moments
        )
        del self.ranked_bids[person]
        self._queue(entry)
        return Withdrawal(entry)

    def _queue(self, entry: Entry) -> None:
        self.bids.append(entry)
        self.publish(BidAccepted(self.version, entry))

    # The list for the ledger

    def trim(self, through_sequence: int) -> int:
        """Drop recorded entries from the head; returns how many. A PoisonEntry stops it."""
        recorded_bids = takewhile(lambda bid: isinstance(bid, Entry) and bid.sequence <= through_sequence, self.bids)
        dropped = sum(1 for _ in recorded_bids)
        del self.bids[:dropped]
        recorded = min(through_sequence, self.sequence)
        if recorded > self.recorded:
            self.recorded, self.version = recorded, self.version + 1
            self.publish(Recorded(self.version, recorded))
        return dropped

    def discard(self, raw: str) -> bool:
        head = self.bids[0] if self.bids else None
        if not isinstance(head, PoisonEntry) or head.raw != raw:
            return False
        del self.bids[0]
        return True
