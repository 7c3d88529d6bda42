"""Answers pictures for posters over standard input, a socket, one poster after the other.

A request is a length and the file. An answer is a length and JSON: `ready`, `refused` with a sentence, or `pictures`
with the length of each, followed by the pictures. Lengths are four bytes, the highest first.
"""

import json
import os
import socket
import struct
import sys
from typing import BinaryIO

from .bounds import allow_seconds
from .decoding import decoded
from .encoding import encoded
from .limits import OUT_OF_MEMORY, READY, Unusable

LENGTH = struct.Struct(">I")


def serve(cpu_seconds: int) -> None:
    """Answer until the other end is closed; each poster may take so many seconds of a processor."""
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as connection, connection.makefile("rb") as requests:
        _answer(connection, {READY: True})
        while (content := _request(requests)) is not None:
            allow_seconds(cpu_seconds)
            try:
                pictures = encoded(*decoded(content))
            except Unusable as error:
                _answer(connection, {"refused": str(error)})
            except MemoryError:
                # What was allocated so far may lie anywhere, so that a smaller poster would find no room either.
                os._exit(OUT_OF_MEMORY)
            else:
                _answer(connection, {"pictures": [len(each) for each in pictures]}, *pictures)


def _request(requests: BinaryIO) -> bytes | None:
    """The next file, None when the other end is closed."""
    head = requests.read(LENGTH.size)
    return requests.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(connection: socket.socket, answer: dict[str, object], *contents: bytes) -> None:
    text = json.dumps(answer).encode()
    for content in (LENGTH.pack(len(text)), text, *contents):
        connection.sendall(content)
