"""The application as the house tests see it: built, with every door, connected to nothing."""

from pathlib import Path

import pytest
from flask import Flask

from cashticket import config, create_app


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole application for reading: its routes, templates and commands. No server stands behind it."""
    instance: Path = tmp_path_factory.mktemp("house")
    environ = {
        "APP_ENV": "testing",
        "SECRET_KEY": "read-only",
        "DATABASE_URL": f"sqlite:///{instance / 'none.db'}",
        "REDIS_URL": f"unix://{instance / 'none.sock'}",
    }
    return create_app(config.load(environ, instance))
