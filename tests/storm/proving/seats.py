"""Smoke run, third part: who gets a seat, at what price, and who comes next."""

from datetime import datetime
from threading import Barrier, Thread
from typing import Any

from cashticket.accounts.blocking import block
from cashticket.locale import to_moment
from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.settle import settle
from tests.staging.engine import order_of
from tests.storm.proving.bidding import steps
from tests.storm.proving.stage import SmokeStage, later


def _now(stage: SmokeStage) -> datetime:
    return to_moment(stage.engine.clock())


def _settle_directly(stage: SmokeStage, auction: int) -> None:
    """Settle without ending bidding or waiting for the ledger."""
    board = stage.engine.read(auction)
    settle(auction, order_of(stage.engine, auction), board.sequence, _now(stage))


def one_concert(stage: SmokeStage) -> None:
    """Two auctions of a concert, the second with uniform pricing, settled too early, in time, and again.

    The second passes over whoever has a seat from the first, and whoever was blocked.
    """
    concert = stage.concert()
    first = stage.open(concert=concert, ended_ms=20_000)
    second = stage.open(concert=concert, seats=3, pricing="uniform")
    alice, bob, carol, dave, erin, frank, gina = stage.people[:7]
    now = stage.opens(first)
    stage.bids(first, [(bob, steps(1)), (carol, steps(2)), (alice, steps(9)), (bob, steps(8))], now)
    stage.record(first)
    stage.bids(first, [(dave, steps(4)), (carol, steps(10))], now + 50)
    _settle_directly(stage, first)
    offers = [(alice, 9), (dave, 5), (erin, 7), (bob, 3), (frank, 8), (carol, 6), (gina, 4)]
    stage.bids(second, [(person, steps(number)) for person, number in offers], stage.opens(second))
    block(frank)
    stage.settle(second)
    _give_back(stage, first, second)
    for auction in (first, second):
        _settle_directly(stage, auction)
        stage.settle(auction)


def _give_back(stage: SmokeStage, first: int, second: int) -> None:
    """Winners buy, decline, cancel or let lapse; the freed seats go down both lines."""
    now = _now(stage)
    won = sorted(stage.awards(first).items(), key=lambda pair: pair[1])
    stranger = stage.people[9]
    for person, award in won:
        stage.move(award, stranger, awards.buy, now)
        stage.move(award, person, awards.buy, now)
    for person, award in sorted(stage.awards(second).items(), key=lambda pair: pair[1])[-1:]:
        stage.move(award, stranger, awards.decline, now)
        stage.move(award, person, awards.decline, now)
        stage.move(award, person, awards.decline, now)
    offer_freed(second, now)
    person, award = won[0]
    stage.move(award, person, awards.cancel, later(now, 1))
    awards.lapse_all_expired(later(now, 21))
    offer_freed(first, later(now, 21))


def hand_over(stage: SmokeStage) -> None:
    """Three seats and a long line: two cancel at once, one declines, offers lapse, another declines, and the last
    buys."""
    auction = stage.open(seats=3)
    stage.bids(auction, [(person, steps(number)) for number, person in enumerate(stage.people)], stage.opens(auction))
    stage.bid(auction, stage.people[0], steps(4), stage.opens(auction) + 50)
    stage.settle(auction)
    now = _now(stage)
    won = sorted(stage.awards(auction).items(), key=lambda pair: pair[1])
    for person, award in won[:2]:
        stage.move(award, person, awards.buy, now)
    _at_once(stage, [(award, person, awards.cancel, now) for person, award in won[:2]])
    stage.move(won[2][1], won[2][0], awards.decline, now)
    offer_freed(auction, now)
    awards.lapse_all_expired(later(now, 21))
    offer_freed(auction, later(now, 21))
    for move in (awards.decline, awards.buy):
        person, award = max(stage.awards(auction).items(), key=lambda pair: pair[1])
        stage.move(award, person, move, later(now, 22))
    _settle_directly(stage, auction)


def _at_once(stage: SmokeStage, moves: list[tuple[Any, ...]]) -> None:
    together = Barrier(len(moves))

    def make(move: tuple[Any, ...]) -> None:
        with stage.app.app_context():
            together.wait()
            stage.move(*move)

    threads = [Thread(target=make, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def few_bidders(stage: SmokeStage) -> None:
    """More seats than bidders under uniform pricing: everybody pays the minimum price."""
    auction = stage.open(seats=3, pricing="uniform")
    alice, bob = stage.people[:2]
    stage.bids(auction, [(alice, steps(3)), (bob, steps(5))], stage.opens(auction))
    stage.settle(auction)
