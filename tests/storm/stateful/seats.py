"""Model of one concert for the state machine: the oracle's seats, and the work that may die while they change hands."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.oracle.bidding import final_order
from lab.oracle.seats import MOVES, Concert, is_expired
from tests.storm.stateful.model import Happening, Sale, Stops


@dataclass
class ModelConcert(Concert):
    """One concert whose auctions are `Sale`s."""

    @property
    def sales(self) -> list[Sale]:
        return self.auctions

    def draining(self) -> Iterator[Happening]:
        """One round of the drain: entries of all auctions in service, apart from those with a gap."""
        stopped: set[int] = set()
        while True:
            served = [sale for sale in self.sales if sale.in_store and sale.state != "settled" and sale.waiting]
            served = [sale for sale in served if sale.id not in stopped]
            if not served:
                return
            for sale in served:
                try:
                    yield from sale.recording(500)
                except Stops:
                    stopped.add(sale.id)

    # Closing time

    def closing(self, own: Sale, now: int) -> Iterator[Happening]:
        """The job that settles `own`, after every auction of the concert that ended earlier."""
        if own.ledger_state == "settled":
            yield "finish", lambda: self.finish(own)
            return
        over: list[Sale] = []
        for sale in sorted(self.unfinished(), key=lambda each: (each.ledger_ends, each.id)):
            try:
                yield from self.ending(sale, now, over)
            except Stops:
                if sale is own:
                    raise
        if own not in over:
            return
        for sale in sorted(over, key=lambda each: (each.ends, each.id)):
            yield "order", lambda: None
            if not self.is_ready(sale):
                return
            yield "settle", lambda sale=sale: self.settling(sale, now)  # type: ignore[misc]
            yield "finish", lambda sale=sale: self.finish(sale)  # type: ignore[misc]
            if sale is own:
                return

    def ending(self, sale: Sale, now: int, over: list[Sale]) -> Iterator[Happening]:
        """End bidding if its time has come, and record all bids."""
        yield "close", lambda: self.close(sale, now)
        if not sale.in_store:
            raise Stops("unknown")
        if sale.state == "open":
            return
        yield from sale.recording_all()
        if sale.mark == sale.sequence:
            yield "end", lambda: self.end(sale)
        over.append(sale)

    def unfinished(self) -> list[Sale]:
        return [sale for sale in self.sales if sale.ledger_state != "settled"]

    def close(self, sale: Sale, now: int) -> bool:
        if sale.in_store and not sale.paused and sale.state == "open" and sale.is_over(now):
            sale.state, sale.last = "closing", max(sale.last, now)
        return sale.in_store

    def end(self, sale: Sale) -> None:
        sale.ledger_state, sale.ledger_ends = "closing", sale.ends

    def finish(self, sale: Sale) -> None:
        if not sale.in_store:
            raise Stops("unknown")
        sale.state = "settled"

    def is_ready(self, sale: Sale) -> bool:
        mine = (sale.ledger_ends, sale.id)
        earlier = [each for each in self.unfinished() if (each.ledger_ends, each.id) < mine]
        return not earlier and sale.mark == sale.sequence and sale.final_order() == final_order(sale.bids)

    def settling(self, sale: Sale, now: int) -> None:
        self.settle(sale, now)
        sale.ledger_state = "settled"

    # Awards

    def moving(self, number: int, person: int, move: str, now: int) -> Iterator[Happening]:
        """A person asks for a move of an award. Raises Stops with the reason of a refusal."""
        if reason := self.refusal(number, person, move, now):
            raise Stops(reason)
        state = MOVES[move][1]
        if self.awards[number].state != state:
            yield "move", lambda: self.move(number, state, now)

    def lapsing(self, own: Sale, now: int) -> Iterator[Happening]:
        """The job of the hand-over."""
        lapsed = {award.auction for award in self.awards if is_expired(award, now)}
        if lapsed:
            yield "move", lambda: self.lapse_expired(now)
        for sale in self.sales:
            if sale.id in lapsed or sale is own:
                yield "hand over", lambda sale=sale: self.handing_over(sale, now)  # type: ignore[misc]

    def handing_over(self, sale: Sale, now: int) -> None:
        self.lapse_expired(now)
        self.offer_free_seats(sale, now)
