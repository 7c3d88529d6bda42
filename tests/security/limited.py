"""The application with its limits on, and browsers at addresses of their own. Shared by the tests of limits."""

from flask import Flask
from werkzeug.test import TestResponse

from tests.fixtures.people import Browser
from tests.staging.rows import PASSWORD

HOME, CAFE, ELSEWHERE = "203.0.113.7", "198.51.100.1", "192.0.2.9"


def browser_at(app: Flask, address: str = HOME) -> Browser:
    """A browser without cookies whose requests come from `address`."""
    client: Browser = app.test_client()  # type: ignore[assignment]
    client.environ_base["REMOTE_ADDR"] = address
    return client


def try_sign_in(client: Browser, email: str = "alice@example.com", password: str = PASSWORD) -> TestResponse:
    """Send the sign-in form. The session in the browser is given up first, its other cookies stay."""
    client.delete_cookie("cashticket")
    return client.post("/login", data={"email": email, "password": password, "csrf_token": client.token()})


def fail(client: Browser, times: int, email: str = "alice@example.com") -> list[int]:
    """The statuses of so many sign-ins with a wrong password."""
    client.delete_cookie("cashticket")
    form = {"email": email, "password": "wrong", "csrf_token": client.token()}
    return [client.post("/login", data=form).status_code for _ in range(times)]
