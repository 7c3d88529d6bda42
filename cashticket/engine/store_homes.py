"""Which live store each auction has, as a process remembers it. An auction keeps its store for life.

Whoever may ask the ledger is asked once for each auction. While the ledger does not answer, the stores themselves are
asked which of them has the auction, so that bidding goes on.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.interface import Engine

REMEMBERED_MAX = 100_000
"""Auctions that a process remembers, those that it looked up last."""


class HomesUnknown(Exception):
    """The ledger cannot say now which stores these auctions have."""


FindHomes = Callable[[Collection[int]], Mapping[int, str]]
"""Takes ids of auctions and returns the name of the store of each that the ledger has. Raises HomesUnknown."""


class StoreHomes:
    """Auction → name of its store. Safe to share between threads and greenlets."""

    def __init__(self, stores: Mapping[str, Engine], find: FindHomes) -> None:
        self._stores, self._find = stores, find
        self._names: dict[int, str] = {}
        self._lock = threading.Lock()

    def name_of(self, auction_id: int) -> str:
        """The name of the auction's store; the first store's for an auction that nobody knows. Raises StoreUnavailable
        when nobody who may know answers."""
        return self._names.get(auction_id) or self._looked_up([auction_id])[auction_id]

    def split(self, auction_ids: Iterable[int]) -> dict[str, list[int]]:
        """The auctions of each store, by the store's name, in the order in which they were given."""
        ids = list(auction_ids)
        unknown = [auction_id for auction_id in ids if auction_id not in self._names]
        looked_up = self._looked_up(unknown) if unknown else {}
        by_store: dict[str, list[int]] = {}
        for auction_id in ids:
            name = looked_up.get(auction_id) or self._names[auction_id]
            by_store.setdefault(name, []).append(auction_id)
        return by_store

    def _looked_up(self, auction_ids: Collection[int]) -> dict[int, str]:
        try:
            homes = dict(self._find(auction_ids))
        except HomesUnknown:
            homes = self._from_stores(auction_ids)
        else:
            self._remember(homes)
        # An auction that nobody knows may be published later, so it is not remembered.
        return {auction_id: homes.get(auction_id, FIRST_STORE) for auction_id in auction_ids}

    def _remember(self, homes: Mapping[int, str]) -> None:
        with self._lock:
            # Replaced as a whole: readers take no lock.
            names = {**self._names, **homes}
            self._names = dict(list(names.items())[-REMEMBERED_MAX:]) if len(names) > REMEMBERED_MAX else names

    def _from_stores(self, auction_ids: Collection[int]) -> dict[int, str]:
        """What the stores say themselves. It is not remembered: an auction may be in a store only by mistake."""
        homes: dict[int, str] = {}
        silent = ""
        for name, store in self._stores.items():
            try:
                homes |= dict.fromkeys(store.versions(set(auction_ids) - homes.keys()), name)
            except (StoreUnavailable, OutcomeUnknown):
                silent = name
        if silent and set(auction_ids) - homes.keys():
            raise StoreUnavailable(f"neither the ledger nor the live store {silent} says where some auctions are")
        return homes
