"""The terms of auctions in the memory of a process, so that wording a refusal costs no round trip."""

import threading

from cashticket.auction.terms import Terms
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction


class TermsCache:
    """Terms of the `size` auctions read last. Prices, seats and the opening never change after publishing; the ends in
    these terms may be out of date."""

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._terms: dict[int, Terms] = {}
        self._lock = threading.Lock()

    def terms(self, engine: Engine, auction_id: int) -> Terms | None:
        """The terms of an auction, read once. None when `engine` does not know it or does not answer."""
        terms = self._terms.get(auction_id)
        return terms if terms is not None else self._read(engine, auction_id)

    def _read(self, engine: Engine, auction_id: int) -> Terms | None:
        try:
            terms = engine.read(auction_id).terms
        except (OutcomeUnknown, StoreUnavailable, UnknownAuction):
            return None
        with self._lock:
            if len(self._terms) >= self._size:
                del self._terms[next(iter(self._terms))]
            self._terms[auction_id] = terms
        return terms
