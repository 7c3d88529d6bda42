"""Hostile connections: every way to open a socket wrongly, or to misbehave once it is open. Each is one connection."""

import os
import random
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.storm.open_pages import CLOSE, PING, TEXT, masked, request

AT_ONCE = 12
READ_SECONDS = 0.5
FOREIGN = ("http://evil.example", "null", "http://127.0.0.1:8000.evil.example", "https://127.0.0.1:8000", "")

Attack = Callable[[socket.socket, int, int, random.Random], None]
"""`attack(sock, port, auction, dice)` attacks over a new connection; any socket error ends it."""


def _opened(sock: socket.socket, port: int, auction: int, *extra: str) -> None:
    sock.sendall(request(port, auction, "", *extra))
    sock.recv(4096)


def _misbehave(frames: Callable[[random.Random], bytes]) -> Attack:
    """Open a socket as a browser does, send these bytes, and read the answer."""

    def attack(sock: socket.socket, port: int, auction: int, dice: random.Random) -> None:
        _opened(sock, port, auction)
        sock.sendall(frames(dice))
        while sock.recv(65536):
            pass

    return attack


def _handshake(bad: Callable[[int, int, random.Random], bytes]) -> Attack:
    """Send these bytes instead of a handshake."""

    def attack(sock: socket.socket, port: int, auction: int, dice: random.Random) -> None:
        sock.sendall(bad(port, auction, dice))
        sock.recv(65536)

    return attack


def _without(header: bytes) -> Attack:
    def bad(port: int, auction: int, dice: random.Random) -> bytes:
        lines = request(port, auction).split(b"\r\n")
        return b"\r\n".join(sock for sock in lines if not sock.startswith(header))

    return _handshake(bad)


def _replaced(old: bytes, new: bytes) -> Attack:
    return _handshake(lambda port, auction, dice: request(port, auction).replace(old, new))


def _foreign(port: int, auction: int, dice: random.Random) -> bytes:
    own = b"Origin: http://127.0.0.1:8000"
    return request(port, auction).replace(own, b"Origin: " + dice.choice(FOREIGN).encode())


def _slow_handshake(sock: socket.socket, port: int, auction: int, dice: random.Random) -> None:
    """Send a handshake byte by byte and leave before its end."""
    whole = request(port, auction)
    for place in range(dice.randrange(20, len(whole) - 4)):
        sock.sendall(whole[place : place + 1])


def _deflate(sock: socket.socket, port: int, auction: int, dice: random.Random) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9; client_no_context_takeover"
    _opened(sock, port, auction, offer)
    # Zeros that claim to be compressed: a bomb if the server decompresses them.
    sock.sendall(masked(TEXT, b"\x00" * 1000, first=0xC1))
    while sock.recv(65536):
        pass


def _hang_up(sock: socket.socket, port: int, auction: int, dice: random.Random) -> None:
    """Reset the connection in the middle of a frame."""
    _opened(sock, port, auction)
    sock.sendall(masked(TEXT, b"x" * 100)[: dice.randrange(1, 100)])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


ATTACKS: dict[str, Attack] = {
    "an unknown opcode": _misbehave(lambda dice: masked(dice.choice((3, 4, 5, 6, 7, 11, 12, 15)))),
    "reserved bits": _misbehave(lambda dice: masked(TEXT, b"hello", first=0x80 | dice.choice((0x10, 0x20, 0x70)) | 1)),
    "an unmasked frame": _misbehave(lambda dice: b"\x81\x05hello"),
    "a length beyond the world": _misbehave(lambda dice: b"\x81\xff" + b"\x7f" + b"\xff" * 7 + os.urandom(64)),
    "a length with its highest bit": _misbehave(lambda dice: b"\x82\xff" + b"\xff" * 8 + os.urandom(16)),
    "a message too long": _misbehave(lambda dice: masked(TEXT, b"x" * dice.randrange(1025, 60_000))),
    "a flood of fragments": _misbehave(
        lambda dice: masked(TEXT, b"a", first=0x01) + masked(0, b"b" * 10, first=0x00) * dice.randrange(200, 2000)
    ),
    "fragments without a beginning": _misbehave(lambda dice: masked(0, b"hello")),
    "a message inside another": _misbehave(lambda dice: masked(TEXT, b"a", first=0x01) + masked(TEXT, b"b")),
    "a flood of messages": _misbehave(lambda dice: masked(TEXT, b'{"amount": 999999}') * 300),
    "a flood of pings": _misbehave(lambda dice: masked(PING, b"p" * 100) * 300 + masked(CLOSE, b"\x03\xe8")),
    "a ping too long": _misbehave(lambda dice: masked(PING, b"p" * 126)),
    "a ping in pieces": _misbehave(lambda dice: masked(PING, b"p", first=0x09)),
    "text that is none": _misbehave(lambda dice: masked(TEXT, b"\xff\xfe\xc0\x80" + os.urandom(20))),
    "half a character": _misbehave(lambda dice: masked(TEXT, "가".encode()[:2])),
    "a strange close code": _misbehave(
        lambda dice: masked(CLOSE, dice.choice((0, 999, 1004, 1005, 1006, 1015, 2999, 65535)).to_bytes(2, "big"))
    ),
    "a close of one byte": _misbehave(lambda dice: masked(CLOSE, b"\x03")),
    "a reason that is no text": _misbehave(lambda dice: masked(CLOSE, b"\x03\xe8\xff\xff")),
    "frames after the close": _misbehave(lambda dice: masked(CLOSE, b"\x03\xe8") + masked(TEXT, b"hello") * 50),
    "noise": _misbehave(lambda dice: os.urandom(dice.randrange(1, 4000))),
    "an offer to compress": _deflate,
    "a reset in mid frame": _hang_up,
    "a slow handshake": _slow_handshake,
    "a foreign origin": _handshake(_foreign),
    "no origin": _without(b"Origin"),
    "no key": _without(b"Sec-WebSocket-Key"),
    "no version": _without(b"Sec-WebSocket-Version"),
    "an old version": _replaced(b"Version: 13", b"Version: 8"),
    "a bad key": _handshake(
        lambda port, auction, dice: b"\r\n".join(
            b"Sec-WebSocket-Key: \xff{}" if sock.startswith(b"Sec-WebSocket-Key") else sock
            for sock in request(port, auction).split(b"\r\n")
        )
    ),
    "another protocol": _replaced(b"Upgrade: websocket", b"Upgrade: h2c"),
    "a POST": _replaced(b"GET ", b"POST "),
    "an older HTTP": _replaced(b"HTTP/1.1", b"HTTP/1.0"),
    "an auction that is none": _handshake(lambda port, auction, dice: request(port, 2**53 - 1)),
    "a body nobody asked for": _handshake(
        lambda port, auction, dice: request(port, auction, "", "Content-Length: 10") + b"0123456789" * 5
    ),
    "a forged session": _handshake(lambda port, auction, dice: request(port, auction, "cashticket=" + "e30.x.y" * 50)),
    "bytes that are no HTTP": _handshake(lambda port, auction, dice: os.urandom(200) + b"\r\n\r\n"),
    "a header without end": _handshake(
        lambda port, auction, dice: request(port, auction)[:-4] + b"\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n"
    ),
}


def attack(port: int, auction: int, count: int, seed: int) -> dict[str, int]:
    """Attack over so many connections, each kind equally often. Returns how many there were of each."""
    kinds = sorted(ATTACKS)
    names = [kinds[number % len(kinds)] for number in range(count)]
    random.Random(seed).shuffle(names)
    with ThreadPoolExecutor(AT_ONCE) as together:
        list(together.map(lambda each: _once(port, auction, each[1], seed * count + each[0]), enumerate(names)))
    return {kind: names.count(kind) for kind in kinds}


def _once(port: int, auction: int, kind: str, seed: int) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.settimeout(READ_SECONDS)
        ATTACKS[kind](sock, port, auction, random.Random(seed))
