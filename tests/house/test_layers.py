"""Who may know whom: rooms import only the rooms below them, and no import runs in a circle."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.house.source import Module, calls, imports, module, product_modules, room_of

# Room → the other parts of the package it may import. What is missing here may be imported by nobody but doors.
MAY_KNOW: dict[str, frozenset[str]] = {
    "auction": frozenset(),
    "engine": frozenset({"auction", "redis_keys"}),
    # The settings are parsed by what will use them.
    "config": frozenset({"backup_keys", "identity", "instance_files", "engine", "notify", "typed"}),
    "typed": frozenset({"locale"}),
    # Arithmetic on figures that ship with it.
    "capacity": frozenset(),
    "calendar_files": frozenset({"typed"}),
    "spreadsheet": frozenset({"typed"}),
    "live": frozenset({"auction", "engine", "redis_keys"}),
    "witness": frozenset({"auction", "engine", "redis_keys"}),
    "models": frozenset({"extensions"}),
    "accounts": frozenset({"models", "extensions"}),
    "catalogue": frozenset({"models", "extensions"}),
    "identity": frozenset({"models", "extensions"}),
    "notify": frozenset({"models", "extensions"}),
    "ledger": frozenset({"auction", "models", "extensions"}),
    "settlement": frozenset({"auction", "ledger", "models", "extensions"}),
}
# The law and the ground may be known by every room; they know nothing of ours.
EVERYBODY_KNOWS = frozenset({"auction", "locale", "typed", "errors", "logs", "signing"})
# `work` knows every room, and `wiring` for the queues and the page cache of the application it runs in.
MAY_KNOW["work"] = frozenset(MAY_KNOW) - {"config"} | {"backup_keys", "redis_keys", "extensions", "wiring"}
DOORS = frozenset({"blueprints", "jobs", "cli"})
# Single modules beside the rooms: the page of keys and the unbound extensions know nobody.
ALONE = frozenset(
    {
        "redis_keys",
        "extensions",
        "config",
        "locale",
        "errors",
        "logs",
        "instance_files",
        "signing",
        "spreadsheet",
        "calendar_files",
        "backup_keys",
    }
)
# The factory and the place where real parts are chosen may know everything.
HALL = frozenset({"", "wiring", "queued_jobs", "queue_worker", "embedded_store", "compiled_texts"})
FRAMEWORKS = ("flask", "sqlalchemy", "werkzeug")
# What the law must do without: a clock, chance, and every way out of the process.
OUTSIDE_WORLD = frozenset(
    {"time", "datetime", "random", "secrets", "os", "io", "pathlib", "socket", "subprocess", "threading", "logging"}
)


def forbidden_imports(source: Module) -> Iterator[str]:
    """The imports of `source` that the table does not allow, each as one line of complaint."""
    room = source.room
    if room in DOORS | HALL:
        return
    everybody = frozenset() if room in ALONE | EVERYBODY_KNOWS else EVERYBODY_KNOWS
    allowed = MAY_KNOW.get(room, frozenset()) | everybody | {room}
    for found in imports(source):
        other = room_of(found.name)
        if found.name.split(".")[0] == "cashticket" and other not in allowed:
            yield f"{source.path}:{found.line} {room} may not import {other or 'the factory'}"


def test_rooms_import_only_the_rooms_they_may_know() -> None:
    complaints = [line for source in product_modules() for line in forbidden_imports(source)]
    assert not complaints, "\n".join(complaints)


def test_every_part_of_the_package_has_a_place_in_the_table() -> None:
    known = set(MAY_KNOW) | DOORS | ALONE | HALL
    strangers = {source.path for source in product_modules() if source.room not in known}
    assert not strangers, f"give these a row in MAY_KNOW and in docs/architecture.md: {sorted(strangers)}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cashticket.auction.rules", "from cashticket.engine import news"),
        ("cashticket.engine.news", "from cashticket.models.people import Person"),
        ("cashticket.ledger.queries", "def late():\n    from cashticket.blueprints import auctions"),
        ("cashticket.settlement.settle", "import cashticket.engine.redis_engine"),
        ("cashticket.models.people", "from ..cli import user"),
        ("cashticket.accounts.people", "from cashticket.config import Settings"),
        ("cashticket.notify.mail", "from importlib import import_module\nimport_module('cashticket.jobs')"),
        ("cashticket.ledger.queries", "from cashticket import create_app"),
        ("cashticket.ledger.queries", "import cashticket"),
        ("cashticket.redis_keys", "from cashticket.auction import values"),
        ("cashticket.work.closing", "from cashticket.blueprints.wording import awards"),
        ("cashticket.work.queueing", "from cashticket import jobs"),
        ("cashticket.work.voiding", "from cashticket.cli import output"),
    ],
)
def test_an_import_against_the_rule_is_seen(name: str, text: str) -> None:
    assert list(forbidden_imports(module(name, text)))


def test_law_and_engine_know_no_framework() -> None:
    complaints = [
        f"{source.path}:{found.line} imports {found.name}"
        for source in product_modules()
        if source.room in ("auction", "engine")
        for found in imports(source)
        if found.name.split(".")[0].startswith(FRAMEWORKS)
    ]
    assert not complaints, "\n".join(complaints)


def test_the_law_needs_nothing_but_pure_standard_library() -> None:
    for source in product_modules():
        if source.room != "auction":
            continue
        for found in imports(source):
            top = found.name.split(".")[0]
            assert top == "cashticket" or top in sys.stdlib_module_names, f"{source.path}:{found.line} {found.name}"
            assert top not in OUTSIDE_WORLD, f"{source.path}:{found.line} the law has no {top}"
        assert not [node.lineno for name, node in calls(source) if name in ("open", "print", "input")], source.path


def circles(modules: tuple[Module, ...]) -> list[list[str]]:
    """Import circles at load time, each as the names around it."""
    names = {source.name for source in modules}
    edges = {
        source.name: {found.name for found in imports(source) if found.at_load and found.name in names} - {source.name}
        for source in modules
    }
    # A package that is imported for one of its modules is not thereby part of a circle with it.
    edges = {name: {other for other in others if not name.startswith(other + ".")} for name, others in edges.items()}
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append([*trail[trail.index(name) :], name])
        elif name not in done:
            for other in sorted(edges[name]):
                walk(other, [*trail, name])
            done.add(name)

    for name in sorted(edges):
        walk(name, [])
    return found


def test_no_import_runs_in_a_circle() -> None:
    assert not circles(product_modules())


def test_a_circle_of_three_is_seen() -> None:
    ring = {"a": "b", "b": "c", "c": "a"}
    assert circles(tuple(module(f"cashticket.{one}", f"import cashticket.{two}") for one, two in ring.items()))


def test_an_import_inside_a_function_makes_no_circle() -> None:
    early = module("cashticket.a", "import cashticket.b")
    late = module("cashticket.b", "def later():\n    import cashticket.a")
    assert not circles((early, late))


def test_module_names_say_what_they_hold() -> None:
    attics = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "service", "services", "misc"}
    assert not [source.path for source in product_modules() if attics & set(source.name.split("."))]


def test_every_module_opens_with_a_prologue() -> None:
    silent = [source.path for source in product_modules() if source.text.strip() and not ast.get_docstring(source.tree)]
    assert not silent


@pytest.mark.parametrize("door", sorted(DOORS))
def test_doors_do_not_import_each_other(door: str) -> None:
    complaints = [
        f"{source.path}:{found.line} {found.name}"
        for source in product_modules()
        if source.room == door
        for found in imports(source)
        if found.name.startswith("cashticket.") and room_of(found.name) in DOORS - {door}
    ]
    assert not complaints, "\n".join(complaints)
