"""The product's web application with another engine, for the load lab alone.

The product has no setting for this: only processes that the lab starts load this module, and they name the engine in
LAB_ENGINE.
"""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from cashticket import config, create_app
from lab.systems.locking.engine import LockingEngine

THREADS = 32
"""Threads of a web process (gunicorn.conf.py), so connections of its pool."""

ENGINES = ("redis", "row-lock", "procedure")


def make_application(environ: Mapping[str, str]) -> Flask:
    """The application with the settings and LAB_ENGINE of `environ`. Raises SettingsError, and KeyError without it."""
    engine = environ["LAB_ENGINE"]
    if engine not in ENGINES:
        raise ValueError(f"LAB_ENGINE is {engine!r}; it is one of {', '.join(ENGINES)}")
    app = create_app(config.load(environ, Path(environ["LAB_FOLDER"]) / "instance"))
    if engine != "redis":
        url = environ["DATABASE_URL"]
        app.extensions["engine"] = LockingEngine(url, pool_size=THREADS, procedure=engine == "procedure")
    return app
