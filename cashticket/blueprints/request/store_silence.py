"""Which live stores have left a question of this request without an answer.

A request that has waited for one in vain asks that store no more, so that its waits do not add up. Others are asked.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import g

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.wiring import current_engine

T = TypeVar("T")


def is_silent() -> bool:
    """Whether every live store left this request without an answer."""
    return len(_silent()) >= len(current_engine().stores())


def is_any_silent() -> bool:
    """Whether some live store left this request without an answer."""
    return bool(_silent())


def note_silence(engine: Engine | None = None) -> None:
    """Note that `engine`, which is on one live store, gave no answer in this request; None: no store did."""
    _silent().update([id(engine)] if engine else map(id, current_engine().stores().values()))


def answer_or_none(ask: Callable[[], T]) -> T | None:
    """What `ask` gets from the live stores. None when none of them answers, or answered before in this request."""
    if is_silent():
        return None
    try:
        return ask()
    except (StoreUnavailable, OutcomeUnknown):
        note_silence()
        return None


def answer_of(auction_id: int, ask: Callable[[], T]) -> T | None:
    """What `ask` gets from the live store of an auction. None when that gives no answer, or gave none before in this
    request."""
    store: Engine | None = None
    try:
        store = current_engine().of(auction_id)
        return None if id(store) in _silent() else ask()
    except (StoreUnavailable, OutcomeUnknown):
        if store is not None:
            note_silence(store)
        return None


def _silent() -> set[int]:
    """The stores that gave no answer, by the identity of their engines here."""
    if "silent_stores" not in g:
        g.silent_stores = set()
    stores: set[int] = g.silent_stores
    return stores
