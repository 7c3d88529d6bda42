"""Garbage of ended sockets is collected, and while nobody leaves nothing is scanned."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from cashticket.live.garbage import GarbageCollection


class Socket:
    """Refers to itself, as open sockets do, so that only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def default_collections() -> Iterator[None]:
    """Restore how Python collects by itself."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_nothing_is_scanned_while_everybody_stays() -> None:
    garbage = GarbageCollection(ended_min=2)
    for _ in range(10):
        garbage.begin()
    before = full_collections()
    sockets = [Socket() for _ in range(200_000)]
    for _ in range(3):
        garbage.end()
    assert full_collections() == before
    assert len(sockets) == 200_000


def test_garbage_is_collected_once_as_many_sockets_have_ended_as_are_open() -> None:
    garbage = GarbageCollection(ended_min=2)
    for _ in range(10):
        garbage.begin()
    socket = Socket()
    reference = weakref.ref(socket)
    del socket
    for _ in range(4):
        garbage.end()
    assert reference() is not None
    garbage.end()
    assert reference() is None


def test_a_few_ended_sockets_cause_no_collection() -> None:
    garbage = GarbageCollection(ended_min=3)
    garbage.begin()
    socket = Socket()
    reference = weakref.ref(socket)
    del socket
    garbage.end()
    assert reference() is not None
    for _ in range(2):
        garbage.begin()
        garbage.end()
    assert reference() is None
