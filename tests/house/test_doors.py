"""Doors: a topic imports no other topic and holds no SQL. Templates: short lines, and data only from doors."""

import pytest
from flask import Flask
from jinja2 import nodes

from tests.house.source import Module, imports, module, product_modules, templates

SHARED = frozenset({"request", "wording"})
TEMPLATE_LINE = 120


def topic_of(name: str) -> str:
    """The folder of a module of `blueprints`, empty for others."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["cashticket", "blueprints"] and len(parts) > 2 else ""


def foreign_imports(source: Module) -> list[str]:
    """Imports of another topic than the module's own."""
    own = topic_of(source.name)
    topics = ((found, topic_of(found.name)) for found in imports(source))
    return [f"{source.path}:{found.line} {found.name}" for found, topic in topics if topic not in {own, "", *SHARED}]


def sql_in(source: Module) -> list[str]:
    """Imports that a door needs only to ask the tables itself. Exceptions of SQLAlchemy may be caught."""
    return [
        f"{source.path}:{found.line} {found.name}"
        for found in imports(source)
        if (found.name.startswith("sqlalchemy") and not found.name.startswith("sqlalchemy.exc"))
        or found.name == "cashticket.extensions.db"
    ]


def doors() -> list[Module]:
    return [source for source in product_modules() if topic_of(source.name)]


def test_no_topic_imports_another() -> None:
    assert doors()
    assert not [complaint for source in doors() for complaint in foreign_imports(source)]


def test_no_door_holds_sql() -> None:
    assert not [complaint for source in doors() for complaint in sql_in(source)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cashticket.blueprints.me.pages", "from cashticket.blueprints.auction.bids import place"),
        ("cashticket.blueprints.wording.bids", "from cashticket.blueprints.auction import pages"),
        ("cashticket.blueprints.request.errors", "import cashticket.blueprints.me.awards"),
    ],
)
def test_an_import_of_another_topic_is_seen(name: str, text: str) -> None:
    assert foreign_imports(module(name, text))


@pytest.mark.parametrize("text", ["from sqlalchemy import select", "from cashticket.extensions import db, sock"])
def test_sql_in_a_door_is_seen(text: str) -> None:
    assert sql_in(module("cashticket.blueprints.me.pages", text))


def test_template_lines_stay_short() -> None:
    long = {
        f"{name}:{number}": len(text_line)
        for name, text in templates().items()
        for number, text_line in enumerate(text.splitlines(), 1)
        if len(text_line) > TEMPLATE_LINE
    }
    assert not long


def test_templates_hold_no_tables_of_their_own(house: Flask) -> None:
    """A dictionary or list in a template is data for its door to pass in, or a text for `wording` to choose."""
    literals = {
        f"{name}:{node.lineno}"
        for name, text in templates().items()
        for node in house.jinja_env.parse(text).find_all((nodes.Dict, nodes.List))
    }
    assert not literals
