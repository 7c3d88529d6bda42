"""Model of one concert for the state machine: the oracle's seats, and the work that may die while they change hands."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.oracle.bidding import final_order
from lab.oracle.seats import MOVES, Concert, is_expired
from tests.storm.stateful.model import Happening, ModelAuction, Stops


@dataclass
class ModelConcert(Concert):
    """One concert whose auctions are `ModelAuction`s."""

    auctions: list[ModelAuction] = field(default_factory=list)

    def draining(self) -> Iterator[Happening]:
        """One round of the drain: entries of all auctions in service, apart from those with a gap."""
        stopped: set[int] = set()
        while True:
            served = [
                auction
                for auction in self.auctions
                if auction.in_store and auction.state != "settled" and auction.waiting
            ]
            served = [auction for auction in served if auction.id not in stopped]
            if not served:
                return
            for auction in served:
                try:
                    yield from auction.recording(500)
                except Stops:
                    stopped.add(auction.id)

    # Closing time

    def closing(self, own: ModelAuction, now: int) -> Iterator[Happening]:
        """The job that settles `own`, after every auction of the concert that ended earlier."""
        if own.ledger_state == "settled":
            yield "finish", lambda: self.finish(own)
            return
        over: list[ModelAuction] = []
        for auction in sorted(self.unfinished(), key=lambda each: (each.ledger_ends, each.id)):
            try:
                yield from self.ending(auction, now, over)
            except Stops:
                if auction is own:
                    raise
        if own not in over:
            return
        for auction in sorted(over, key=lambda each: (each.ends, each.id)):
            if not self.is_next(auction):
                return
            yield "rows", lambda: None
            if auction.final_order() != final_order(auction.bids):
                return
            yield "settle", lambda auction=auction: self.settling(auction, now)  # type: ignore[misc]
            yield "finish", lambda auction=auction: self.finish(auction)  # type: ignore[misc]
            if auction is own:
                return

    def ending(self, auction: ModelAuction, now: int, over: list[ModelAuction]) -> Iterator[Happening]:
        """End bidding if its time has come, and record all bids."""
        yield "close", lambda: self.close(auction, now)
        if not auction.in_store:
            raise Stops("unknown")
        if auction.state == "open":
            return
        yield from auction.recording_all()
        if auction.mark == auction.sequence:
            yield "end", lambda: self.end(auction)
        over.append(auction)

    def unfinished(self) -> list[ModelAuction]:
        return [auction for auction in self.auctions if auction.ledger_state != "settled"]

    def close(self, auction: ModelAuction, now: int) -> bool:
        if auction.in_store and not auction.paused and auction.state == "open" and auction.is_over(now):
            auction.state, auction.last = "closing", max(auction.last, now)
        return auction.in_store

    def end(self, auction: ModelAuction) -> None:
        auction.ledger_state, auction.ledger_ends = "closing", auction.ends

    def finish(self, auction: ModelAuction) -> bool:
        """Keys of an ended auction may leave the live store at any time; then nothing is left to show its end."""
        if auction.in_store:
            auction.state = "settled"
        return auction.in_store

    def is_next(self, auction: ModelAuction) -> bool:
        """Whether all its bids are recorded, and no auction of the concert comes before it."""
        mine = (auction.ledger_ends, auction.id)
        earlier = [each for each in self.unfinished() if (each.ledger_ends, each.id) < mine]
        return not earlier and auction.mark == auction.sequence

    def settling(self, auction: ModelAuction, now: int) -> None:
        self.settle(auction, now)
        auction.ledger_state = "settled"

    # Awards

    def moving(self, number: int, person: int, move: str, now: int) -> Iterator[Happening]:
        """A person asks for a move of an award. Raises Stops with the reason of a refusal."""
        if reason := self.refusal(number, person, move, now):
            raise Stops(reason)
        state = MOVES[move][1]
        if self.awards[number].state != state:
            yield "move", lambda: self.move(number, state, now)

    def lapsing(self, own: ModelAuction, now: int) -> Iterator[Happening]:
        """The job of the hand-over."""
        lapsed = {award.auction for award in self.awards if is_expired(award, now)}
        if lapsed:
            yield "move", lambda: self.lapse_expired(now)
        for auction in self.auctions:
            if auction.id in lapsed or auction is own:
                yield "hand over", lambda auction=auction: self.handing_over(auction, now)  # type: ignore[misc]

    def handing_over(self, auction: ModelAuction, now: int) -> None:
        self.lapse_expired(now)
        self.offer_free_seats(auction, now)
