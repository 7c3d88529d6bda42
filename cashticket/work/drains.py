"""A drain for each live store, side by side: one that is frozen or cut off holds up the recording of its own auctions
alone."""

import threading
from collections.abc import Mapping

import redis
from flask import Flask

from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.work.draining import Drain
from cashticket.work.news_alarm import NewsAlarm


def drain_all(
    app: Flask,
    stores: Mapping[str, Engine],
    urls: Mapping[str, str],
    queue_redis: redis.Redis,
    stop: threading.Event,
    seconds: float,
) -> None:
    """Drain each of `stores` for `seconds`, until a stop, or until other drains leave it nothing to do. `urls` are
    theirs, by their names."""

    def run(name: str) -> None:
        alarm = NewsAlarm(connect(urls[name]))
        try:
            # A context of its own: each drain has its own unit in the database.
            with app.app_context():
                Drain(stores[name], queue_redis, alarm, stop, name).run(seconds)
        finally:
            alarm.close()

    first, *further = stores
    threads = [threading.Thread(target=run, args=(name,), name=f"drain-{name}", daemon=True) for name in further]
    for thread in threads:
        thread.start()
    run(first)
    for thread in threads:
        thread.join()
