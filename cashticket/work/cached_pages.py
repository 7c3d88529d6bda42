"""The cached concert pages are dropped here alone, by the use cases that change a concert or an auction."""

from collections.abc import Iterator
from contextlib import contextmanager

from cashticket.wiring import page_cache


@contextmanager
def renewing_pages() -> Iterator[None]:
    """Drop the cached pages at the end, also after an error, because something may have been committed.

    Also a decorator for a use case.
    """
    try:
        yield
    finally:
        page_cache().drop()
