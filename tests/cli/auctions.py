"""Commands of auctions as tests run them."""

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from cashticket.extensions import db

OPTIONS = {"seats": "3", "minimum": "100000", "step": "10000", "opens": "now", "closes": "+90s"}


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["auction", *arguments])


def add(app: Flask, concert_id: int, *more: str, **changed: str) -> Result:
    options = {"concert": str(concert_id)} | OPTIONS | changed
    arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
    return run(app, "add", *arguments, *more, "--json")


def stored(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0
