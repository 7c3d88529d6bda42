"""A push is handed to a public address alone, in one request that ends by itself, whatever the other side does."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cashticket.notify import push_posting
from cashticket.notify.push_hosts import Endpoint
from cashticket.notify.push_posting import BODY_MAX, AddressRefused, Answer, NotPosted, is_public_address, post
from tests.staging.push_service import PushService, running_push_service

HEADERS = {"TTL": "60"}


def here(port: int, path: str = "/push/1") -> Endpoint:
    return Endpoint("127.0.0.1", port, path, is_local=True)


@pytest.fixture
def service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.196.74", "2607:f8b0:4004:800::200a"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.7", "172.16.3.4", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.7"),
        *("2002:7f00:1::", "2002:a00:7::1"),
    ],
)
def test_any_other_address_is_not(address: str) -> None:
    assert not is_public_address(address)


def test_a_listed_name_that_leads_inside_is_not_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        with pytest.raises(AddressRefused):
            post(Endpoint("localhost", listener.getsockname()[1], "/", is_local=False), HEADERS, b"x")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_push_is_one_post_with_its_headers_and_body(service: PushService) -> None:
    assert post(here(service.server_address[1], "/push/1?token=a%3d"), HEADERS, b"sealed") == Answer(201)
    [request] = service.sent
    assert (request.path, request.body, request.headers["TTL"]) == ("/push/1?token=a%3d", b"sealed", "60")
    assert request.headers["Host"] == f"127.0.0.1:{service.server_address[1]}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("0", 0), ("", 0), ("-5", 0), ("9999999", 0), ("999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)],
)
def test_a_time_to_come_again_is_read_and_bounded(service: PushService, text: str, seconds: int) -> None:
    service.answers["/push/1"], service.headers = 429, {"Retry-After": text}
    assert post(here(service.server_address[1]), HEADERS, b"x") == Answer(429, timedelta(seconds=seconds))


def test_a_body_that_no_push_service_takes_is_not_sent(service: PushService) -> None:
    with pytest.raises(ValueError, match="too large"):
        post(here(service.server_address[1]), HEADERS, b"x" * (BODY_MAX + 1))
    assert service.sent == []


def test_a_service_that_says_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_posting, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(NotPosted, match="TimeoutError"):
        post(here(listener.getsockname()[1]), HEADERS, b"x")


@pytest.mark.parametrize("words", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 2xx OK\r\n\r\n"])
def test_a_service_that_speaks_no_http_is_a_failure_and_no_answer(words: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=say, args=(listener, words))
        thread.start()
        with pytest.raises(NotPosted):
            post(here(listener.getsockname()[1]), HEADERS, b"x")
        thread.join()


def say(listener: socket.socket, words: bytes) -> None:
    """Take one request, say this, and hang up."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(words)
