"""Commands as bytes of the Redis protocol. What many commands have in common is packed once."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

HEADS_MAX = 1024
"""Heads that are kept: one for each verb and auction that was called lately."""


class Packed(NamedTuple):
    """How many `arguments` these are, how they are sent, and the first `key` among those of a script."""

    arguments: int
    sent: bytes
    key: str = ""


@lru_cache(maxsize=HEADS_MAX)
def head_of(*arguments: str | int) -> Packed:
    """The arguments with which a command begins, packed the first time."""
    has_key = arguments[0] == "EVALSHA" and len(arguments) > 3
    key = str(arguments[3]) if has_key else ""
    return Packed(len(arguments), b"".join(map(_packed, arguments)), key)


def packed(commands: Iterable[Sequence[str | int | Packed]]) -> bytes:
    """The commands as they are sent. Text is UTF-8; bytes that were read as something else are sent as they were."""
    return b"".join(map(_command, commands))


def _command(arguments: Sequence[str | int | Packed]) -> bytes:
    count, sent = len(arguments), bytearray()
    for argument in arguments:
        if isinstance(argument, Packed):
            count += argument.arguments - 1
            sent += argument.sent
        else:
            sent += _packed(argument)
    return b"*%d\r\n%b" % (count, bytes(sent))


def _packed(argument: str | int) -> bytes:
    text = (argument if isinstance(argument, str) else str(argument)).encode("utf-8", "surrogateescape")
    return b"$%d\r\n%b\r\n" % (len(text), text)
