"""`flask auction …`: the group. Each theme of commands has a module of its own, which defines `commands`."""

from importlib import import_module

from flask.cli import AppGroup

group = AppGroup("auction", help="Auctions: publish, watch, close, check.")

THEMES: tuple[str, ...] = (
    "auction_terms",
    "auction_closing",
    "auction_check",
    "auction_voiding",
    "auction_export",
    "auction_rebuilding",
    "auction_pausing",
    "auction_quarantine",
)

for theme in THEMES:
    for command in import_module(f"cashticket.cli.{theme}").commands:
        group.add_command(command)
