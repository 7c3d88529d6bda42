"""Frames are written to a socket whole and one at a time, or not at all."""

import socket
import threading
from collections.abc import Iterator

import pytest
from wsproto.frame_protocol import FrameProtocol, Opcode

from cashticket.live.frame_writer import FrameWriter, StuckReader, encode_text_frame

MEGABYTE = 1024 * 1024


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        theirs.settimeout(10)
        yield ours, theirs


def read(theirs: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        received += theirs.recv(65536)
    return received


def test_a_frame_larger_than_the_buffers_arrives_whole(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    frame = bytes(range(256)) * 4096
    writing = threading.Thread(target=lambda: FrameWriter(ours, 10).send(frame))
    writing.start()
    assert read(theirs, len(frame)) == frame
    writing.join()


def test_frames_of_several_threads_never_mix(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = FrameWriter(ours, 10)
    frames = [bytes([letter]) * 50_000 for letter in b"abcd"]
    threads = [threading.Thread(target=writer.send, args=(frame,)) for frame in frames]
    for thread in threads:
        thread.start()
    received = read(theirs, 200_000)
    for thread in threads:
        thread.join()
    parts = [received[start : start + 50_000] for start in range(0, 200_000, 50_000)]
    assert sorted(parts) == frames


def test_a_reader_that_takes_nothing_raises_stuck_reader(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    writer = FrameWriter(ours, 0.2)
    with pytest.raises(StuckReader):
        writer.send(b"x" * MEGABYTE)


def test_nothing_follows_a_frame_that_was_cut_short(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = FrameWriter(ours, 0.2)
    with pytest.raises(StuckReader):
        writer.send(b"x" * MEGABYTE)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            theirs.recv(65536)
    with pytest.raises(StuckReader):
        writer.send(b"a close frame")


def test_the_deadline_of_writing_leaves_reading_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    FrameWriter(ours, 0.2).send(b"hello")
    assert theirs.recv(5) == b"hello"
    assert ours.gettimeout() is None


def test_a_closed_socket_raises_an_error(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    writer = FrameWriter(ours, 0.2)
    ours.close()
    with pytest.raises(OSError, match="descriptor"):
        writer.send(b"hello")


def test_try_send_takes_a_frame_or_nothing_and_never_waits(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = FrameWriter(ours, 10)
    assert writer.try_send(b"hello") and theirs.recv(5) == b"hello"
    large = bytes(range(256)) * 4096
    assert writer.try_send(large) and writer.has_rest
    assert not writer.try_send(b"too early")
    writing = threading.Thread(target=lambda: writer.send(b"the next"))
    writing.start()
    assert read(theirs, len(large) + 8) == large + b"the next"
    writing.join()
    assert not writer.has_rest


def test_a_full_or_broken_socket_takes_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    writer = FrameWriter(ours, 0.2)
    while writer.try_send(b"x" * 4096) and not writer.has_rest:
        pass
    assert not writer.try_send(b"y")
    with pytest.raises(StuckReader):
        writer.send(b"z")
    theirs.close()
    assert not writer.try_send(b"y")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_another_implementation_reads_the_frame(size: int) -> None:
    received = FrameProtocol(client=True, extensions=[])
    received.receive_bytes(encode_text_frame("가" + "x" * size))
    frame = next(iter(received.received_frames()))
    assert (frame.opcode, frame.frame_finished, frame.payload) == (Opcode.TEXT, True, "가" + "x" * size)
