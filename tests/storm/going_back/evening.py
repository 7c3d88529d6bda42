"""An evening with a live store that goes back: ten recorded bids, then five that only the store and witnesses have."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from cashticket import create_app
from cashticket.auction.values import Permission
from cashticket.config import Settings
from cashticket.engine.interface import Paused
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.models import RecordedBid
from cashticket.wiring import current_engine, current_shelves, queue_redis
from cashticket.witness.testimony import read_testimony
from cashticket.work.watch.guard import Guard
from lab.waiting import wait_until
from tests.staging.auctions import open_auction
from tests.staging.rows import add_people
from tests.storm.going_back.stores import GoingBack

ROOT = Path(__file__).parents[3]
PEOPLE, SEATS, RECORDED, UNRECORDED = 8, 8, 10, 5


class Evening:
    """One auction of eight seats in which everybody who bids is winning, the process that answers, and the watch."""

    def __init__(self, settings: Settings, store: GoingBack, environment: dict[str, str]) -> None:
        self._store, self._witness_folder = store, settings.witness_dir
        self.app = create_app(settings)
        self.context = self.app.app_context()
        self.context.push()
        self.engine = current_engine()
        self.people = add_people(PEOPLE)
        self.id = open_auction(seats=SEATS, people=self.people)
        self.guard = self.new_guard()
        self.answers: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storm.going_back.answering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )

    def new_guard(self) -> Guard:
        """A watch that has just started."""
        return Guard(self.engine, queue_redis(), (), 0, read_testimony=lambda: read_testimony(current_shelves()))

    def bid(self, person: int, amount: int) -> dict[str, Any]:
        """The answer of the other process to a bid that it must accept."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{self.id} {person} {amount}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert isinstance(answer, dict), answer
        return {**answer, "person": person}

    def begin(self) -> None:
        """Ten bids are recorded, the watch has looked, and the drain stops; five more are accepted and witnessed."""
        self._bid_times(RECORDED)
        self.record_all()
        self.guard.round()
        self._store.remember()
        self._bid_times(UNRECORDED)
        wait_until(self._is_witnessed, "a witness of every bid")

    def end_process(self) -> None:
        """SIGKILL for the process that answers: it writes nothing more."""
        self._process.kill()
        self._process.wait()

    def lose_witnesses(self) -> None:
        """Both shelves are emptied."""
        shutil.rmtree(self._witness_folder, ignore_errors=True)
        queue_redis().flushdb()

    def go_back(self) -> None:
        """The live store goes back, and whoever bids at once is not accepted."""
        self._store.go_back()
        try:
            answer = self.engine.place_bid(self.id, self.people[0], 1, 900_000, "too early")
        except Paused as paused:
            assert paused.reason == "restarted"
        else:
            raise AssertionError(f"nobody bids before everything is accounted for: {answer}")

    def paused(self) -> str:
        return self.engine.read(self.id).paused

    def watch_until(self, reason: str) -> None:
        """Rounds of the watch until the auction is paused for this reason, '' for none."""

        def looks() -> bool:
            self.guard.round()
            return self.paused() == reason

        wait_until(looks, f"an auction that is paused for {reason!r}")

    def record_all(self) -> None:
        while record_waiting(self.engine, self.id):
            pass
        db.session.remove()

    def recorded(self) -> list[tuple[int, int, int, str]]:
        """Number, person, moment and request of every recorded bid."""
        queries.forget()
        bids = db.session.scalars(
            db.select(RecordedBid).where(RecordedBid.auction_id == self.id).order_by(RecordedBid.sequence)
        )
        return [(bid.sequence, bid.person_id, bid.at_ms, bid.request_id) for bid in bids]

    def answered(self) -> list[tuple[int, int, int, str]]:
        """Number, person, moment and request of every bid that was answered."""
        return [(each["sequence"], each["person"], each["at_ms"], _request(each)) for each in self.answers]

    def bid_here(self, person: int, amount: int) -> Any:
        """The answer of this process to a bid, after the auction has met the person again."""
        self.engine.introduce(self.id, person, Permission.OK, 1, 1)
        return self.engine.place_bid(self.id, person, 1, amount, f"{person}-{amount}")

    def close(self) -> None:
        self.end_process()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        db.session.remove()
        db.engine.dispose()
        self.context.pop()

    def _bid_times(self, count: int) -> None:
        for _ in range(count):
            number = len(self.answers)
            self.answers.append(self.bid(self.people[number % PEOPLE], 100_000 + 5_000 * number))

    def _is_witnessed(self) -> bool:
        known_bids = read_testimony(current_shelves()).of(self.id)
        return known_bids.highest == RECORDED + UNRECORDED and len(known_bids.entries) >= UNRECORDED


def _request(answer: dict[str, Any]) -> str:
    return f"{answer['person']}-{answer['amount']}"
