"""One auction in plain Python: what every verb means for it, said with the law and nothing else.

Moments come in as arguments, news goes out through `tell`. Not safe for threads by itself: MemoryEngine holds the lock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cashticket.auction import rules
from cashticket.auction.answers import answer_of, entry_of
from cashticket.auction.values import (
    Accepted,
    Entry,
    Permission,
    PoisonEntry,
    RankedBid,
    RankedOut,
    Reason,
    Refused,
    State,
    Terms,
)
from cashticket.engine.decoding import Decision, shown_state
from cashticket.engine.interface import (
    BACKLOG_FULL,
    RESTARTED,
    Closing,
    Paused,
    Place,
    Restoration,
    Snapshot,
    StaleSession,
    UnknownPerson,
)
from cashticket.engine.news import BidAccepted, News, Recorded, StateChanged


@dataclass(frozen=True, slots=True)
class Introduction:
    """What an auction was told of a person, by which revision of that person."""

    permission: Permission
    epoch: int
    revision: int


@dataclass(slots=True)
class MemoryAuction:
    """The state of one auction, as the live store keeps it, and the changes each verb makes to it."""

    terms: Terms
    tell: Callable[[News], object]
    ends_at_ms: int
    answering: Callable[[], str]
    state: State = State.OPEN
    version: int = 1
    sequence: int = 0
    recorded: int = 0
    last_ms: int = 0
    set_paused: str = ""
    checked_on: str = ""
    people: dict[int, Introduction] = field(default_factory=dict)
    standings: dict[int, RankedBid] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    answers: dict[tuple[int, str], Accepted] = field(default_factory=dict)
    bids: list[Entry | PoisonEntry] = field(default_factory=list)

    def order(self) -> list[RankedBid]:
        """All standings, best first."""
        return rules.order(self.standings.values())

    def __post_init__(self) -> None:
        self.checked_on = self.answering()

    @property
    def paused(self) -> str:
        """Why no bids are taken although bidding is not over: for a reason that was set, or because another process
        answers than the one that was checked; '' when they are taken."""
        if self.state is not State.OPEN:
            return ""
        return self.set_paused or ("" if self.checked_on == self.answering() else RESTARTED)

    def window(self, now_ms: int) -> rules.Window:
        """Where time stands; it never runs backwards."""
        return rules.Window(max(now_ms, self.last_ms), self.ends_at_ms, ended=self.state is not State.OPEN)

    def introduce(self, person: int, introduction: Introduction) -> None:
        """Keep the newest revision; an equal one replaces."""
        if person not in self.people or introduction.revision >= self.people[person].revision:
            self.people[person] = introduction

    def place_bid(self, person: int, epoch: int, amount: int, request_id: str, most: int, now_ms: int) -> Decision:
        """Decide a bid: the remembered answer first, then the person, then the pause, then the law, then whether it
        can be kept beside the `most` bids that may wait. Raises Paused."""
        standing = self.standings.get(person)
        own = rules.Own(self.used.get(person, 0), standing.amount if standing else None)
        remembered = self.answers.get((person, request_id))
        if remembered is not None:
            if remembered.amount != amount:
                return Refused(Reason.REQUEST_REUSED, rules.chances_left(own.used))
            return replace(remembered, replayed=True)
        barred = _barred(self.people.get(person), epoch)
        if barred is not None:
            return barred
        if self.paused:
            raise Paused(self.terms.auction_id, self.paused)
        window = self.window(now_ms)
        reason = rules.judge(self.terms, window, own, self.sequence, amount)
        if reason is not None:
            return Refused(reason, rules.chances_left(own.used))
        if len(self.bids) >= most:
            raise Paused(self.terms.auction_id, BACKLOG_FULL)
        return self._accept(person, amount, request_id, window.now_ms)

    def _accept(self, person: int, amount: int, request_id: str, now_ms: int) -> Accepted:
        terms, before = self.terms, rules.rank(self.order(), person)
        self.sequence, self.version, self.last_ms = self.sequence + 1, self.version + 1, now_ms
        nth = self.used[person] = self.used.get(person, 0) + 1
        self.standings[person] = RankedBid(person, amount, self.sequence)
        order = self.order()
        after = 1 + order.index(self.standings[person])
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
        self._queue(person, request_id, answer, rules.ranked_out(loser, self.used.get(loser, 0) if loser else 0))
        return answer

    def _queue(self, person: int, request_id: str, answer: Accepted, out: RankedOut | None) -> None:
        entry = entry_of(answer, person, request_id, out)
        self.bids.append(entry)
        self.tell(
            BidAccepted(
                version=self.version,
                sequence=entry.sequence,
                person=person,
                amount=entry.amount,
                ends_at_ms=entry.ends_at_ms,
                displaced=entry.displaced,
                alert=entry.alert,
            )
        )

    def extend(self, closes_at_ms: int, now_ms: int) -> Closing:
        """Move the announced end later, and the end in force with it, while bidding runs."""
        window = self.window(now_ms)
        if window.ended or (window.now_ms >= self.ends_at_ms and not self.paused):
            return Closing(True, self.ends_at_ms, self.sequence)
        if closes_at_ms > self.terms.closes_at_ms:
            self.terms = replace(self.terms, closes_at_ms=closes_at_ms)
            self.ends_at_ms = max(self.ends_at_ms, closes_at_ms)
            self._change(self.state)
        return Closing(False, self.ends_at_ms, self.sequence)

    def close(self, now_ms: int) -> Closing:
        """End bidding once its time has come, unless it is paused."""
        window = self.window(now_ms)
        if not window.ended and not self.paused and window.now_ms >= self.ends_at_ms:
            self.last_ms = window.now_ms
            self._change(State.CLOSING)
        return Closing(self.state is not State.OPEN, self.ends_at_ms, self.sequence)

    def set_pause(self, reason: str, present: str, checked_on: str = "") -> bool:
        """Pause for a reason ('': resume, having been checked there) what is paused for the `present` one; whether that
        changed anything."""
        if (
            (self.paused or self.set_paused) != present
            or reason == present
            or (reason and self.state is not State.OPEN)
        ):
            return False
        self.set_paused = reason
        if not reason:
            self.checked_on = checked_on or self.answering()
        self._change(self.state)
        return True

    def restore(self, restoration: Restoration) -> None:
        """Take over what the ledger has. People are introduced when they come."""
        for bid in restoration.bids:
            self.standings[bid.person] = RankedBid(bid.person, bid.amount, bid.sequence)
            self.used[bid.person] = bid.nth
            self.answers[bid.person, bid.request_id] = answer_of(bid, restoration.terms.seats)
        self.sequence = self.recorded = restoration.sequence
        self.last_ms = max((bid.at_ms for bid in restoration.bids), default=0)
        self.set_paused, self.version = restoration.paused, restoration.version - 1
        self._change(restoration.state)

    def finish(self, state: State) -> None:
        """Show that state from now on."""
        if self.state is not state:
            self._change(state)

    def _change(self, state: State) -> None:
        self.state, self.version = state, self.version + 1
        self.tell(StateChanged(self.version, state, self.ends_at_ms))

    def trim(self, through_sequence: int) -> int:
        """Drop what the ledger has from the head, and mark it recorded."""
        kept = next((place for place, entry in enumerate(self.bids) if not _recorded(entry, through_sequence)), None)
        dropped = len(self.bids) if kept is None else kept
        del self.bids[:dropped]
        recorded = min(through_sequence, self.sequence)
        if recorded > self.recorded:
            self.recorded, self.version = recorded, self.version + 1
            self.tell(Recorded(self.version, recorded))
        return dropped

    def discard(self, raw: str) -> bool:
        """Drop the head if it is that poison."""
        head = self.bids[0] if self.bids else None
        if not isinstance(head, PoisonEntry) or head.raw != raw:
            return False
        del self.bids[0]
        return True

    def snapshot(self, now_ms: int) -> Snapshot:
        """The present board."""
        order, terms, now_ms = self.order(), self.terms, self.window(now_ms).now_ms
        return Snapshot(
            terms=terms,
            state=shown_state(self.state, terms, self.ends_at_ms, now_ms),
            version=self.version,
            sequence=self.sequence,
            recorded=self.recorded,
            now_ms=now_ms,
            ends_at_ms=self.ends_at_ms,
            bidders=len(order),
            cutoff=rules.cutoff(order, terms.seats, terms.minimum),
            best=rules.best(order),
            leaders=tuple(order[: terms.seats]),
            paused=self.paused,
        )

    def place(self, person: int) -> Place:
        """Where a person stands."""
        rank = rules.rank(self.order(), person)
        standing = self.standings.get(person, RankedBid(person, 0, 0))
        return Place(
            person=person,
            version=self.version,
            sequence=standing.sequence,
            amount=standing.amount,
            rank=rank,
            winning=rules.is_winning(rank, self.terms.seats),
            chances_left=rules.chances_left(self.used.get(person, 0)),
            recorded=0 < standing.sequence <= self.recorded,
        )


def _recorded(entry: Entry | PoisonEntry, through_sequence: int) -> bool:
    return isinstance(entry, Entry) and entry.sequence <= through_sequence


def _barred(known: Introduction | None, epoch: int) -> Refused | UnknownPerson | StaleSession | None:
    if known is None or epoch > known.epoch:
        return UnknownPerson()
    if epoch < known.epoch:
        return StaleSession()
    if known.permission is Permission.BLOCKED:
        return Refused(Reason.BLOCKED)
    return Refused(Reason.NOT_VERIFIED) if known.permission is Permission.UNVERIFIED else None
