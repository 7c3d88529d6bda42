"""Everything that may cost more the larger an auction is, one name a line: doors, frames, jobs, parts of the watch's
round, commands, scripts and what a witness writes. Run `python -m tests.house.costs` to print what `costs.txt` lacks
and what is gone.

A line of `costs.txt` is `kind name | tests/sizes/test_x.py::test_y`, or `kind name | cannot grow: why`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from cashticket.blueprints.auction.frames import PIECES
from tests.house.commands import commands
from tests.house.routes import doors
from tests.house.source import ROOT, parsed, product_modules, scripts

LIST = Path(__file__).with_name("costs.txt")
SEPARATOR = " | "
REASON = "cannot grow: "

# What a round calls beside the work itself.
NO_WORK = frozenset({"is_set", "wait", "tolerated", "monotonic", "max", "announce"})


def things(app: Flask) -> set[str]:
    """The names of all things whose cost must be counted or explained."""
    return {*_doors(app), *_frames(), *_jobs(), *_rounds(), *_commands(app), *_verbs(), *_shelves()}


def _shelves() -> Iterator[str]:
    """Where the witness of each process writes, each second."""
    names = (source.name.rpartition(".")[2] for source in product_modules() if source.room == "witness")
    return (f"witness {name}" for name in names if name.endswith("_shelf"))


def _doors(app: Flask) -> Iterator[str]:
    for door in doors(app):
        path, methods, endpoint = door.split(" ")
        # Sockets and the answer to whoever asks for one without an upgrade share a path.
        yield from (f"door {method} {path} {endpoint}" for method in methods.split(","))


def _frames() -> Iterator[str]:
    return (f"frame {kind}" for kind in PIECES)


def _jobs() -> Iterator[str]:
    [module] = [source for source in product_modules() if source.name == "cashticket.jobs"]
    return (f"job {node.name}" for node in module.tree.body if isinstance(node, ast.FunctionDef))


def _rounds() -> Iterator[str]:
    """What the loop of the watch calls, each second."""
    [module] = [source for source in product_modules() if source.name == "cashticket.work.watch.loop"]
    loops = [node for node in ast.walk(module.tree) if isinstance(node, ast.While)]
    called = {_name(node.func) for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Call)}
    return (f"round {name}" for name in called if name.rpartition(".")[2] not in NO_WORK)


def _name(function: ast.expr) -> str:
    return ast.unparse(function)


def _commands(app: Flask) -> Iterator[str]:
    return (f"command {name}" for name, _ in commands(app))


def _verbs() -> Iterator[str]:
    return (f"script {verb}" for verb in scripts())


def listed() -> dict[str, str]:
    """Each name on the list with its test or its reason."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [line.partition(SEPARATOR) for line in lines]
    names = [name for name, _, _ in pairs]
    assert len(set(names)) == len(names), f"twice: {sorted({name for name in names if names.count(name) > 1})}"
    return {name: account for name, _, account in pairs}


def is_test(account: str) -> bool:
    """Whether `tests/sizes/test_x.py::test_y` names a test that is there."""
    path, _, name = account.partition("::")
    file = ROOT / path
    if not path.startswith("tests/sizes/") or not file.is_file():
        return False
    tree = parsed(file.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def main() -> None:
    from cashticket import create_app

    built, written = things(create_app()), listed()
    print("\n".join(f"missing: {name}" for name in sorted(built - written.keys())))
    print("\n".join(f"gone: {name}" for name in sorted(written.keys() - built)))


if __name__ == "__main__":
    main()
