"""One trial: people bid, buy and hand over, the database's primary is killed in one phase, and its replica promoted.

Everything else is a run of the fault campaign: the whole installation, its people and its judgement.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from lab.servers.replicated_database import ReplicatedDatabase
from lab.signed_in import SignedIn
from lab.waiting import wait_until
from tests.storm.fault_campaign.auctions import are_handed_over, are_settled, offered
from tests.storm.fault_campaign.connection import Connection
from tests.storm.fault_campaign.mails import urgent_left
from tests.storm.fault_campaign.run import HANDED_OVER_SECONDS, LAST_SECONDS, MAILED_SECONDS, SETTLED_SECONDS, Run

DRAIN, SETTLE, BUY, HAND_OVER = "drain", "settle", "buy", "hand-over"
PHASES = (DRAIN, SETTLE, BUY, HAND_OVER)
DECIDING = 8
"""Holders who decide at the same time."""

ANSWER_SECONDS = 40.0


class ReplicaRun(Run):
    """A run without other faults. `killed` says how long the product had no primary, in seconds."""

    phase = DRAIN
    database: ReplicatedDatabase
    killed: float | None = None

    def _inject_faults(self) -> None:
        """Let people bid; in the phases `drain` and `settle` kill the primary when it is due."""
        began = time.monotonic()
        at = {
            DRAIN: self._dice.uniform(0.3, 0.6) * (self._seconds - LAST_SECONDS),
            SETTLE: self._seconds - LAST_SECONDS + self._dice.uniform(-0.2, 1.8),
        }.get(self.phase)
        while (now := time.monotonic() - began) < self._seconds:
            if at is not None and now >= at and self.killed is None:
                self._fail_over()
            self._installation.restart_ended()
            time.sleep(0.02)

    def _fail_over(self) -> None:
        noted = self._recorder.invoke("fault", kind="kill primary", action="kill", target="primary", seconds=0.0)
        began = time.monotonic()
        self.database.kill_primary()
        self.database.promote()
        self.killed = time.monotonic() - began
        noted.ok()

    def _settle(self, auctions: list[int]) -> None:
        app = self._installation.app
        self._expect("settlement", lambda: are_settled(app, auctions), SETTLED_SECONDS)
        guests = {guest.person: guest for guest in self._guests}
        decisions = [(award, guests[person], self._choice()) for award, person in offered(app, auctions)]
        numbers, after = count(1), self._dice.randrange(2, max(3, len(decisions) // 2))

        def decide(decision: tuple[int, SignedIn, str]) -> None:
            award, holder, moves = decision
            if next(numbers) == after:
                due.set()
            connection = Connection(self._installation.port, self._recorder, award)
            for move in moves.split(" and "):
                self._until_answered(lambda move=move: connection.move(award, holder, move))  # type: ignore[misc]
            connection.close()

        due = threading.Event()
        with ThreadPoolExecutor(DECIDING) as pool:
            waiting = pool.map(decide, decisions)
            if self.killed is None:
                due.wait(ANSWER_SECONDS)
                self._fail_over()
            list(waiting)
        self._expect("every hand-over", lambda: are_handed_over(app, auctions), HANDED_OVER_SECONDS)
        self._expect("every urgent mail to leave", lambda: urgent_left(app, auctions), MAILED_SECONDS)

    def _choice(self) -> str:
        moves = {BUY: ("buy",), HAND_OVER: ("decline", "buy and cancel")}.get(self.phase, ("buy", "buy", "decline"))
        return self._dice.choice(moves)

    @staticmethod
    def _until_answered(move: Callable[[], str]) -> None:
        """Ask again, as a holder does, until the answer is not `unknown`."""
        wait_until(lambda: move() != "unknown", "an answer to a holder", ANSWER_SECONDS)
