"""One failover under fire: bids, the fault, the promotion, the return of the former primary, and the judgement."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from lab.waiting import wait_until
from tests.storm.failovers.bidders import Answer, Bidder, EngineDoor, WebDoor
from tests.storm.failovers.faults import LAG, Plan, strike
from tests.storm.failovers.installation import Installation
from tests.storm.failovers.judgement import judge

ENGINE_BIDDERS, WEB_BIDDERS, GUESTS_EACH = 6, 2, 40
PEOPLE = (ENGINE_BIDDERS + WEB_BIDDERS) * GUESTS_EACH
PROMOTION_SECONDS, ANSWER_SECONDS, DRAIN_SECONDS = 60.0, 60.0, 60.0
LAG_SECONDS, AFTER_SECONDS = 1.0, 1.5


@dataclass
class Outcome:
    """One judged failover in plain numbers and text. Seconds count from the fault; None: it did not come in time.

    `forgotten` are answered bids that the promoted store did not have. What the ledger or a witness has of them may be
    put back, so they need not be lost.
    """

    seed: int
    kind: str
    answered: int = 0
    tries: int = 0
    replayed: int = 0
    promoted_seconds: float | None = None
    answered_again_seconds: float | None = None
    forgotten: int = 0
    lost: int = 0
    given_up: int = 0
    doubled: int = 0
    moved: int = 0
    complaints: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        again = "never" if self.answered_again_seconds is None else f"{self.answered_again_seconds:.1f} s"
        verdict = "sound" if not self.complaints else f"{len(self.complaints)} COMPLAINTS"
        return f"seed {self.seed}: {self.kind}, {self.answered} answered bids, answered again after {again}: {verdict}"


class Run:
    """Call `run` once."""

    def __init__(self, installation: Installation, seed: int, plan: Plan) -> None:
        self._site, self._plan = installation, plan
        self._engine = installation.app.extensions["engine"]
        self._outcome = Outcome(seed, plan.kind)
        self._stop = threading.Event()
        self.auction_id = 0

    def run(self) -> Outcome:
        self.auction_id = auction_id = self._site.open_auction()
        for guest in self._site.people:
            self._engine.introduce(auction_id, guest.person, Permission.OK, 1, 1)
        bidders = self._bidders(auction_id)
        for bidder in bidders:
            bidder.start()
        wait_until(lambda: all(bidder.answers for bidder in bidders), "a bid of every bidder")
        _wait(self._plan.at)
        struck_at, sequence = self._fail_over()
        again = self._wait_for_answers(auction_id, bidders, struck_at)
        self._stop.set()
        self._finish(auction_id, bidders)
        answers = [answer for bidder in bidders for answer in bidder.answers]
        self._outcome.answered, self._outcome.tries = len(answers), sum(bidder.tries for bidder in bidders)
        promoted_at = struck_at + (self._outcome.promoted_seconds or 0)
        before = max((answer.sequence for answer in answers if answer.at < promoted_at), default=0)
        self._outcome.forgotten = max(0, before - sequence)
        self._outcome.replayed = sum(answer.replayed for answer in answers)
        self._outcome.answered_again_seconds = again and _seconds_of_silence(answers, struck_at)
        self._judge(auction_id, answers)
        return self._outcome

    def _bidders(self, auction_id: int) -> list[Bidder]:
        doors: list[Any] = [EngineDoor(self._engine, auction_id) for _ in range(ENGINE_BIDDERS)]
        doors += [WebDoor(self._site.web.port, auction_id) for _ in range(WEB_BIDDERS)]
        people = self._site.people
        return [
            Bidder(number, door, people[number * GUESTS_EACH : (number + 1) * GUESTS_EACH], self._stop)
            for number, door in enumerate(doors)
        ]

    def _fail_over(self) -> tuple[float, int]:
        """Let the fault happen and the former primary come back. Returns when it happened, in monotonic seconds,
        and the number of the last bid that the promoted store has."""
        store = self._site.store
        primary = wait_until(lambda: _number(store.primary()), "a primary") - 1
        if self._plan.kind == LAG:
            store.stores[1 - primary].kill()
            _wait(LAG_SECONDS)
        strike(store, self._plan.kind, primary)
        struck_at = time.monotonic()
        if self._plan.kind == LAG:
            store.stores[1 - primary].start()
        wait_until(lambda: store.primary() == 1 - primary, "the promotion of the replica", PROMOTION_SECONDS)
        wait_until(lambda: store.role(1 - primary) == "master", "a replica that is the primary", PROMOTION_SECONDS)
        self._outcome.promoted_seconds = round(time.monotonic() - struck_at, 2)
        with store.direct(1 - primary) as client:
            sequence = int(client.hget(redis_keys.state(self.auction_id), "sequence") or 0)
        _wait(self._plan.back)
        store.heal()
        return struck_at, sequence

    def _wait_for_answers(self, auction_id: int, bidders: Sequence[Bidder], struck_at: float) -> bool:
        """Whether a new bid of every bidder was accepted after the promotion. One who has bid everything counts."""
        promoted_at = struck_at + (self._outcome.promoted_seconds or 0)
        deadline = struck_at + ANSWER_SECONDS
        while time.monotonic() < deadline:
            if all(not each.is_alive() or each.fresh_at > promoted_at for each in bidders):
                _wait(AFTER_SECONDS)
                return True
            _wait(0.02)
        try:
            paused = self._engine.read(auction_id).paused
        except (StoreUnavailable, OutcomeUnknown) as error:
            paused = str(error)
        self._outcome.complaints.append(f"bids were not answered again in {ANSWER_SECONDS:.0f} s: {paused or 'open'}")
        return False

    def _finish(self, auction_id: int, bidders: Sequence[Bidder]) -> None:
        """Wait for the last answers and until everything is recorded."""
        for bidder in bidders:
            bidder.join(5.0 if self._outcome.complaints else 30.0)
            bidder.gives_up.set()
        for bidder in bidders:
            bidder.join()
            if bidder.failure or bidder.open:
                self._outcome.complaints.append(f"{bidder.name}: {bidder.failure or f'no answer to {bidder.open}'}")
        wait_until(self._site.store.is_replicated, "both stores in step")
        if not self._outcome.complaints:
            # Drains do this already, where they run.
            with self._site.app.app_context():
                while record_waiting(self._engine, auction_id):
                    pass
            wait_until(lambda: self._is_recorded(auction_id), "the record of every bid", DRAIN_SECONDS)

    def _is_recorded(self, auction_id: int) -> bool:
        with self._site.app.app_context():
            recorded = queries.recorded_sequence(auction_id)
            db.session.remove()
        sequence = self._engine.statuses([auction_id])[auction_id].sequence
        return recorded == sequence and not self._engine.backlog([auction_id])[auction_id]

    def _judge(self, auction_id: int, answers: Sequence[Answer]) -> None:
        verdict, outcome = judge(self._site.app, auction_id, answers), self._outcome
        for name in ("lost", "given_up", "doubled", "moved"):
            count = getattr(verdict, name)
            setattr(outcome, name, count)
            if count and name != "given_up":
                outcome.complaints.append(f"{count} {name}")
        outcome.complaints += verdict.faults


def _seconds_of_silence(answers: Sequence[Answer], struck_at: float) -> float:
    """From the fault to the end of the longest pause between two new bids that were accepted after it."""
    fresh = (answer.at for answer in answers if answer.at > struck_at and not answer.replayed)
    moments = sorted({struck_at, *fresh})
    longest = max(pairwise(moments), key=lambda pair: pair[1] - pair[0])
    return round(longest[1] - struck_at, 2)


def _wait(seconds: float) -> None:
    """Let bidders bid: these times are the plan of a run, not waits for something."""
    threading.Event().wait(seconds)


def _number(primary: int | None) -> int:
    """The number of the primary from 1, so that the first one is true, too."""
    return 0 if primary is None else primary + 1
