"""`flask auction …`: the group. Each module here defines a tuple `commands`."""

from importlib import import_module

from flask.cli import AppGroup

group = AppGroup("auction", help="Auctions: publish, watch, close, check.")

MODULES: tuple[str, ...] = (
    "terms",
    "closing",
    "check",
    "voiding",
    "withdrawing",
    "export",
    "rebuild",
    "pausing",
    "line",
    "quarantine",
    "forgetting",
)

for module in MODULES:
    for command in import_module(f"cashticket.cli.auction.{module}").commands:
        group.add_command(command)
