"""Auctions as lists show them: facts from the tables with the present figures of the live store."""

from collections.abc import Iterable
from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.blueprints.request import store_silence
from cashticket.catalogue.browsing import PAGE
from cashticket.catalogue.listings import ENDED_MAX, AuctionFacts
from cashticket.engine.interface import Snapshot, UnknownAuction
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine


@dataclass(frozen=True, slots=True)
class Listed:
    """An auction in a list. `snapshot` is None while the live store does not know it or is silent (`is_silent`)."""

    auction: AuctionFacts
    snapshot: Snapshot | None
    is_silent: bool = False

    @property
    def state(self) -> State:
        """The state in the live store, else the one that follows from the ledger and the clock.

        While the store does not answer, the time of an auction stands still: one that has begun is not over before
        somebody says so.
        """
        if self.snapshot is not None:
            return self.snapshot.state
        now = utcnow()
        if self.auction.state is not State.OPEN:
            return self.auction.state
        if now < self.auction.opens_at:
            return State.SCHEDULED
        return State.OPEN if self.is_silent or now < self.auction.ends_at else State.CLOSING


@dataclass(frozen=True, slots=True)
class OnNow:
    """The auctions of the home page: running, coming and just ended."""

    running: list[Listed]
    coming: list[Listed]
    ended: list[Listed]


def listed(auction: AuctionFacts) -> Listed:
    """An auction with its present figures. A list is worth showing without them, so no failure is raised."""
    try:
        snapshot = store_silence.answer_or_none(lambda: current_engine().read(auction.id))
    except UnknownAuction:
        return Listed(auction, None)
    return Listed(auction, snapshot, is_silent=snapshot is None)


def on_now_of(auctions: Iterable[AuctionFacts]) -> OnNow:
    """Auctions grouped by their present state: coming ones by their opening, ended ones latest first."""
    everything = [listed(auction) for auction in auctions]
    running = [each for each in everything if each.state is State.OPEN]
    coming = [each for each in everything if each.state is State.SCHEDULED]
    ended = [each for each in everything if each not in running and each not in coming]
    coming.sort(key=lambda each: (each.auction.opens_at, each.auction.id))
    return OnNow(running[:PAGE], coming[:PAGE], ended[::-1][:ENDED_MAX])
