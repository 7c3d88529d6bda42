"""Who gets one of the sockets of a process."""

import pytest

from cashticket.live.capacity import Capacity, Limits, limits_of

HOME, CAMPUS = "192.0.2.1", "192.0.2.2"
ALICE, BOB = 1, 2


def test_a_full_process_gives_no_seat_until_one_is_free() -> None:
    capacity = Capacity(Limits(process=1, address=9, person=9, anonymous=9))
    seat = capacity.take(HOME, None)
    assert seat and capacity.take(CAMPUS, ALICE) is None
    seat.give_back()
    assert capacity.take(CAMPUS, ALICE)


def test_an_address_is_held_to_its_share() -> None:
    capacity = Capacity(Limits(process=9, address=1, person=9, anonymous=9))
    assert capacity.take(CAMPUS, ALICE)
    assert capacity.take(CAMPUS, BOB) is None
    assert capacity.take(HOME, BOB)


def test_a_person_is_held_to_their_share_wherever_they_are() -> None:
    capacity = Capacity(Limits(process=9, address=9, person=1, anonymous=9))
    assert capacity.take(CAMPUS, ALICE)
    assert capacity.take(HOME, ALICE) is None
    assert capacity.take(HOME, BOB)


def test_a_seat_given_back_twice_counts_once() -> None:
    capacity = Capacity(Limits(process=2, address=2, person=2, anonymous=9))
    first, second = capacity.take(HOME, ALICE), capacity.take(HOME, ALICE)
    assert first and second
    first.give_back()
    first.give_back()
    assert capacity.taken() == 1
    assert capacity.take(HOME, ALICE)
    assert capacity.take(HOME, ALICE) is None


def test_strangers_never_take_the_places_of_the_signed_in() -> None:
    capacity = Capacity(Limits(process=4, address=9, person=9, anonymous=3))
    strangers = [capacity.take(f"192.0.2.{number}", None) for number in range(5)]
    assert [bool(seat) for seat in strangers] == [True] * 3 + [False] * 2
    assert capacity.take(HOME, ALICE)
    assert capacity.take(HOME, BOB) is None, "the process is full"
    assert strangers[0]
    strangers[0].give_back()
    assert capacity.take(HOME, BOB)


def test_the_signed_in_may_use_every_place() -> None:
    capacity = Capacity(Limits(process=4, address=9, person=9, anonymous=3))
    assert all(capacity.take(HOME, person) for person in range(4))


@pytest.mark.parametrize("process_max", [1, 2, 64, 12_000])
def test_a_quarter_of_every_process_is_for_the_signed_in(process_max: int) -> None:
    limits = limits_of(process_max, production=True)
    assert limits.process - limits.anonymous >= process_max / 4
