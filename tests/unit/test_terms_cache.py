"""The cache of terms: it reads each auction once, forgets the oldest, and does not remember failures."""

import pytest

from cashticket.auction.terms import Terms
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.engine.terms_cache import TermsCache


class Store:
    """Answers every read with terms of its own, counts them, and fails while `failure` is set."""

    def __init__(self) -> None:
        self.reads: list[int] = []
        self.failure: Exception | None = None

    def read(self, auction_id: int) -> "Store":
        self.reads.append(auction_id)
        if self.failure is not None:
            raise self.failure
        return self

    @property
    def terms(self) -> Terms:
        return object()  # type: ignore[return-value]


def read(cache: TermsCache, store: Store, *auction_ids: int) -> list[Terms | None]:
    return [cache.terms(store, auction_id) for auction_id in auction_ids]  # type: ignore[arg-type]


def test_an_auction_is_read_once() -> None:
    cache, store = TermsCache(), Store()
    first, second = read(cache, store, 7, 7)
    assert first is second is not None and store.reads == [7]


def test_the_oldest_auction_makes_room() -> None:
    cache, store = TermsCache(size=2), Store()
    read(cache, store, 1, 2, 3, 3, 2)
    assert store.reads == [1, 2, 3]
    read(cache, store, 1)
    assert store.reads == [1, 2, 3, 1]


@pytest.mark.parametrize("failure", [OutcomeUnknown("silent"), StoreUnavailable("away"), UnknownAuction("7")])
def test_a_failure_is_not_remembered(failure: Exception) -> None:
    cache, store = TermsCache(), Store()
    store.failure = failure
    assert read(cache, store, 7) == [None]
    store.failure = None
    assert read(cache, store, 7) != [None] and store.reads == [7, 7]
