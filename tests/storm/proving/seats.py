"""The proving course, third part: who gets a seat, at what price, and who comes next."""

from datetime import datetime
from threading import Barrier, Thread
from typing import Any

from cashticket.accounts.people import block
from cashticket.locale import to_moment
from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.settle import settle
from tests.storm.proving.bidding import steps
from tests.storm.proving.stage import Ground, later


def _now(ground: Ground) -> datetime:
    return to_moment(ground.engine.clock())


def _settle_directly(ground: Ground, auction: int) -> None:
    """As a settlement does that neither ends bidding nor waits for the ledger."""
    board = ground.engine.read(auction)
    settle(auction, ground.engine.order(auction), board.sequence, _now(ground))


def one_concert(ground: Ground) -> None:
    """Two auctions of a concert, the second at one price for all: whoever has a seat in the first is passed over in the
    second, and so is whoever was blocked. Settled too early, in time, and again."""
    concert = ground.concert()
    first = ground.open(concert=concert, ended_ms=20_000)
    second = ground.open(concert=concert, seats=3, pricing="uniform")
    alice, bob, carol, dave, erin, frank, gina = ground.people[:7]
    now = ground.opens(first)
    ground.bids(first, [(bob, steps(1)), (carol, steps(2)), (alice, steps(9)), (bob, steps(8))], now)
    ground.record(first)
    ground.bids(first, [(dave, steps(4)), (carol, steps(10))], now + 50)
    _settle_directly(ground, first)
    offers = [(alice, 9), (dave, 5), (erin, 7), (bob, 3), (frank, 8), (carol, 6), (gina, 4)]
    ground.bids(second, [(person, steps(number)) for person, number in offers], ground.opens(second))
    block(frank)
    ground.settle(second)
    _give_back(ground, first, second)
    for auction in (first, second):
        _settle_directly(ground, auction)
        ground.settle(auction)


def _give_back(ground: Ground, first: int, second: int) -> None:
    """Whoever won buys, declines, cancels or lets lapse; the freed seats go down both lines."""
    now = _now(ground)
    won = sorted(ground.awards(first).items(), key=lambda pair: pair[1])
    stranger = ground.people[9]
    for person, award in won:
        ground.move(award, stranger, awards.buy, now)
        ground.move(award, person, awards.buy, now)
    for person, award in sorted(ground.awards(second).items(), key=lambda pair: pair[1])[-1:]:
        ground.move(award, stranger, awards.decline, now)
        ground.move(award, person, awards.decline, now)
        ground.move(award, person, awards.decline, now)
    offer_freed(second, now)
    person, award = won[0]
    ground.move(award, person, awards.cancel, later(now, 1))
    awards.lapse_all_expired(later(now, 13))
    offer_freed(first, later(now, 13))


def hand_over(ground: Ground) -> None:
    """Three seats and a long line: two cancel at the same moment, one declines, offers lapse, the last but one declines
    and the last buys."""
    auction = ground.open(seats=3)
    ground.bids(
        auction, [(person, steps(number)) for number, person in enumerate(ground.people)], ground.opens(auction)
    )
    ground.bid(auction, ground.people[0], steps(4), ground.opens(auction) + 50)
    ground.settle(auction)
    now = _now(ground)
    won = sorted(ground.awards(auction).items(), key=lambda pair: pair[1])
    for person, award in won[:2]:
        ground.move(award, person, awards.buy, now)
    _at_once(ground, [(award, person, awards.cancel, now) for person, award in won[:2]])
    ground.move(won[2][1], won[2][0], awards.decline, now)
    offer_freed(auction, now)
    awards.lapse_all_expired(later(now, 13))
    offer_freed(auction, later(now, 13))
    for move in (awards.decline, awards.buy):
        person, award = max(ground.awards(auction).items(), key=lambda pair: pair[1])
        ground.move(award, person, move, later(now, 14))
    _settle_directly(ground, auction)


def _at_once(ground: Ground, moves: list[tuple[Any, ...]]) -> None:
    together = Barrier(len(moves))

    def make(move: tuple[Any, ...]) -> None:
        with ground.app.app_context():
            together.wait()
            ground.move(*move)

    threads = [Thread(target=make, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def few_bidders(ground: Ground) -> None:
    """More seats than bidders at one price for all: the minimum price."""
    auction = ground.open(seats=3, pricing="uniform")
    alice, bob = ground.people[:2]
    ground.bids(auction, [(alice, steps(3)), (bob, steps(5))], ground.opens(auction))
    ground.settle(auction)
