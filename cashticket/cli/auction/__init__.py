"""`flask auction …`: the group. Each theme of commands has a module of its own, which defines `commands`."""

from importlib import import_module

from flask.cli import AppGroup

group = AppGroup("auction", help="Auctions: publish, watch, close, check.")

THEMES: tuple[str, ...] = (
    "terms",
    "closing",
    "check",
    "voiding",
    "export",
    "rebuild",
    "pausing",
    "quarantine",
)

for theme in THEMES:
    for command in import_module(f"cashticket.cli.auction.{theme}").commands:
        group.add_command(command)
