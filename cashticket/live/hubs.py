"""The hubs of this process: how they are made, and how all of them are closed when the process ends."""

import weakref
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.live.connection import SERVICE_RESTART
from cashticket.live.heard_stores import HeardStore, OnNews
from cashticket.live.hub import Hub
from cashticket.live.people_rounds import Tables
from cashticket.live.scheduler import OnUpdate, uncounted
from cashticket.live.update import Rendering


class NewsSource(NamedTuple):
    """A live store at `url`. `on_news` gets the news of each of its auctions, watched or not, in the thread that
    listens to it."""

    url: str
    on_news: OnNews


_hubs: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def make_hub(
    engine: Engine,
    live_stores: Mapping[str, NewsSource],
    queue_store_url: str,
    rendering: Rendering,
    tables: Tables | None = None,
    on_update: OnUpdate = uncounted,
) -> Hub:
    """A hub on these stores. Connects to nothing and starts no thread before its first watcher. `live_stores` are
    where the engine's stores, by their names, publish. `tables` tell sessions and titles of concerts.
    `on_update` gets the seconds that each update of an auction's watchers took, in the thread that updates."""
    sources = {name: HeardStore(partial(connect, each.url), each.on_news) for name, each in live_stores.items()}
    hub = Hub(engine, sources, rendering, partial(connect, queue_store_url), tables=tables, on_update=on_update)
    _hubs.add(hub)
    return hub


def close_all(code: int = SERVICE_RESTART) -> None:
    """Close every socket of this process with `code`; 1012 asks browsers to reconnect. Returns without waiting."""
    for hub in list(_hubs):
        hub.close(code)
