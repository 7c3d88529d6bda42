"""Replies of the live store are read as redis-py's own parser reads them, however they come."""

import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis
from redis._parsers import _RESP2Parser
from redis.connection import Connection

from cashticket.engine.connection import connect
from cashticket.engine.replies import ReplyParser

REPLIES: dict[str, bytes] = {
    "status": b"+OK\r\n",
    "empty status": b"+\r\n",
    "number": b":-42\r\n",
    "text": b"$5\r\nhello\r\n",
    "empty text": b"$0\r\n\r\n",
    "no text": b"$-1\r\n",
    "text of several lines": b"$14\r\n*1\r\n$2\r\nab\r\n$\r\n",
    "Korean": "$6\r\n서울\r\n".encode(),
    "not UTF-8": b"*2\r\n$2\r\n\xff\x80\r\n$1\r\na\r\n",
    "texts": b"*3\r\n$8\r\naccepted\r\n$5\r\n1 2 3\r\n$7\r\n{'a':1}\r\n",
    "text that looks like its end": b"*2\r\n$7\r\na\r\n$1\r\n\r\n$1\r\nb\r\n",
    "one text": b"*1\r\n$14\r\nunknown_person\r\n",
    "empty texts": b"*2\r\n$0\r\n\r\n$0\r\n\r\n",
    "no members": b"*0\r\n",
    "no list": b"*-1\r\n",
    "list with numbers": b"*3\r\n$6\r\nstatus\r\n:7\r\n$-1\r\n",
    "lists in a list": b"*2\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n:1\r\n",
    "error": b"-ERR unknown command\r\n",
    "no script": b"-NOSCRIPT No matching script.\r\n",
    "error in a list": b"*2\r\n-WRONGTYPE other kind\r\n+OK\r\n",
    "loads its data": b"-LOADING Redis is loading\r\n",
    "too many clients": b"-ERR max number of clients reached\r\n",
    "no reply": b"?what\r\n",
    "long": b"*2\r\n$200000\r\n" + b"x" * 200_000 + b"\r\n$1\r\ny\r\n",
}


class Wire:
    """A connection with `parser`, and the socket at the store's end."""

    def __init__(self, parser: type[Any], seconds: float = 5) -> None:
        self.store, self.ours = socket.socketpair()
        self.ours.settimeout(seconds)
        options = {"parser_class": parser, "socket_timeout": seconds, "protocol": 2}
        self.connection: Any = cast(Any, Connection)(
            decode_responses=True, encoding_errors="surrogateescape", **options
        )
        self.connection._sock = self.ours
        self.parser = self.connection._parser
        self.parser.on_connect(self.connection)

    def close(self) -> None:
        self.parser.on_disconnect()
        self.store.close()
        self.ours.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(ReplyParser)
    yield wire
    wire.close()


def outcome(parser: type[Any], *parts: bytes, raw: bool = False) -> Any:
    """What a parser reads from a store that sends these parts one after the other, and then closes."""
    wire = Wire(parser)

    class InParts:
        """A socket that gives one part at a time."""

        def __init__(self) -> None:
            self.left = [part[place : place + 65_536] for part in parts for place in range(0, len(part), 65_536)]

        def recv(self, size: int) -> bytes:
            return self.left.pop(0) if self.left else b""

        def settimeout(self, seconds: float) -> None:
            pass

    wire.connection._sock = InParts()
    wire.parser.on_connect(wire.connection)
    try:
        reply = wire.parser.read_response(disable_decoding=raw)
        return (type(reply), str(reply)) if isinstance(reply, Exception) else _comparable(reply)
    except redis.RedisError as error:
        return type(error)
    finally:
        wire.close()


def _comparable(reply: Any) -> Any:
    if isinstance(reply, list):
        return [_comparable(each) for each in reply]
    return (type(reply), str(reply)) if isinstance(reply, Exception) else reply


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("raw", (False, True))
def test_a_reply_is_what_redis_py_reads(name: str, raw: bool) -> None:
    sent = REPLIES[name]
    assert outcome(ReplyParser, sent, raw=raw) == outcome(_RESP2Parser, sent, raw=raw)


@pytest.mark.parametrize("name", [name for name in REPLIES if name != "long"])
def test_a_reply_may_come_in_two_parts_cut_anywhere(name: str) -> None:
    sent = REPLIES[name]
    whole = outcome(ReplyParser, sent)
    for place in range(1, len(sent)):
        assert outcome(ReplyParser, sent[:place], sent[place:]) == whole


@pytest.mark.parametrize("cut", (0, 1, 9, 20))
def test_a_store_that_closes_before_the_end_of_a_reply_has_not_answered(cut: int) -> None:
    assert outcome(ReplyParser, REPLIES["texts"][:cut] if cut else b"") is redis.ConnectionError


def test_several_replies_in_one_part_are_read_one_by_one(wire: Wire) -> None:
    wire.store.sendall(REPLIES["texts"] + REPLIES["number"] + REPLIES["one text"])
    assert wire.parser.read_response() == ["accepted", "1 2 3", "{'a':1}"]
    assert wire.parser.can_read()
    assert (wire.parser.read_response(), wire.parser.read_response()) == (-42, ["unknown_person"])
    assert not wire.parser.can_read()


def test_a_reply_that_comes_too_late_is_read_whole_the_next_time(wire: Wire) -> None:
    wire.store.sendall(REPLIES["texts"][:20])
    for _try in range(2):
        with pytest.raises(redis.TimeoutError):
            wire.parser.read_response(timeout=0.01)
    assert wire.ours.gettimeout() == 5
    wire.store.sendall(REPLIES["texts"][20:])
    assert wire.parser.read_response() == ["accepted", "1 2 3", "{'a':1}"]


def test_a_connection_with_unread_bytes_or_a_closed_one_is_no_idle_one(wire: Wire) -> None:
    assert not wire.connection.can_read()
    wire.store.sendall(b"+left over\r\n")
    assert wire.connection.can_read(timeout=5)
    assert wire.parser.read_response() == "left over"
    wire.store.close()
    with pytest.raises(redis.ConnectionError):
        wire.connection.can_read()


def test_a_socket_that_gives_no_answer_in_its_time_is_a_timeout() -> None:
    wire = Wire(ReplyParser, seconds=0.01)
    with pytest.raises(redis.TimeoutError):
        wire.parser.read_response()
    wire.close()


@pytest.mark.parametrize("url", ("unix:///run/live.sock", "rediss://store:6379/0", "redis+sentinel://a:1,b:2/live/0"))
def test_every_client_of_the_live_store_reads_this_way(url: str) -> None:
    connection: Any = connect(url).connection_pool.make_connection()
    assert isinstance(connection._parser, ReplyParser)
