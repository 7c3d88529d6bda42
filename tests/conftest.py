"""Shared fixtures live in `tests/fixtures`, one module per kind of server; this file only names them."""

pytest_plugins = [
    "tests.fixtures.redis",
    "tests.fixtures.databases",
    "tests.fixtures.engines",
    "tests.fixtures.hubs",
    "tests.fixtures.people",
    "tests.fixtures.auctions",
    "tests.fixtures.processes",
    "tests.fixtures.browser",
    "tests.fixtures.left_out",
    "tests.fixtures.sweeps",
]
