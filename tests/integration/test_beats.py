"""What the live store and those who ask it each second together know of the times in which it took no orders."""

from collections.abc import Iterator

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.outages import AWAY_MS, Silence
from cashticket.engine.beats import Beats
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until

GONE_MS = 20_000


class Machine:
    """The measured time of one machine."""

    def __init__(self) -> None:
        self.now_ms = 5_000_000.0

    def __call__(self) -> float:
        return self.now_ms


@pytest.fixture
def client(store: RedisServer) -> Iterator[redis.Redis]:
    with connect(store.url) as client:
        client.delete(redis_keys.BEATS)
        yield client


@pytest.fixture
def machine() -> Machine:
    return Machine()


def listening(client: redis.Redis, machine: Machine) -> Beats:
    beats = Beats(client, machine)
    assert not beats.beat().is_doubtful
    return beats


def miss(beats: Beats) -> None:
    with pytest.raises(StoreUnavailable), beats.noticing():
        raise StoreUnavailable("nobody answers")


def pass_time(client: redis.Redis, machine: Machine, ms: int = GONE_MS) -> int:
    """As if the last beat had come so long ago, also by the machine. Returns when it came."""
    machine.now_ms += ms
    last_ms = int(client.hget(redis_keys.BEATS, "last_ms")) - ms
    client.hset(redis_keys.BEATS, "last_ms", last_ms)
    return last_ms


def test_while_everybody_asks_there_is_no_silence(client, machine) -> None:
    beats = listening(client, machine)
    for _ in range(3):
        pass_time(client, machine, 1_000)
        beat = beats.beat()
        assert (beat.silences, beat.is_doubtful, beat.taken_ms) == ((), False, beat.now_ms)


def test_a_store_that_was_missed_was_away_since_the_last_beat(client, machine) -> None:
    first, second = listening(client, machine), listening(client, machine)
    last_ms = pass_time(client, machine)
    miss(first)
    beat = first.beat()
    assert beat.silences == (Silence(last_ms, beat.silences[0].ended_ms),) and not beat.is_doubtful
    assert GONE_MS <= beat.silences[0].ended_ms - last_ms <= GONE_MS + 10_000
    miss(second)
    assert second.beat().silences == beat.silences, "each silence is kept once"


def test_who_was_cut_off_alone_says_nothing(client, machine) -> None:
    alone, other = listening(client, machine), listening(client, machine)
    for _ in range(20):
        pass_time(client, machine, 1_000)
        miss(alone)
        other.beat()
    assert alone.beat().silences == ()


def test_a_step_of_the_clock_is_no_silence(client, machine) -> None:
    beats = listening(client, machine)
    pass_time(client, machine)
    machine.now_ms -= GONE_MS - 1_000
    miss(beats)
    beat = beats.beat()
    assert (beat.silences, beat.is_doubtful) == ((), False)


def test_a_clock_that_went_back_is_no_silence(client, machine) -> None:
    beats = listening(client, machine)
    pass_time(client, machine, -600_000)
    beat = beats.beat()
    assert (beat.silences, beat.is_doubtful, beat.taken_ms) == ((), False, beat.now_ms)


def test_who_comes_first_and_knows_nothing_waits_for_somebody_who_does(client, machine) -> None:
    """A job that begins, or a command that was sent before the outage and is carried out after it."""
    beats, stranger = listening(client, machine), Beats(client, machine)
    last_ms = pass_time(client, machine)
    miss(beats)
    assert stranger.beat().is_doubtful and stranger.beat().taken_ms == last_ms
    assert len(beats.beat().silences) == 1
    known = stranger.beat()
    assert not known.is_doubtful and len(known.silences) == 1


def test_nobody_waits_for_ever(client, machine) -> None:
    """Where nobody else asks the store, nobody missed it."""
    listening(client, machine)
    pass_time(client, machine)
    stranger = Beats(client, machine)
    assert stranger.beat().is_doubtful
    client.hincrby(redis_keys.BEATS, "doubted_ms", -5_001)
    beat = stranger.beat()
    assert (beat.silences, beat.is_doubtful) == ((), False)


def test_the_newest_ten_silences_are_kept(client, machine) -> None:
    beats, began = listening(client, machine), []
    client.hset(redis_keys.BEATS, "last_ms", 1_000_000)
    for number in range(12):
        client.hset(redis_keys.BEATS, "last_ms", (began_ms := pass_time(client, machine) + number * 1_000))
        began.append(began_ms)
        machine.now_ms += 10**13
        miss(beats)
        beats.beat()
    assert [each.began_ms for each in beats.beat().silences] == began[2:]


def test_a_store_that_refuses_every_write_takes_no_orders(client, machine) -> None:
    """Nobody can pause then either."""
    beats = listening(client, machine)
    client.config_set("min-replicas-to-write", 1)
    try:
        last_ms = int(client.hget(redis_keys.BEATS, "last_ms"))
        wait_until(lambda: is_refused(beats), "the refusal")
        wait_until(lambda: store_time(client) - last_ms > AWAY_MS + 100, "the time to pass")
        machine.now_ms += AWAY_MS + 100
        assert is_refused(beats)
    finally:
        client.config_set("min-replicas-to-write", 0)
    (silence,) = beats.beat().silences
    assert silence.began_ms <= last_ms and silence.ended_ms - silence.began_ms > AWAY_MS


def is_refused(beats: Beats) -> bool:
    try:
        beats.beat()
    except StoreUnavailable:
        return True
    return False


def store_time(client: redis.Redis) -> int:
    seconds, microseconds = client.time()
    return int(seconds * 1000 + microseconds // 1000)
