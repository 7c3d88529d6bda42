"""The engine in plain Python: the executable meaning of every verb.

It asks the law directly and keeps one process's memory. Whatever it answers, the engine on the live store must
answer too; a differential test holds them together. Good for tests and for reading, not for production: nothing
survives the process.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import RLock

from cashticket.auction import rules
from cashticket.auction.values import (
    Accepted,
    Permission,
    RankedOut,
    Reason,
    Refused,
    Standing,
    State,
    Terms,
)
from cashticket.engine.decoding import Decision, shown_state
from cashticket.engine.interface import (
    Closing,
    Entry,
    Place,
    PoisonEntry,
    Snapshot,
    StaleSession,
    UnknownAuction,
    UnknownPerson,
)
from cashticket.engine.news import BidAccepted, News, Opened, Recorded, StateChanged, format_news

ENDED_STATES = (State.SETTLED, State.VOIDED)


def system_clock() -> int:
    """This machine's time in whole milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class _Introduction:
    permission: Permission
    epoch: int
    revision: int


@dataclass(slots=True)
class _Auction:
    terms: Terms
    ends_at_ms: int
    state: State = State.OPEN
    version: int = 1
    sequence: int = 0
    recorded: int = 0
    last_ms: int = 0
    people: dict[int, _Introduction] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    answers: dict[tuple[int, str], Accepted] = field(default_factory=dict)
    bids: list[Entry | PoisonEntry] = field(default_factory=list)

    def own(self, person: int) -> rules.Own:
        standing = self.standings.get(person)
        return rules.Own(self.used.get(person, 0), standing.amount if standing else None)

    def window(self, now_ms: int) -> rules.Window:
        return rules.Window(max(now_ms, self.last_ms), self.ends_at_ms, ended=self.state is not State.OPEN)


class MemoryEngine:
    """The verbs of `Engine` on dictionaries. `clock` gives ms; `publish` receives auction id and news line."""

    def __init__(
        self, clock: Callable[[], int] = system_clock, publish: Callable[[int, str], object] | None = None
    ) -> None:
        self._clock = clock
        self._publish = publish or (lambda auction_id, line: None)
        self._auctions: dict[int, _Auction] = {}
        self._live: set[int] = set()
        self._lock = RLock()

    def open(self, terms: Terms) -> bool:
        """See Engine.open."""
        rules.check_terms(terms)
        with self._lock:
            known = self._auctions.get(terms.auction_id)
            if known is None:
                self._auctions[terms.auction_id] = _Auction(terms, terms.closes_at_ms)
                self._live.add(terms.auction_id)
                self._tell(terms.auction_id, Opened(1))
                return True
            if known.terms != terms:
                raise ValueError(f"auction {terms.auction_id} was published under other terms, which are frozen")
            return False

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        """See Engine.extend."""
        with self._lock:
            auction = self._known(auction_id)
            window = auction.window(self._clock())
            if window.ended or window.now_ms >= auction.ends_at_ms:
                return Closing(True, auction.ends_at_ms, auction.sequence)
            if closes_at_ms > auction.terms.closes_at_ms:
                auction.terms = replace(auction.terms, closes_at_ms=closes_at_ms)
                auction.ends_at_ms = max(auction.ends_at_ms, closes_at_ms)
                self._tell_state(auction)
            return Closing(False, auction.ends_at_ms, auction.sequence)

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        """See Engine.introduce."""
        with self._lock:
            people = self._known(auction_id).people
            if person not in people or revision >= people[person].revision:
                people[person] = _Introduction(permission, epoch, revision)

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        """See Engine.place_bid."""
        with self._lock:
            auction = self._known(auction_id)
            own = auction.own(person)
            remembered = auction.answers.get((person, request_id))
            if remembered is not None:
                if remembered.amount != amount:
                    return Refused(Reason.REQUEST_REUSED, rules.chances_left(own.used))
                return replace(remembered, replayed=True)
            barred = _barred(auction.people.get(person), epoch)
            if barred is not None:
                return barred
            window = auction.window(self._now(now_ms))
            reason = rules.judge(auction.terms, window, own, auction.sequence, amount)
            if reason is not None:
                return Refused(reason, rules.chances_left(own.used))
            return self._accept(auction, person, amount, request_id, window.now_ms)

    def _accept(self, auction: _Auction, person: int, amount: int, request_id: str, now_ms: int) -> Accepted:
        terms, before = auction.terms, rules.rank(rules.order(auction.standings.values()), person)
        auction.sequence += 1
        auction.version += 1
        auction.last_ms = now_ms
        nth = auction.used[person] = auction.used.get(person, 0) + 1
        auction.standings[person] = Standing(person, amount, auction.sequence)
        order = rules.order(auction.standings.values())
        after = rules.rank(order, person) or 0
        entered = rules.newly_winning(before, after, terms.seats)
        loser = rules.displaced(order, terms.seats, entered)
        ranked_out = rules.ranked_out(loser, auction.used.get(loser, 0) if loser else 0)
        auction.ends_at_ms = rules.soft_close(auction.ends_at_ms, now_ms, terms, entered)
        answer = Accepted(
            sequence=auction.sequence,
            nth=nth,
            amount=amount,
            rank=after,
            winning=rules.is_winning(after, terms.seats),
            chances_left=rules.chances_left(nth),
            cutoff=rules.cutoff(order, terms.seats, terms.minimum),
            at_ms=now_ms,
            ends_at_ms=auction.ends_at_ms,
        )
        auction.answers[person, request_id] = answer
        self._queue(auction, person, request_id, answer, ranked_out)
        return answer

    def _queue(
        self, auction: _Auction, person: int, request_id: str, answer: Accepted, ranked_out: RankedOut | None
    ) -> None:
        displaced, alert = (ranked_out.person, ranked_out.alert) if ranked_out else (None, False)
        auction.bids.append(
            Entry(
                *(answer.sequence, person, answer.nth, answer.amount, answer.at_ms, request_id),
                *(answer.ends_at_ms, answer.rank, answer.cutoff, displaced, alert),
            )
        )
        line = (auction.version, answer.sequence, person, answer.amount, answer.ends_at_ms, displaced, alert)
        self._tell(auction.terms.auction_id, BidAccepted(*line))

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        """See Engine.read."""
        with self._lock:
            auction = self._known(auction_id)
            order, terms = rules.order(auction.standings.values()), auction.terms
            now_ms = auction.window(self._now(now_ms)).now_ms
            return Snapshot(
                terms=terms,
                state=shown_state(auction.state, terms, auction.ends_at_ms, now_ms),
                version=auction.version,
                sequence=auction.sequence,
                recorded=auction.recorded,
                now_ms=now_ms,
                ends_at_ms=auction.ends_at_ms,
                bidders=len(order),
                cutoff=rules.cutoff(order, terms.seats, terms.minimum),
                best=rules.best(order),
                leaders=tuple(order[: terms.seats]),
            )

    def place(self, auction_id: int, person: int) -> Place:
        """See Engine.place."""
        with self._lock:
            auction = self._known(auction_id)
            place = rules.rank(rules.order(auction.standings.values()), person)
            standing = auction.standings.get(person, Standing(person, 0, 0))
            return Place(
                person=person,
                version=auction.version,
                sequence=standing.sequence,
                amount=standing.amount,
                rank=place,
                winning=rules.is_winning(place, auction.terms.seats),
                chances_left=rules.chances_left(auction.used.get(person, 0)),
                recorded=0 < standing.sequence <= auction.recorded,
            )

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        """See Engine.would_rank."""
        with self._lock:
            return rules.would_rank(self._known(auction_id).standings.values(), person, amount)

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.versions."""
        with self._lock:
            return {each: self._auctions[each].version for each in auction_ids if each in self._auctions}

    def auctions(self) -> list[int]:
        """See Engine.auctions."""
        with self._lock:
            return sorted(self._live)

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        """See Engine.close."""
        with self._lock:
            auction = self._known(auction_id)
            window = auction.window(self._now(now_ms))
            if not window.ended and window.now_ms >= auction.ends_at_ms:
                auction.state, auction.last_ms = State.CLOSING, window.now_ms
                self._tell_state(auction)
            return Closing(auction.state is not State.OPEN, auction.ends_at_ms, auction.sequence)

    def order(self, auction_id: int) -> list[Standing]:
        """See Engine.order."""
        with self._lock:
            return rules.order(self._known(auction_id).standings.values())

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """See Engine.peek."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.bids[: max(0, count)] if auction else []

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.backlog."""
        with self._lock:
            return {each: len(self._auctions[each].bids) if each in self._auctions else 0 for each in auction_ids}

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """See Engine.trim."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            if auction is None:
                return 0
            dropped = 0
            while auction.bids and isinstance(head := auction.bids[0], Entry) and head.sequence <= through_sequence:
                del auction.bids[0]
                dropped += 1
            recorded = min(through_sequence, auction.sequence)
            if recorded > auction.recorded:
                auction.recorded = recorded
                auction.version += 1
                self._tell(auction_id, Recorded(auction.version, recorded))
            return dropped

    def discard(self, auction_id: int, raw: str) -> bool:
        """See Engine.discard."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            head = auction.bids[0] if auction and auction.bids else None
            if auction is None or not isinstance(head, PoisonEntry) or head.raw != raw:
                return False
            del auction.bids[0]
            return True

    def finish(self, auction_id: int, state: State) -> None:
        """See Engine.finish. ValueError for a state that is no end."""
        if state not in ENDED_STATES:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        with self._lock:
            auction = self._known(auction_id)
            if auction.state is not state:
                auction.state = state
                self._tell_state(auction)
            self._live.discard(auction_id)

    def _known(self, auction_id: int) -> _Auction:
        try:
            return self._auctions[auction_id]
        except KeyError:
            raise UnknownAuction(f"auction {auction_id} is not in the live store") from None

    def _now(self, now_ms: int | None) -> int:
        return self._clock() if now_ms is None else now_ms

    def _tell(self, auction_id: int, news: News) -> None:
        self._publish(auction_id, format_news(news))

    def _tell_state(self, auction: _Auction) -> None:
        auction.version += 1
        news = StateChanged(auction.version, auction.state, auction.ends_at_ms)
        self._tell(auction.terms.auction_id, news)


def _barred(known: _Introduction | None, epoch: int) -> Refused | UnknownPerson | StaleSession | None:
    if known is None or epoch > known.epoch:
        return UnknownPerson()
    if epoch < known.epoch:
        return StaleSession()
    if known.permission is Permission.BLOCKED:
        return Refused(Reason.BLOCKED)
    return Refused(Reason.NOT_VERIFIED) if known.permission is Permission.UNVERIFIED else None
