"""Has posters decoded in a process of its own, which has little memory, little time and nothing else of the product.

A library that decodes a file from anywhere may hang, take all memory or be taken over. So that process gets the file
alone, and what it answers is a sentence or some bytes, which are looked at before they are taken. One process serves
many posters. Whatever ends it is the fault of the file that it had, if that ends a fresh one too.
"""

import json
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from cashticket.catalogue.poster_decoding.limits import ENDINGS, OUT_OF_MEMORY, READY, Limits, Unusable
from cashticket.errors import OperatorError

FOLDER = Path(__file__).resolve().parent / "poster_decoding"
# What is freed goes back to the system, so that a large poster finds room after many others. Nothing else is handed on.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_ARENA_MAX": "1"}
START_SECONDS = 60.0
ENDING_SECONDS = 5.0
LENGTH = struct.Struct(">I")
ANSWER_BYTES_MAX = 1_000
PICTURE_BYTES_MAX = 12_000_000
HEADS = {"webp": b"RIFF", "jpg": b"\xff\xd8\xff"}


class NotStarted(OperatorError):
    """The process that decodes posters cannot be started."""


class _Ended(Exception):
    """The process ended, or answered what it never should."""


class PosterProcess:
    """The process, from its first poster to the end of the `with` block."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self.starts = 0
        """How many processes there were until now."""

    def __enter__(self) -> "PosterProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._process.pid if self._process else None

    def pictures(self, content: bytes) -> list[bytes]:
        """The pictures of the poster in `content`, in the order of ENDINGS. Raises Unusable, and NotStarted."""
        if self._process is not None:
            # What ends one that served others may be what they left in it, so that a fresh one has the last word.
            with suppress(_Ended):
                return self._answered(content)
        try:
            return self._answered(content)
        except _Ended as error:
            raise Unusable(str(error)) from error

    def _answered(self, content: bytes) -> list[bytes]:
        """Raises _Ended. Whatever it raises but a refusal, there is no process afterwards."""
        if self._process is None:
            self._start()
        try:
            return self._exchanged(content, time.monotonic() + self._limits.wall_seconds)
        except TimeoutError as error:
            self._end(patience=0)
            raise Unusable(_too_slow(self._limits.wall_seconds)) from error
        except (OSError, ValueError, RecursionError) as error:
            status = self._end()
            if status == -signal.SIGXCPU:
                raise Unusable(_too_slow(self._limits.cpu_seconds)) from error
            raise _Ended(_why(status)) from error
        except BaseException as error:
            if not isinstance(error, Unusable):
                self._end()
            raise

    def _exchanged(self, content: bytes, deadline: float) -> list[bytes]:
        """Send the file and receive the answer. Raises OSError, ValueError for an answer that cannot be, and
        TimeoutError."""
        self._send(LENGTH.pack(len(content)), deadline)
        self._send(content, deadline)
        answer = self._answer(deadline)
        refused, lengths = answer.get("refused"), answer.get("pictures")
        if isinstance(refused, str) and refused.isprintable():
            raise Unusable(refused)
        if not isinstance(lengths, list) or len(lengths) != len(ENDINGS):
            raise ValueError("neither a refusal nor pictures")
        pictures = [self._received(_checked(length, PICTURE_BYTES_MAX), deadline) for length in lengths]
        if not all(map(_is_picture, pictures, ENDINGS)):
            raise ValueError("no pictures")
        return pictures

    def _answer(self, deadline: float) -> dict[str, Any]:
        (length,) = LENGTH.unpack(self._received(LENGTH.size, deadline))
        answer = json.loads(self._received(_checked(length, ANSWER_BYTES_MAX), deadline))
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer

    def _send(self, content: bytes, deadline: float) -> None:
        self._open(deadline).sendall(content)

    def _received(self, length: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < length:
            part = self._open(deadline).recv(min(length - len(received), 1 << 20))
            if not part:
                raise ConnectionError("the other end is closed")
            received += part
        return bytes(received)

    def _open(self, deadline: float) -> socket.socket:
        """The connection, which waits no longer than until the deadline. Raises TimeoutError after it."""
        remaining = deadline - time.monotonic()
        if remaining <= 0 or self._connection is None:
            raise TimeoutError
        self._connection.settimeout(remaining)
        return self._connection

    def _start(self) -> None:
        # -I and no environment: it sees no settings, and no modules but ours and those of libraries.
        command = [sys.executable, "-I", "-B", str(FOLDER)]
        command += [str(self._limits.memory_bytes), str(self._limits.cpu_seconds)]
        ours, theirs = socket.socketpair()
        self._connection = ours
        try:
            with theirs:
                # Ctrl+C is for the command, which then ends this process.
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,
                )
            self.starts += 1
            if self._answer(time.monotonic() + START_SECONDS) != {READY: True}:
                raise ValueError("not ready")
        except (OSError, ValueError, RecursionError) as error:
            self._end()
            raise NotStarted("The process that decodes posters does not start; is there memory for it?") from error

    def _end(self, patience: float = ENDING_SECONDS) -> int:
        """End the process, if there is one, and return how it ended. One that is ending by itself has some seconds."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            return process.wait(patience)
        process.kill()
        return process.wait()


def _too_slow(seconds: float) -> str:
    return f"takes more than {seconds:.0f} seconds to decode; save it anew, or smaller."


def _why(status: int) -> str:
    if status == OUT_OF_MEMORY:
        return "needs more memory than it may have; save it smaller."
    return "ends the program that decodes it; save it anew."


def _checked(length: Any, highest: int) -> int:
    if not isinstance(length, int) or not 0 < length <= highest:
        raise ValueError("no length")
    return length


def _is_picture(content: bytes, ending: str) -> bool:
    return content.startswith(HEADS[ending.rpartition(".")[2]])
