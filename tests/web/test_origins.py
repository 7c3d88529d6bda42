"""Which origins forms and sockets take for our own, however BASE_URL and the requested host are written."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.blueprints.request.origin import origin_of
from tests.fixtures.people import Browser

# What is tested here asks no table anything that the kind of database could change.
sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def form_takes(client: Browser, address: str, origin: str) -> bool:
    """Whether a form sent to `address` passes the check of origins, after which the anonymous are asked to sign in."""
    status = client.post("/awards/1/buy", base_url=address, headers={"Origin": origin}).status_code
    assert status in (303, 400)
    return status == 303


def socket_takes(client: Browser, address: str, origin: str) -> bool:
    """Whether a handshake with `address` passes the check of origins, after which the auction is unknown."""
    status = client.get("/auctions/1/live", base_url=address, headers={**HANDSHAKE, "Origin": origin}).status_code
    assert status in (403, 404)
    return status == 404


@pytest.fixture
def client_of(settings: config.Settings, app: Flask) -> Callable[[str, str], Browser]:
    """`client_of(app_env, base_url)`: a browser of an application under these settings."""

    def make(app_env: str, base_url: str) -> Browser:
        other = create_app(replace(settings, app_env=app_env, base_url=base_url))
        other.test_client_class = Browser
        client = other.test_client()
        assert isinstance(client, Browser)
        return client

    return make


ELSEWHERE = "http://10.0.0.1:8000"


@sqlite_alone
@pytest.mark.parametrize("app_env", ["production", "testing"])
@pytest.mark.parametrize(
    ("base_url", "origin", "ours"),
    [
        ("https://tickets.example", "https://tickets.example", True),
        ("https://tickets.example:443", "https://tickets.example", True),
        ("https://Tickets.Example:443", "https://tickets.example", True),
        ("http://tickets.example:80", "http://tickets.example", True),
        ("https://tickets.example:8443", "https://tickets.example:8443", True),
        ("http://[::1]:8000", "http://[::1]:8000", True),
        ("https://[2001:DB8::1]:443", "https://[2001:db8::1]", True),
        ("https://tickets.example", "http://tickets.example", False),
        ("https://tickets.example:8443", "https://tickets.example", False),
        ("http://tickets.example:443", "http://tickets.example", False),
        ("http://[::1]:8000", "http://[::2]:8000", False),
        ("https://tickets.example", "https://tickets.example.evil.example", False),
    ],
)
def test_both_doors_take_the_configured_address(
    client_of: Callable[[str, str], Browser], app_env: str, base_url: str, origin: str, ours: bool
) -> None:
    client = client_of(app_env, base_url)
    assert form_takes(client, ELSEWHERE, origin) is ours
    assert socket_takes(client, ELSEWHERE, origin) is ours


@sqlite_alone
@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://10.0.0.1:8000", "http://10.0.0.1:8000"),
        ("http://Tickets.Example:80", "http://tickets.example"),
        ("https://tickets.example:443", "https://tickets.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[2001:DB8::1]", "http://[2001:db8::1]"),
    ],
)
def test_the_requested_host_is_ours_too_but_in_production_not_for_sockets(
    client_of: Callable[[str, str], Browser], address: str, origin: str
) -> None:
    for app_env, socket_is_open in (("production", False), ("testing", True)):
        client = client_of(app_env, "https://configured.example")
        assert form_takes(client, address, origin)
        assert socket_takes(client, address, origin) is socket_is_open
        assert not form_takes(client, address, "http://evil.example")
        assert not socket_takes(client, address, "http://evil.example")


@sqlite_alone
@pytest.mark.parametrize("host", ["tickets.example:port", "tickets.example:70000", "[::1", ""])
def test_a_host_that_no_browser_names_makes_nothing_ours(client_of: Callable[[str, str], Browser], host: str) -> None:
    client = client_of("testing", "https://configured.example")
    for origin in (f"http://{host}", "", "null"):
        headers = {"Host": host, "Origin": origin}
        assert client.post("/awards/1/buy", headers=headers).status_code == 400
        assert client.get("/auctions/1/live", headers={**HANDSHAKE, **headers}).status_code == 403


@pytest.mark.parametrize(
    "url", ["https://", "https://tickets.example:port", "https://tickets.example:70000", "http://[::1"]
)
def test_an_address_without_a_valid_host_or_port_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin_of(url)
