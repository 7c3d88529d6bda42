"""What ended sockets leave behind is collected, and a hall in which everybody stays is not held up for it."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from cashticket.live.garbage import GarbageCollection


class Socket:
    """Something that refers to itself, as open sockets do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def usual_collections() -> Iterator[None]:
    """What Python does by itself, again as before."""
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


def full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_nothing_is_looked_through_while_everybody_stays() -> None:
    garbage = GarbageCollection(ended_min=2)
    for _ in range(10):
        garbage.begin()
    before = full_collections()
    everybody = [Socket() for _ in range(200_000)]
    for _ in range(3):
        garbage.end()
    assert full_collections() == before
    assert len(everybody) == 200_000


def test_when_as_many_have_ended_as_are_open_what_they_left_is_collected() -> None:
    garbage = GarbageCollection(ended_min=2)
    for _ in range(10):
        garbage.begin()
    socket = Socket()
    trace = weakref.ref(socket)
    del socket
    for _ in range(4):
        garbage.end()
    assert trace() is not None
    garbage.end()
    assert trace() is None


def test_a_few_ended_sockets_are_not_worth_it() -> None:
    garbage = GarbageCollection(ended_min=3)
    garbage.begin()
    socket = Socket()
    trace = weakref.ref(socket)
    del socket
    garbage.end()
    assert trace() is not None
    for _ in range(2):
        garbage.begin()
        garbage.end()
    assert trace() is None
