"""The auction page of an auction in which nothing moves, rendered once a second for everybody.

The page is kept in the cache by what the live store says of the auction, so that a page is never older than its
snapshot; the moment of the store's clock, by which scripts count down, is put in anew each time. While bids come, or
when a query asks for something besides the page, it is rendered.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b

from flask import request

from cashticket.blueprints.wording.formats import language
from cashticket.engine.interface import Snapshot
from cashticket.wiring import page_cache

FRESH_MS = 1_000
QUIET_MS = 1_000
"""A page is kept once the last bid is this old: before that the next bid would make another one."""

CLOCK = ' data-now-ms="{}"'


def page_of(snapshot: Snapshot, render: Callable[[], str]) -> str:
    """What `render()` gives for this snapshot, or has given within the last second."""
    if request.args or snapshot.now_ms - snapshot.last_ms < QUIET_MS:
        return render()
    name = f"shown:{snapshot.terms.auction_id}:{language()}:{_mark(snapshot)}"
    text = page_cache().text(name, FRESH_MS, lambda: f"{snapshot.now_ms}\n{render()}")
    rendered_at_ms, _, page = text.partition("\n")
    return page.replace(CLOCK.format(rendered_at_ms), CLOCK.format(snapshot.now_ms))


def _mark(snapshot: Snapshot) -> str:
    """A text that is the same for two snapshots in which the clock alone differs, whichever process read them."""
    return blake2b(repr(replace(snapshot, now_ms=0)).encode(), digest_size=12).hexdigest()
