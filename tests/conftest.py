"""Shared fixtures live in `tests/fixtures`, one module per kind of server; this file only names them."""

from hypothesis import settings

from cashticket.compiled_texts import compile_texts

pytest_plugins = [
    "tests.fixtures.redis",
    "tests.fixtures.databases",
    "tests.fixtures.locking",
    "tests.fixtures.engines",
    "tests.fixtures.hubs",
    "tests.fixtures.people",
    "tests.fixtures.mail_server",
    "tests.fixtures.auctions",
    "tests.fixtures.processes",
    "tests.fixtures.browser",
    "tests.fixtures.nginx",
    "tests.fixtures.left_out",
    "tests.fixtures.sweeps",
    "tests.fixtures.order",
    "tests.fixtures.workers",
    "tests.fixtures.compiled_once",
    "tests.fixtures.collecting",
    "tests.fixtures.logs",
    "tests.fixtures.sizes",
    "tests.fixtures.witness",
    "tests.fixtures.guards",
    "tests.fixtures.races",
]


def pytest_configure() -> None:
    """Compile the translations before anything runs, so that no test copies the checkout while they are written; no
    example of a property has a deadline."""
    compile_texts()
    # How long one example takes says something about the machine and nothing about the product.
    settings.register_profile("any machine", settings(), deadline=None)
    settings.load_profile("any machine")
