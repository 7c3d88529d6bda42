"""Commands to the live store are the bytes that redis-py would send; what many have in common is packed once."""

import pytest
import redis
from redis.connection import PythonRespSerializer

from cashticket.engine import packing
from cashticket.engine.packing import Packed, head_of, packed

WHOLE = 1_000_000
KEYS = ("{auction:1}:terms", "{auction:1}:state")


def by_redis_py(*commands: tuple[str | int, ...]) -> bytes:
    client = redis.Redis(decode_responses=True, encoding_errors="surrogateescape")
    encoder = client.connection_pool.get_encoder()
    # The one of Python: the one of hiredis, which redis-py prefers, takes no bytes that were read as something else.
    serializer = PythonRespSerializer(WHOLE, encoder.encode)
    return b"".join(part for command in commands for part in serializer.pack(*command))


@pytest.mark.parametrize(
    "argument", ["", "plain", "with space", "a\r\nb", "서울", "\udcff raw \udc80", 0, -7, 2**53, "x" * 100_000]
)
def test_a_command_is_sent_as_redis_py_would_send_it(argument: str | int) -> None:
    assert packed([("SET", "key", argument)]) == by_redis_py(("SET", "key", argument))


def test_several_commands_follow_each_other_in_one_write() -> None:
    commands = [("INFO", "server"), ("GET", "a"), ("WAIT", 1, 500)]
    assert packed(commands) == by_redis_py(*commands)


def test_a_packed_head_counts_as_the_arguments_it_holds() -> None:
    head = head_of("EVALSHA", "f" * 40, len(KEYS), *KEYS)
    assert packed([(head, 7, "r1")]) == by_redis_py(("EVALSHA", "f" * 40, len(KEYS), *KEYS, 7, "r1"))


def test_a_head_is_packed_once_and_belongs_to_its_arguments_alone() -> None:
    one, same, other = (head_of("EVALSHA", "a", *keys) for keys in (KEYS, KEYS, KEYS[::-1]))
    assert one is same and one != other and isinstance(other, Packed)


def test_heads_of_former_auctions_are_forgotten() -> None:
    for auction in range(packing.HEADS_MAX + 10):
        head_of("EVALSHA", str(auction))
    assert head_of.cache_info().currsize == packing.HEADS_MAX
