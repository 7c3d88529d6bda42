"""Steps of the state machine: recording, settlement, moves of awards, and blocked accounts."""

import threading
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_moment
from cashticket.models import Award
from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from cashticket.wiring import queue_redis
from cashticket.work.closing import close_and_settle
from cashticket.work.draining import Drain
from lab.oracle.seats import LIVE, MOVES
from tests.storm.stateful import strategies
from tests.storm.stateful.deaths import Moment
from tests.storm.stateful.machine import Machine, NoAlarm, awarded, unfinished


class SeatRules(Machine):
    """What workers and holders of awards do."""

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, batch=st.integers(1, 4), moment=strategies.deaths("peek", "record", "trim"))
    def record_some(self, auction: int, batch: int, moment: Moment | None) -> None:
        at = self.auction(auction)

        def recording(engine: Any) -> None:
            record_waiting(engine, at.id, batch)

        self.do(at.recording(batch), moment, recording)

    @precondition(unfinished)
    @rule(moment=strategies.deaths("peek", "record", "trim"))
    def drain(self, moment: Moment | None) -> None:
        def draining(engine: Any) -> None:
            Drain(engine, queue_redis(), NoAlarm(), threading.Event()).round()

        self.do(self.concert.draining(), moment, draining)

    @rule(
        auction=strategies.NUMBERS,
        late=st.booleans(),
        moment=strategies.deaths("close", "peek", "record", "trim", "end", "rows", "settle", "finish"),
    )
    def settle(self, auction: int, late: bool, moment: Moment | None) -> None:
        """The job of closing time. Before the end it changes nothing."""
        at = self.auction(auction)
        if late:
            self.set_clock(max(self.now, at.ends))

        def settling(engine: Any) -> None:
            close_and_settle(engine, at.id, lambda: to_moment(self.now))

        self.do(self.concert.closing(at, self.now), moment, settling)

    # Seats

    @precondition(awarded)
    @rule(
        which=st.integers(0, 30),
        move=st.sampled_from(sorted(MOVES)),
        other=st.sampled_from([0, 0, 0, 0, 1]),
        moment=strategies.deaths("move"),
    )
    def move(self, which: int, move: str, other: int, moment: Moment | None) -> None:
        """The holder, or somebody else, buys, declines or cancels."""
        held = self.concert.awards
        numbers = sorted(range(len(held)), key=lambda each: held[each].state not in LIVE)
        number = numbers[which % min(len(numbers), 1 + which % 7)]
        award, people = held[number], self.stores.people
        person = people[(people.index(award.person) + other) % len(people)]
        place = sum(each.auction == award.auction for each in self.concert.awards[:number])
        award_id = award_ids(award.auction)[place]

        def moving(engine: Any) -> None:
            getattr(awards, move)(award_id, person, to_moment(self.now))

        moving.__name__ = move
        self.do(self.concert.moving(number, person, move, self.now), moment, moving)

    @precondition(awarded)
    @rule(auction=strategies.NUMBERS, moment=strategies.deaths("move"))
    def lapse(self, auction: int, moment: Moment | None) -> None:
        """The job that lapses expired offers and offers free seats."""
        at, now = self.auction(auction), to_moment(self.now)

        def lapsing(engine: Any) -> None:
            for freed in sorted({at.id, *awards.lapse_all_expired(now)}):
                offer_freed(freed, now)

        self.do(self.concert.lapsing(at, self.now), moment, lapsing)

    @rule(who=strategies.NUMBERS, blocked=st.booleans())
    def block(self, who: int, blocked: bool) -> None:
        person = self.person(who)
        self.stores.set_blocked(person, blocked=blocked)
        (self.concert.blocked.add if blocked else self.concert.blocked.discard)(person)
        for auction in self.concert.auctions:
            if auction.in_store and auction.state != "settled":
                auction.permissions[person] = not blocked


def award_ids(auction_id: int) -> list[int]:
    """Ids of the auction's awards in the order in which they were issued."""
    ids = list(db.session.scalars(db.select(Award.id).where(Award.auction_id == auction_id).order_by(Award.id)))
    db.session.rollback()
    return ids
