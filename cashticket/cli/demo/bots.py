"""Robots that bid through the same doors as people: sign in, open the page, look at the board, send the form.

One thread and one agenda. Each robot has an amount it would pay, plans its three bids over the auction's time and
follows the cut-off. Winners buy, some decline, so that the line behind them is seen to move.
"""

import heapq
import itertools
import logging
import random
import threading
import time
import urllib.error
from collections.abc import Callable

from cashticket.auction.values import UNFINISHED_STATES, State
from cashticket.cli.demo import data as demo_data
from cashticket.cli.demo import season as demo_season
from cashticket.cli.demo.browser import Browser
from cashticket.engine.interface import Snapshot, StoreUnavailable, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Auction
from cashticket.wiring import current_engine

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
FIRST_BIDS_WITHIN_SECONDS = 60.0
DECLINING = 0.1
UNHURRIED_SECONDS = 20.0

Step = Callable[[], None]


class Robot:
    """One bidder: a browser of its own, and the most it would pay for a seat (as a multiple of the minimum)."""

    def __init__(self, url: str, number: int, chance: random.Random) -> None:
        self._browser = Browser(url, demo_data.robot_email(number), demo_data.PASSWORD)
        self._chance = chance
        self._max = 1 + chance.lognormvariate(-0.5, 0.7)

    def plan(self, seconds: float) -> list[float]:
        """Seconds from now of its bids: one early, one in the middle, one near the end."""
        early = min(self._chance.expovariate(3 / FIRST_BIDS_WITHIN_SECONDS), seconds * 0.3)
        late = seconds * (1 - abs(self._chance.gauss(0, 0.12)))
        return sorted((early, self._chance.uniform(0.1, 0.8) * seconds, max(late, early)))

    def bid(self, auction_id: int) -> None:
        """Follow the cut-off by a few steps, if it is still worth that."""
        board = current_engine().read(auction_id)
        terms = board.terms
        floor = board.cutoff if board.bidders >= terms.seats else terms.minimum
        amount = floor + terms.step * self._chance.choice((1, 1, 2, 3, 5))
        if amount <= terms.minimum * self._max:
            self._browser.bid(auction_id, amount)

    def take_or_leave(self) -> None:
        """Answer the seats that it won or was offered."""
        for award_id in self._browser.offers():
            self._browser.answer(award_id, "decline" if self._chance.random() < DECLINING else "buy")


def run(url: str, stop: threading.Event, seed_number: int | None = None) -> None:
    """Bid in every demo auction that opens, publish one when none runs, until `stop`."""
    chance = random.Random(seed_number)
    robots = [Robot(url, number, chance) for number in range(1, demo_data.ROBOTS + 1)]
    agenda = _Agenda(stop)
    planned: set[int] = set()
    while not stop.is_set():
        _attempt(lambda: _look(robots, agenda, planned, chance))
        agenda.work_for(LOOK_SECONDS)


def _look(robots: list[Robot], agenda: "_Agenda", planned: set[int], chance: random.Random) -> None:
    """Plan for every demo auction that is open and not planned yet; keep one running."""
    demo_data.ensure_running()
    for auction in filter(_is_ours, queries.live_auctions()):
        board = _board(auction.id)
        if auction.id in planned or board is None or board.state is not State.OPEN:
            continue
        planned.add(auction.id)
        seconds = (board.ends_at_ms - board.now_ms) / 1000
        for robot in robots:
            for after in robot.plan(seconds):
                agenda.add(after, _bidding(robot, auction.id))
        _answer_later(robots, agenda, auction.id, seconds, chance)
    db.session.rollback()


def _is_ours(auction: Auction) -> bool:
    """What people publish themselves is left to people."""
    return demo_data.is_of_the_demo(auction) or demo_season.is_of_the_season(auction)


def _bidding(robot: Robot, auction_id: int) -> Step:
    return lambda: robot.bid(auction_id)


def _answer_later(
    robots: list[Robot], agenda: "_Agenda", auction_id: int, seconds: float, chance: random.Random
) -> None:
    """Look at the auction after its end: not settled yet, look again; settled, holders of offers answer, unhurried."""

    def look() -> None:
        auction = queries.auction(auction_id)
        db.session.rollback()
        if auction is not None and auction.state in UNFINISHED_STATES:
            agenda.add(LOOK_SECONDS * 2, look)
            return
        for robot in robots:
            agenda.add(chance.uniform(1, UNHURRIED_SECONDS), robot.take_or_leave)

    agenda.add(max(seconds, 0) + LOOK_SECONDS, look)


def _board(auction_id: int) -> Snapshot | None:
    try:
        return current_engine().read(auction_id)
    except UnknownAuction:
        return None


def _attempt(step: Step) -> None:
    """The house may be restarting: robots wait as people would."""
    try:
        step()
    except (OSError, urllib.error.URLError, StoreUnavailable) as error:
        log.warning("a robot found a door closed: %s", error)


class _Agenda:
    """Steps by the moment they are due."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._steps: list[tuple[float, int, Step]] = []
        self._numbers = itertools.count()

    def add(self, after_seconds: float, step: Step) -> None:
        heapq.heappush(self._steps, (time.monotonic() + after_seconds, next(self._numbers), step))

    def work_for(self, seconds: float) -> None:
        """Do what falls due within `seconds`, or until told to stop."""
        until = time.monotonic() + seconds
        while not self._stop.is_set():
            due = min(self._steps[0][0] if self._steps else until, until)
            self._stop.wait(max(0.0, due - time.monotonic()))
            if due >= until or self._stop.is_set():
                return
            _attempt(heapq.heappop(self._steps)[2])
