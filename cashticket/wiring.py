"""The one place where real parts are chosen, and where doors ask for them: engine, hub, queue Redis, pages, queues."""

from typing import cast

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from cashticket import redis_keys
from cashticket.catalogue.cache import Cache
from cashticket.config import Settings
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.capacity import Capacity, limits_of
from cashticket.live.hub import Hub
from cashticket.live.hubs import make_hub
from cashticket.live.update import Rendering

# One queue per worker process: RQ takes jobs crash-safely only from a single queue.
QUEUES = ("bids", "settlement", "mail")


def wire(app: Flask, settings: Settings) -> None:
    """Bind the engine and the queue Redis to `app`. Connects to nothing yet."""
    app.extensions["settings"] = settings
    app.extensions["engine"] = RedisEngine(connect(settings.redis_url), settings.backlog_max)
    # RQ stores bytes and blocks on its connection, so it gets a client of its own kind. Whatever is queued may be
    # queued twice, so a broken connection is tried once more; ten times, as is the default, nobody waits for.
    app.extensions["queue_redis"] = redis.Redis.from_url(
        settings.queue_redis_url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 1)
    )
    # Whoever asks for a page can also make it: no second try, no long wait.
    impatient = redis.Redis.from_url(
        settings.queue_redis_url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
    app.extensions["page_cache"] = Cache(impatient, redis_keys.PAGES)


def wire_live(app: Flask, rendering: Rendering) -> None:
    """Bind the hub and the socket capacity to `app`. Connects to nothing yet."""
    settings: Settings = app.extensions["settings"]
    limits = limits_of(settings.sockets_max, production=settings.production)
    app.extensions["socket_capacity"] = Capacity(limits)
    app.extensions["hub"] = make_hub(app.extensions["engine"], settings.redis_url, settings.queue_redis_url, rendering)


def current_settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def current_engine() -> Engine:
    return cast(Engine, current_app.extensions["engine"])


def current_hub() -> Hub:
    """The hub of this process. Its threads start with the first socket."""
    return cast(Hub, current_app.extensions["hub"])


def socket_capacity() -> Capacity:
    return cast(Capacity, current_app.extensions["socket_capacity"])


def queue_redis() -> redis.Redis:
    return cast(redis.Redis, current_app.extensions["queue_redis"])


def page_cache() -> Cache:
    """Concert pages. Whoever changes a concert or an auction drops them after the commit."""
    return cast(Cache, current_app.extensions["page_cache"])


def queue(name: str) -> Queue:
    """An RQ queue of ours. Jobs carry ids alone, as JSON: nobody with write access to Redis can run code by pickle."""
    assert name in QUEUES, name
    return Queue(name, connection=queue_redis(), serializer=JSONSerializer)
