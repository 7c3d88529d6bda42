"""The watch gives the beat by which every process knows how far behind the reading copy is (`models/copy_beats`).

In a thread of its own: a primary whose commits wait for a replica must not hold up the guard.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from cashticket.logs.failures import failure_text
from cashticket.models import copy_beats
from cashticket.models.reading_copy import configured

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0


@contextmanager
def copy_beating(seconds: float = BEAT_SECONDS) -> Iterator[None]:
    """Give a beat every so many seconds until the block is left. Does nothing without DATABASE_READER_URL."""
    if configured() is None:
        yield
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(app, ended, seconds), name="copy-beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _beat(app: Flask, ended: threading.Event, seconds: float) -> None:
    failed = False
    while True:
        try:
            with app.app_context():
                copy_beats.beat()
            failed = False
        except SQLAlchemyError as error:
            if not failed:
                log.warning("no beat for the reading copy, pages read the primary: %s", failure_text(error))
            failed = True
        if ended.wait(seconds):
            return
