"""The hubs of this process: how they are made, and how all of them are closed when the process ends."""

import weakref
from collections.abc import Callable
from functools import partial

from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.news import News
from cashticket.live.connection import SERVICE_RESTART
from cashticket.live.hub import Hub
from cashticket.live.people_rounds import Tables
from cashticket.live.scheduler import OnUpdate, uncounted
from cashticket.live.update import Rendering

_hubs: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def make_hub(
    engine: Engine,
    live_store_url: str,
    queue_store_url: str,
    rendering: Rendering,
    on_news: Callable[[int, News], None] | None = None,
    tables: Tables | None = None,
    on_update: OnUpdate = uncounted,
) -> Hub:
    """A hub on these stores. Connects to nothing and starts no thread before its first watcher. `on_news` gets the news
    of every auction, watched or not, in the thread that listens. `tables` tell sessions and titles of concerts.
    `on_update` gets the seconds that each update of an auction's watchers took, in the thread that updates."""
    live_store, queue_store = partial(connect, live_store_url), partial(connect, queue_store_url)
    hub = Hub(engine, live_store, rendering, queue_store, on_news, tables, on_update)
    _hubs.add(hub)
    return hub


def close_all(code: int = SERVICE_RESTART) -> None:
    """Close every socket of this process with `code`; 1012 asks browsers to reconnect. Returns without waiting."""
    for hub in list(_hubs):
        hub.close(code)
