"""Whether the live store has left a question of this request without an answer.

A request that has waited in vain once asks the store no more, so that its waits do not add up.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import g

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")


def is_silent() -> bool:
    """Whether the live store gave no answer in this request."""
    return bool(g.get("store_is_silent"))


def note_silence() -> None:
    """Note that the live store gave no answer in this request."""
    g.store_is_silent = True


def answer_or_none(ask: Callable[[], T]) -> T | None:
    """What `ask` gets from the live store. None when the store gives no answer, or gave none before in this request."""
    if is_silent():
        return None
    try:
        return ask()
    except (StoreUnavailable, OutcomeUnknown):
        note_silence()
        return None
