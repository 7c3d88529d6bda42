"""Signing in and out through the door."""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.accounts import people as accounts
from cashticket.models import Person
from tests.fixtures.people import PASSWORD, Browser, sign_in


def test_alice_signs_in_and_goes_where_she_wanted(client: Browser, people: dict[str, Person]) -> None:
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": client.token(), "next": "/healthz"}
    answer = client.post("/login", data=form)
    assert (answer.status_code, answer.location) == (303, "/healthz")


def test_any_spelling_of_her_address_is_hers(client: Browser, people: dict[str, Person]) -> None:
    form = {"email": "  Alice@EXAMPLE.com ", "password": PASSWORD, "csrf_token": client.token()}
    assert client.post("/login", data=form).status_code == 303
