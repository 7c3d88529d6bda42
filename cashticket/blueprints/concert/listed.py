"""Auctions as lists show them: facts from the tables with the present figures of the live store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cashticket.auction.values import State
from cashticket.blueprints.request import store_silence
from cashticket.catalogue.browsing import PAGE
from cashticket.catalogue.listings import ENDED_MAX, AuctionFacts, ConcertFacts, ConcertPage
from cashticket.engine.interface import Snapshot, UnknownAuction
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine

SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """An auction in a list. `snapshot` is None while the live store does not know it or is silent, and where the
    list does not ask (`is_asked`)."""

    auction: AuctionFacts
    snapshot: Snapshot | None
    is_asked: bool = True

    @property
    def state(self) -> State:
        """The state in the live store, else the one that follows from the ledger and the clock.

        While the store does not answer or has lost the auction, its time stands still: one that has begun is not over
        before somebody says so. Neither is one that is paused, although its end has passed meanwhile.
        """
        if self.snapshot is not None:
            return State.OPEN if self.snapshot.goes_on else self.snapshot.state
        now = utcnow()
        if self.auction.state is not State.OPEN:
            return self.auction.state
        return State.SCHEDULED if now < self.auction.opens_at else State.OPEN

    @property
    def stands_still(self) -> bool:
        """Whether no bids are taken, as far as is known, although bidding has begun and is not over."""
        if self.state is not State.OPEN:
            return False
        return bool(self.snapshot.paused) if self.snapshot else self.auction.ends_at <= utcnow()

    @property
    def opens_soon(self) -> bool:
        """Whether bidding opens within a day."""
        return self.auction.opens_at - utcnow() <= SOON


@dataclass(frozen=True, slots=True)
class ListedConcert:
    """A concert in a list, with the auction that is worth showing there, if it has any. `cancelled` is why it is
    cancelled, None if it is not."""

    concert: ConcertFacts
    listed: Listed | None
    cancelled: str | None = None


@dataclass(frozen=True, slots=True)
class OnNow:
    """The auctions of the home page: running, coming and just ended."""

    running: list[Listed]
    coming: list[Listed]
    ended: list[Listed]


def listed(auction: AuctionFacts) -> Listed:
    """An auction with its present figures. A list is worth showing without them, so no failure is raised."""
    try:
        snapshot = store_silence.answer_of(auction.id, lambda: current_engine().read(auction.id))
    except UnknownAuction:
        return Listed(auction, None)
    return Listed(auction, snapshot)


def on_now_of(auctions: Iterable[AuctionFacts]) -> OnNow:
    """Auctions grouped by their present state: coming ones by their opening, ended ones latest first."""
    everything = [listed(auction) for auction in auctions]
    running = [each for each in everything if each.state is State.OPEN]
    coming = [each for each in everything if each.state is State.SCHEDULED]
    ended = [each for each in everything if each not in running and each not in coming]
    coming.sort(key=lambda each: (each.auction.opens_at, each.auction.id))
    return OnNow(running[:PAGE], coming[:PAGE], ended[::-1][:ENDED_MAX])


def listed_concert(page: ConcertPage, *, with_figures: bool) -> ListedConcert:
    """A concert with one of its auctions: the one that ends next of those that have begun, else the one that opens
    next, else the one that ended last; a void one only if all are.

    `with_figures`: with those of the live store, which is asked once. It is asked too about one whose end has passed in
    the tables: only the live store knows whether bidding is over."""
    now = utcnow()
    shown = _worth_showing(page.auctions, now)
    if shown is None:
        return ListedConcert(page.concert, None, page.cancelled)
    is_asked = with_figures or (shown.state is State.OPEN and shown.ends_at <= now)
    card = listed(shown) if is_asked else Listed(shown, None, is_asked=False)
    return ListedConcert(page.concert, card, page.cancelled)


def _worth_showing(auctions: Sequence[AuctionFacts], now: datetime) -> AuctionFacts | None:
    unfinished = [auction for auction in auctions if auction.state is State.OPEN]
    begun = [auction for auction in unfinished if auction.opens_at <= now]
    if begun:
        return min(begun, key=lambda auction: (auction.ends_at, auction.id))
    if unfinished:
        return min(unfinished, key=lambda auction: (auction.opens_at, auction.id))
    return max(auctions, key=lambda each: (each.state is not State.VOIDED, each.ends_at, each.id), default=None)
