"""Robots that bid through the pages as people do: sign in, open the auction page, read the board, send the form.

One thread works through one agenda. Each robot has a highest amount, spreads its three bids over the auction and
follows the cut-off. Winners buy, and some decline, so that seats are handed over.
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
from cashticket.cli.demo.bidders import PASSWORD, ROBOT_COUNT, robot_email
from cashticket.cli.demo.browser import Browser
from cashticket.cli.demo.running_auction import ensure_running, is_demo_auction
from cashticket.cli.demo.season import is_season_auction
from cashticket.engine.interface import Snapshot, StoreUnavailable, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.logs.failures import failure_text
from cashticket.models import Auction
from cashticket.wiring import current_engine

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
FIRST_BIDS_WITHIN_SECONDS = 60.0
DECLINE_PROBABILITY = 0.1
ANSWER_WITHIN_SECONDS = 20.0

Step = Callable[[], None]


class Robot:
    """One bidder: its own browser and the highest amount it would bid, as a multiple of the minimum."""

    def __init__(self, url: str, number: int, dice: random.Random) -> None:
        self._browser = Browser(url, robot_email(number), PASSWORD)
        self._dice = dice
        self._multiple_max = 1 + dice.lognormvariate(-0.5, 0.7)

    def plan(self, seconds: float) -> list[float]:
        """When to bid, in seconds from now: early, in the middle and near the end of `seconds`."""
        early = min(self._dice.expovariate(3 / FIRST_BIDS_WITHIN_SECONDS), seconds * 0.3)
        late = seconds * (1 - abs(self._dice.gauss(0, 0.12)))
        return sorted((early, self._dice.uniform(0.1, 0.8) * seconds, max(late, early)))

    def bid(self, auction_id: int) -> None:
        """Bid a few steps above the cut-off, unless that is more than the robot would pay."""
        board = current_engine().read(auction_id)
        terms = board.terms
        floor = board.cutoff if board.bidders >= terms.seats else terms.minimum
        amount = floor + terms.step * self._dice.choice((1, 1, 2, 3, 5))
        if amount <= terms.minimum * self._multiple_max:
            self._browser.bid(auction_id, amount)

    def answer_offers(self) -> None:
        """Buy or decline the seats that it won or was offered."""
        for award_id in self._browser.offers():
            self._browser.answer(award_id, "decline" if self._dice.random() < DECLINE_PROBABILITY else "buy")


def run_robots(url: str, stop_event: threading.Event, seed_number: int | None = None) -> None:
    """Bid in every demo auction that opens, and publish one when none runs, until `stop_event` is set."""
    dice = random.Random(seed_number)
    robots = [Robot(url, number, dice) for number in range(1, ROBOT_COUNT + 1)]
    agenda = _Agenda(stop_event)
    planned: set[int] = set()
    while not stop_event.is_set():
        _attempt(lambda: _plan_bids(robots, agenda, planned, dice))
        agenda.work_for(POLL_SECONDS)


def _plan_bids(robots: list[Robot], agenda: "_Agenda", planned: set[int], dice: random.Random) -> None:
    """Plan bids for every open demo auction that has no plan yet; keep one auction running."""
    ensure_running()
    for auction in filter(_may_bid_in, queries.live_auctions()):
        board = _board(auction.id)
        if auction.id in planned or board is None or board.state is not State.OPEN:
            continue
        planned.add(auction.id)
        seconds = (board.ends_at_ms - board.now_ms) / 1000
        for robot in robots:
            for after in robot.plan(seconds):
                agenda.add(after, _bidding(robot, auction.id))
        _answer_later(robots, agenda, auction.id, seconds, dice)
    db.session.rollback()


def _may_bid_in(auction: Auction) -> bool:
    """Robots stay out of auctions that people published."""
    return is_demo_auction(auction) or is_season_auction(auction)


def _bidding(robot: Robot, auction_id: int) -> Step:
    return lambda: robot.bid(auction_id)


def _answer_later(robots: list[Robot], agenda: "_Agenda", auction_id: int, seconds: float, dice: random.Random) -> None:
    """Once the auction is settled, let every robot answer its offers within ANSWER_WITHIN_SECONDS."""

    def answer_if_settled() -> None:
        auction = queries.auction(auction_id)
        db.session.rollback()
        if auction is not None and auction.state in UNFINISHED_STATES:
            agenda.add(POLL_SECONDS * 2, answer_if_settled)
            return
        for robot in robots:
            agenda.add(dice.uniform(1, ANSWER_WITHIN_SECONDS), robot.answer_offers)

    agenda.add(max(seconds, 0) + POLL_SECONDS, answer_if_settled)


def _board(auction_id: int) -> Snapshot | None:
    try:
        return current_engine().read(auction_id)
    except UnknownAuction:
        return None


def _attempt(step: Step) -> None:
    """Run a step. The installation may be restarting, so an unreachable server is only logged."""
    try:
        step()
    except (OSError, urllib.error.URLError, StoreUnavailable) as error:
        log.warning("a robot could not reach the pages: %s", failure_text(error))


class _Agenda:
    """Steps, ordered by the moment when they are due."""

    def __init__(self, stop_event: threading.Event) -> None:
        self._stop_event = stop_event
        self._steps: list[tuple[float, int, Step]] = []
        self._numbers = itertools.count()

    def add(self, after_seconds: float, step: Step) -> None:
        heapq.heappush(self._steps, (time.monotonic() + after_seconds, next(self._numbers), step))

    def work_for(self, seconds: float) -> None:
        """Run the steps that fall due within `seconds`; end early when the stop event is set."""
        until = time.monotonic() + seconds
        while not self._stop_event.is_set():
            due = min(self._steps[0][0] if self._steps else until, until)
            self._stop_event.wait(max(0.0, due - time.monotonic()))
            if due >= until or self._stop_event.is_set():
                return
            _attempt(heapq.heappop(self._steps)[2])
