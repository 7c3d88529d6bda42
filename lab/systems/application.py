"""The product's web application as the systems of the load lab have it: with another engine, with pages that poll.

The product has no settings for this: only processes that the lab starts load this module. They name the engine in
LAB_ENGINE, and say in LAB_POLLS (1 or 0) whether pages ask for what is new.
"""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from cashticket import config, create_app
from cashticket.config import Settings
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from lab.systems.locking.engine import LockingEngine
from lab.systems.polling import answer_polls
from lab.systems.synchronous.engine import SynchronousEngine

THREADS = 32
"""Threads of a web process (gunicorn.conf.py), so connections of its pool."""

PRODUCT, SYNCHRONOUS = "redis", "synchronous"
LOCKING = ("row-lock", "procedure")
ENGINES = (PRODUCT, *LOCKING, SYNCHRONOUS)


def make_application(environ: Mapping[str, str]) -> Flask:
    """The application with the settings, LAB_ENGINE and LAB_POLLS of `environ`. Raises SettingsError, and KeyError
    without them."""
    engine, polls = environ["LAB_ENGINE"], environ["LAB_POLLS"] == "1"
    if engine not in ENGINES:
        raise ValueError(f"LAB_ENGINE is {engine!r}; it is one of {', '.join(ENGINES)}")
    app = create_app(config.load(environ, Path(environ["LAB_FOLDER"]) / "instance"))
    if engine != PRODUCT:
        app.extensions["engine"] = _make_engine(engine, environ["DATABASE_URL"], app.extensions["settings"])
    if polls:
        answer_polls(app)
    return app


def _make_engine(name: str, url: str, settings: Settings) -> Engine:
    """An engine that writes bids into the database by itself. None of them needs witnesses: what is answered is a
    committed row."""
    if name in LOCKING:
        return LockingEngine(url, pool_size=THREADS, procedure=name == "procedure")
    return SynchronousEngine(connect(settings.redis_url), url, THREADS, backlog_max=settings.backlog_max)
