"""Fixtures of the tests of limits."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.extensions import db
from tests.fixtures.people import Browser, make_person


@pytest.fixture
def limited(settings: config.Settings) -> Iterator[Flask]:
    """The application with its limits on, and the accounts of alice, bob and mallory."""
    application = create_app(replace(settings, rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        for name in ("alice", "bob", "mallory"):
            make_person(name)
        yield application
        db.session.remove()
        db.engine.dispose()
