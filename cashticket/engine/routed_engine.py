"""The engine on several live stores: each auction has one of them for life, and that one decides all of its bids.

A bid takes the one round trip to its store that it takes with one store: which store it is, this process remembers.
"""

from collections.abc import Sequence

from cashticket.auction.outages import Silence
from cashticket.auction.terms import Terms
from cashticket.auction.values import Entry, Permission, State
from cashticket.engine.interface import Beat, Closing, Decision, Restoration
from cashticket.engine.routed_reading import RoutedReader


class RoutedEngine(RoutedReader):
    """The verbs of `Engine` on several stores."""

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        return self._ask(
            auction_id, lambda store: store.place_bid(auction_id, person, epoch, amount, request_id, now_ms)
        )

    def bids_in_flight(self) -> frozenset[object]:
        """Those to any store."""
        return frozenset[object]().union(*(store.bids_in_flight() for store in self._stores.values()))

    def beat(self) -> Beat:
        return self._first.beat()

    def note_people_known(self, at_ms: int) -> None:
        """Raises StoreUnavailable and OutcomeUnknown when one of the stores did not keep it."""
        for store in self._stores.values():
            store.note_people_known(at_ms)

    def open(self, terms: Terms) -> bool:
        return self.of(terms.auction_id).open(terms)

    def extend(self, auction_id: int, closes_at_ms: int, soft_close_cap_ms: int | None = None) -> Closing:
        return self.of(auction_id).extend(auction_id, closes_at_ms, soft_close_cap_ms)

    def introduce(
        self,
        auction_id: int,
        person: int,
        permission: Permission,
        epoch: int,
        revision: int,
        *,
        is_change: bool = False,
    ) -> None:
        self.of(auction_id).introduce(auction_id, person, permission, epoch, revision, is_change=is_change)

    def forget_people(self, auction_id: int) -> None:
        self.of(auction_id).forget_people(auction_id)

    def pause(self, auction_id: int, reason: str, instead_of: str = "", now_ms: int | None = None) -> bool:
        return self.of(auction_id).pause(auction_id, reason, instead_of, now_ms)

    def resume(
        self,
        auction_id: int,
        reason: str,
        checked_on: str = "",
        known_ms: int | None = None,
        deadline_ms: int | None = None,
        recorded_end_ms: int | None = None,
        now_ms: int | None = None,
    ) -> bool:
        moments = (known_ms, deadline_ms, recorded_end_ms, now_ms)
        return self.of(auction_id).resume(auction_id, reason, checked_on, *moments)

    def give_back(
        self, auction_id: int, silence: Silence, deadline_ms: int | None = None, recorded_end_ms: int | None = None
    ) -> bool:
        return self.of(auction_id).give_back(auction_id, silence, deadline_ms, recorded_end_ms)

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        return self.of(auction_id).close(auction_id, now_ms, known_ms)

    def restore(self, restoration: Restoration) -> None:
        self.of(restoration.terms.auction_id).restore(restoration)

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        return self.of(auction_id).put_back(auction_id, entries, through)

    def relist(self, auction_id: int) -> bool:
        return self.of(auction_id).relist(auction_id)

    def trim(self, auction_id: int, through_sequence: int) -> int:
        return self.of(auction_id).trim(auction_id, through_sequence)

    def discard(self, auction_id: int, raw: str) -> bool:
        return self.of(auction_id).discard(auction_id, raw)

    def forget(self, auction_id: int) -> bool:
        return self.of(auction_id).forget(auction_id)

    def finish(self, auction_id: int, state: State) -> None:
        self.of(auction_id).finish(auction_id, state)
