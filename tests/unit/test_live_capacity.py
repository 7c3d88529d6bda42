"""Who gets one of the sockets of a process."""

from cashticket.live.capacity import Capacity, Limits

HOME, CAMPUS = "192.0.2.1", "192.0.2.2"
ALICE, BOB = 1, 2


def test_a_full_process_gives_no_seat_until_one_is_free() -> None:
    capacity = Capacity(Limits(process=1, address=9, person=9))
    seat = capacity.take(HOME, None)
    assert seat and capacity.take(CAMPUS, ALICE) is None
    seat.give_back()
    assert capacity.take(CAMPUS, ALICE)


def test_an_address_is_held_to_its_share() -> None:
    capacity = Capacity(Limits(process=9, address=1, person=9))
    assert capacity.take(CAMPUS, ALICE)
    assert capacity.take(CAMPUS, BOB) is None
    assert capacity.take(HOME, BOB)


def test_a_person_is_held_to_their_share_wherever_they_are() -> None:
    capacity = Capacity(Limits(process=9, address=9, person=1))
    assert capacity.take(CAMPUS, ALICE)
    assert capacity.take(HOME, ALICE) is None
    assert capacity.take(HOME, BOB)


def test_a_seat_given_back_twice_counts_once() -> None:
    capacity = Capacity(Limits(process=2, address=2, person=2))
    first, second = capacity.take(HOME, ALICE), capacity.take(HOME, ALICE)
    assert first and second
    first.give_back()
    first.give_back()
    assert capacity.taken() == 1
    assert capacity.take(HOME, ALICE)
    assert capacity.take(HOME, ALICE) is None
