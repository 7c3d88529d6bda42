"""The end of a large auction under load: bids until it ends, settlement, and everybody reads the result."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cashticket.auction.values import CHANCES
from cashticket.wiring import current_engine
from lab.filling.auctions import MINIMUM, STEP, FilledAuction, fill_auction
from lab.filling.reading import FIRST_SHARE, LEVELS, OTHER_PAGES_SHARE, OUTCOME_SHARE, PAGE_ROWS
from lab.load import crowd, raw
from lab.load.bids import STRIDE, Bidding
from lab.load.client import ClientFailed, drive
from lab.load.course import Course, CourseTurns, looking
from lab.load.crowd import Offer, open_auction
from lab.load.hammer_guests import LOOK_SECONDS, Guests, settlement
from lab.load.site import Site
from lab.load.turns import CLIENT_MARGIN_SECONDS, GUESTS, WAITING_MAX, Companion, Load
from lab.signed_in import add_people, invite, sign_in
from lab.waiting import wait_until

FILL_SECONDS = 5.0
FILL_SECONDS_A_BID = 0.0008
"""A guess of how long filling takes: the auction ends a rate's time after it."""

GUESS_TIMES = (1, 4, 16)
"""A machine that was too slow for the guess gets another auction and so many times as long."""
LATE_SECONDS = 2
"""Bids still come so long after the end; all of them must be refused."""
SETTLE_SECONDS_MAX = 300.0
READERS_MAX = 2_000
"""Signed-in bidders who read their outcome, again and again."""
STANDING_SHARE = 0.05
SHARES = {
    "first_page": FIRST_SHARE,
    "other_page": OTHER_PAGES_SHARE - STANDING_SHARE,
    "outcome": OUTCOME_SHARE,
    "standing": STANDING_SHARE,
}
OUTCOME_READS = 100
"""Reads a second of the own outcome alone, for its processor time."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many people bid before in the large auction, how many seats it has, how many reads come a second."""

    bidders: int
    seats: int
    reads: int


FULL_SECONDS = 60
FULL_SIZE, QUICK_SIZE = Size(150_000, 2_000, 1_000), Size(3_000, 2_000, 100)


class HammerTurns(CourseTurns):
    """Lets a large auction end. The rate is that of bids in it and in another auction, half of them each."""

    script = "hammer.js"

    def __init__(self, site: Site, course: Course, size: Size | None = None) -> None:
        super().__init__(site, Bidding(Offer()), course)
        self._size = size
        self._filled: FilledAuction
        self._ends_at_ms = 0

    @property
    def size(self) -> Size:
        """How large it is: as demanded of a full run, smaller with --quick."""
        return self._size or (FULL_SIZE if self.unit_s >= FULL_SECONDS else QUICK_SIZE)

    def hold(self, rate: int, seconds: int, folder: Path) -> None:
        # A warm-up would need a large auction of its own; the first seconds of the bids do not count instead.
        if self.unit_s:
            super().hold(rate, seconds, folder)

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        size, each = self.size, max(1, rate // 2)
        with self._site.app.app_context():
            for times in GUESS_TIMES:
                guests = self._guests(each, times)
                wait_s = (self._ends_at_ms - current_engine().clock()) / 1000 - self.unit_s
                if wait_s >= 0:
                    break
            else:
                raise ClientFailed("the large auction ended before everything was ready: this machine is too busy")
        begins_at = time.monotonic() + wait_s
        guests.write(folder / GUESTS)
        wait_until(lambda: time.monotonic() >= begins_at, "the last minute of the large auction", wait_s + 1)
        settling = reading = self.unit_s
        pages = -(-size.bidders // PAGE_ROWS)
        plan = {"auction": guests.auction, "other": guests.other, "ends_at_ms": self._ends_at_ms, "late": LATE_SECONDS}
        plan |= {"settling": settling, "reading": reading, "rate": each, "reads": size.reads, "shares": SHARES}
        plan |= {"pages": pages, "minimum": MINIMUM, "step": STEP, "levels": LEVELS, "stride": STRIDE}
        plan |= {"other_minimum": crowd.MINIMUM, "other_step": crowd.STEP}
        plan |= {"clients": {"bids": min(WAITING_MAX, each * 3), "reads": min(WAITING_MAX, size.reads * 2)}}
        facts = {"cpu_seconds": {}, "ends_at_ms": self._ends_at_ms, "bidders": size.bidders, "seats": size.seats}
        facts |= {"filled_bids": self._filled.bids, "reads": size.reads, "bid_rate": each}
        load_s = self.unit_s + settling + reading + LATE_SECONDS
        return Load(plan, load_s, [guests.auction, guests.other], guests.bid_of, facts)

    def _guests(self, rate: int, times: int) -> Guests:
        """Fill the large auction, open the other one, and sign everybody in."""
        size, unit_s, engine = self.size, self.unit_s, current_engine()
        people = add_people(size.bidders)
        bids_s = unit_s + LATE_SECONDS + 2
        late, others = add_people(_people(rate * bids_s)), add_people(_people(rate * (bids_s + 2 * unit_s)))
        ready_s = FILL_SECONDS + FILL_SECONDS_A_BID * (2 * size.bidders + len(late) + len(others))
        ends_in_ms = round(1000 * (times * ready_s + unit_s))
        self._filled = fill_auction(engine, people, size.seats, ends_in_ms=ends_in_ms, title="The large one")
        other = open_auction(engine, Offer())
        self._ends_at_ms = engine.read(self._filled.id).ends_at_ms
        readers = sign_in(self._site.app, people[:: max(1, len(people) // READERS_MAX)][:READERS_MAX])
        large = invite(self._site.app, engine, self._filled.id, late)
        return Guests(self._filled.id, other, large, invite(self._site.app, engine, other, others), readers)

    @contextmanager
    def beside(self, load: Load, console: Path) -> Iterator[Companion]:
        companion = Companion()
        auction = load.auctions[0]
        with looking(self._site, load.auctions) as looks, settlement(self._site, auction) as settled:
            yield companion
            deadline = time.monotonic() + SETTLE_SECONDS_MAX
            while not settled and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)
        if not settled:
            raise ClientFailed(f"the large auction was not settled in {SETTLE_SECONDS_MAX:.0f} s")
        event = {"name": "auction ended, settled", "began_ms": self._ends_at_ms, "ended_ms": settled[0]}
        companion.facts |= {"looks": looks, "events": [event], "settled_ms": settled[0]}
        companion.facts["outcome_cpu"] = self._cost_of_outcome(load.plan, console.parent)

    def _cost_of_outcome(self, plan: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Processor seconds of each part while the own outcome alone is read, and while nobody does anything, each for
        as long."""
        seconds = max(3, self.unit_s // 4)
        own = plan | {"rate": 0, "reads": OUTCOME_READS, "shares": {"outcome": 1}, "settling": 0, "reading": seconds}
        own |= {"guests": str(folder / GUESTS), "summary": str(folder / "outcome-k6.json"), "target": self._site.target}
        raw.write_json(folder / "outcome-plan.json", own)
        before, idle_until = self._site.cpu_seconds(), time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= idle_until, "the end of a time without reads", seconds + 1)
        idle = self._site.cpu_seconds()
        console = folder / "outcome.tsv"
        drive(self.script, folder / "outcome-plan.json", console, seconds + CLIENT_MARGIN_SECONDS, lambda: None)
        after = self._site.cpu_seconds()
        answered = sum(answer.status == 200 for answer in raw.read_answers(console))
        raw.compress(console)
        costs = {part: round((after[part] - idle[part]) - (idle[part] - before[part]), 3) for part in after}
        return {"answered": answered, "seconds": costs}

    def _judge(self, load: Load, answers: list[raw.Answer]) -> dict[str, Any]:
        """The other auction by the checkers, the large one by the product's own `auction check`: the checkers would
        need to know who sent the bids that were made in bulk."""
        auction, other = load.auctions
        facts = super()._judge(Load({}, 0, [other], load.bid_of), _but_of("large", answers))
        facts["ledger_bids"] = self.write_ledger(load.auctions) - self._filled.bids
        began = time.monotonic()
        answer = self._site.app.test_cli_runner().invoke(args=["auction", "check", str(auction), "--json"])
        facts["check_seconds"] = round(time.monotonic() - began, 1)
        if answer.exit_code:
            facts["violations"].append(f"auction check: {answer.output[-500:]}")
        facts["violations"] += late_bids(answers, self._ends_at_ms)
        return facts


def _but_of(journey: str, answers: Sequence[raw.Answer]) -> list[raw.Answer]:
    return [answer for answer in answers if answer.journey != journey]


def late_bids(answers: Sequence[raw.Answer], ends_at_ms: int) -> list[str]:
    """Bids in the large auction that were sent after its end and accepted."""
    late = [each for each in answers if each.journey == "large" and each.sent_ms > ends_at_ms]
    return [f"bid {each.row} was accepted after the end" for each in late if each.status == raw.ACCEPTED]


def _people(bids: float) -> int:
    """How many people make so many bids."""
    return -(-int(bids) // CHANCES) + 1
