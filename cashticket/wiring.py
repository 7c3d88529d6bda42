"""Chooses the real engine, hub, stores, caches and queues once, and gives them to whoever runs in the application."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cashticket import redis_keys
from cashticket.auction.store_names import FIRST_STORE
from cashticket.catalogue.cache import Cache
from cashticket.config import Settings
from cashticket.engine.cluster_engine import make_engine
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.routed_engine import RoutedEngine
from cashticket.engine.sentinel import client_at
from cashticket.engine.store_homes import HomesUnknown
from cashticket.engine.terms_cache import TermsCache
from cashticket.ledger import live_stores
from cashticket.live.capacity import Capacity, limits_of
from cashticket.live.hub import Hub
from cashticket.live.hubs import NewsSource, make_hub
from cashticket.live.people_news import PeopleNews
from cashticket.live.people_rounds import Tables
from cashticket.live.update import Rendering
from cashticket.models.reading_copy import ReadingCopy
from cashticket.queued_jobs import AllowedJob
from cashticket.witness.shelves import Shelves
from cashticket.witness.writer import Witness

QUEUES = ("bids", "settlement", "checks", "mail", "push")


def wire(app: Flask, settings: Settings) -> None:
    """Bind engine, queue store and page cache to `app`. Opens no connection yet."""
    app.extensions["settings"] = settings
    shelves = _shelves(settings)
    app.extensions["shelves"], app.extensions["shelves_by_store"] = shelves[FIRST_STORE], shelves
    app.extensions["witnesses"] = {name: Witness(each.own) for name, each in shelves.items()}
    app.extensions["engine"] = _engine(app, settings)
    app.extensions["terms_cache"] = TermsCache()
    # RQ stores bytes and blocks on its connection, so it needs its own kind of client. A job may be queued twice, so
    # a broken connection is retried once; the default of ten retries would keep callers waiting.
    app.extensions["queue_redis"] = client_at(
        settings.queue_redis_url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 1)
    )
    # For what can be left out, such as pages that the caller can make itself: no retry and a short timeout.
    app.extensions["hasty_queue_redis"] = hasty = client_at(
        settings.queue_redis_url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
    app.extensions["page_cache"] = Cache(hasty, redis_keys.PAGES)
    # A message may be published twice, so a broken connection is retried once; whoever commits waits for it.
    news_redis = client_at(
        settings.queue_redis_url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 1)
    )
    app.extensions["people_news"] = PeopleNews(news_redis)
    url = settings.database_reader_url
    app.extensions["reading_copy"] = ReadingCopy(url) if url else None


def _engine(app: Flask, settings: Settings) -> Engine:
    """The engine on the live store, or the one that routes between several."""
    stores: dict[str, Engine] = {
        name: make_engine(connect(url), settings.backlog_max, _witnesses(app)[name].note, settings.store_replicas)
        for name, url in settings.store_urls.items()
    }

    def find(auction_ids: Collection[int]) -> Mapping[int, str]:
        # Also in threads that run outside any request, and beside whatever the request itself reads.
        with app.app_context():
            try:
                return live_stores.names_of(auction_ids)
            except (DBAPIError, PoolTimeout) as error:
                raise HomesUnknown from error

    return RoutedEngine(stores, find) if len(stores) > 1 else stores[FIRST_STORE]


def _shelves(settings: Settings) -> dict[str, Shelves]:
    """Where the bids of each live store are witnessed, by the store's name."""
    # A retry could write twice what counts as one write.
    client = client_at(
        settings.queue_redis_url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )
    return {
        name: Shelves(url, settings.queue_redis_url, client, settings.witness_dir, "" if name == FIRST_STORE else name)
        for name, url in settings.store_urls.items()
    }


def _witnesses(app: Flask) -> dict[str, Witness]:
    return cast("dict[str, Witness]", app.extensions["witnesses"])


def wire_live(app: Flask, rendering: Rendering, tables: Tables, on_update: Callable[[float], None]) -> None:
    """Bind the hub and the socket capacity to `app`. Opens no connection yet. `on_update` gets the seconds that each
    update of an auction's watchers took."""
    settings: Settings = app.extensions["settings"]
    limits = limits_of(settings.sockets_max, production=settings.production)
    app.extensions["socket_capacity"] = Capacity(limits)
    app.extensions["hub"] = make_hub(
        app.extensions["engine"],
        {name: NewsSource(url, _witnesses(app)[name].hear) for name, url in settings.store_urls.items()},
        settings.queue_redis_url,
        rendering,
        tables=tables,
        on_update=on_update,
    )


def current_settings() -> Settings:
    settings: Settings = _extensions()["settings"]
    return settings


def current_engine() -> Engine:
    engine: Engine = _extensions()["engine"]
    return engine


def _extensions() -> dict[str, Any]:
    """What is bound to the application. Every request asks, so it asks the application and not the proxy."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app.extensions


def current_witness(store: str = FIRST_STORE) -> Witness:
    """Return what this process knows of the bids that this live store accepted. It writes only once it is started."""
    return _witnesses(current_app)[store]


def current_witnesses() -> dict[str, Witness]:
    """Return the witness of each live store in this process, by the store's name."""
    return _witnesses(current_app)


def current_shelves(store: str = FIRST_STORE) -> Shelves:
    """Return where all witnesses of the installation write of this live store; `read_testimony` takes it."""
    extensions = current_app.extensions
    return cast(Shelves, extensions["shelves"] if store == FIRST_STORE else extensions["shelves_by_store"][store])


def shelves_of(auction_id: int) -> Shelves:
    """Return where the bids of an auction are witnessed. Raises StoreUnavailable for a store without an address."""
    home = current_engine().of(auction_id)
    return current_shelves(next(name for name, store in current_engine().stores().items() if store is home))


def current_hub() -> Hub:
    """Return the hub of this process. Its threads start with the first socket."""
    return cast(Hub, current_app.extensions["hub"])


def socket_capacity() -> Capacity:
    return cast(Capacity, current_app.extensions["socket_capacity"])


def terms_cache() -> TermsCache:
    """The terms of auctions that this process has read."""
    return cast(TermsCache, current_app.extensions["terms_cache"])


def queue_redis() -> redis.Redis:
    """Return the client of the queue store; it answers bytes."""
    return cast(redis.Redis, current_app.extensions["queue_redis"])


def hasty_queue_redis() -> redis.Redis:
    """Return a client of the queue store that gives up after half a second, for what can be left out."""
    return cast(redis.Redis, current_app.extensions["hasty_queue_redis"])


def page_cache() -> Cache:
    """Return the cache of concert pages. After changing a concert or an auction, commit and call its `drop`."""
    return cast(Cache, current_app.extensions["page_cache"])


def queue(name: str) -> Queue:
    """Return one of QUEUES. Jobs carry ids as JSON, not pickle, and only ours are run (`queued_jobs`): write access to
    Redis must not allow running code."""
    assert name in QUEUES, name
    return Queue(name, connection=queue_redis(), serializer=JSONSerializer, job_class=AllowedJob)
