"""Reads the project's own files for the house tests: Python by its syntax tree, templates and scripts by their text.

Nothing here imports the product, so that a file that does not even load can still be judged.
"""

import ast
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "cashticket"
TEMPLATES = PRODUCT / "templates"
LUA = PRODUCT / "engine" / "lua"


@dataclass(frozen=True, slots=True)
class Import:
    """One import: the whole dotted name, its line, and whether it runs when the module is loaded."""

    name: str
    line: int
    at_load: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: dotted `name`, `path` below the root, its `text` and syntax `tree`."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The part of the package it lives in: `engine` for cashticket.engine.news, `config` for cashticket.config."""
        return room_of(self.name)

    def where(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def module(name: str, text: str, path: str = "sample.py") -> Module:
    """A module from text: how the tests show their checks a deliberate fault."""
    return Module(name, path, text, parsed(text))


def parsed(text: str) -> ast.Module:
    """The tree of a module's text."""
    # Python 3.11 takes it for a fault of its own when the finalizer of an object that is collected meanwhile parses
    # something too, as a traceback does.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if was_on:
            gc.enable()


@cache
def product_modules() -> tuple[Module, ...]:
    """Every module of the package, in the order of their paths."""
    return tuple(_read(path) for path in sorted(PRODUCT.rglob("*.py")))


@cache
def running_modules() -> tuple[Module, ...]:
    """The package and the doors at the top level that start it (wsgi, worker, the web server's settings)."""
    return product_modules() + tuple(_read(path) for path in sorted(ROOT.glob("*.py")))


@cache
def modules_below(folder: str) -> tuple[Module, ...]:
    """Every module below a top-level folder, in the order of their paths."""
    return tuple(_read(path) for path in sorted((ROOT / folder).rglob("*.py")))


def modules_of_tests() -> tuple[Module, ...]:
    """Every module below tests/ and lab/: tests, fixtures, servers and checkers."""
    return modules_below("tests") + modules_below("lab")


@cache
def every_module() -> tuple[Module, ...]:
    """The product, what starts it, the measurements, what they share with the tests, and the tests."""
    return running_modules() + modules_below("bench") + modules_of_tests()


def _read(path: Path) -> Module:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return module(".".join(parts), path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))


def imports(source: Module) -> Iterator[Import]:
    """Every import of a module, also inside functions; `from a import b` names both `a` and `a.b`."""
    lazy = _lines_not_run_at_load(source.tree)
    for node in ast.walk(source.tree):
        at_load = getattr(node, "lineno", 0) not in lazy
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_load)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(source, node)
            # Naming the bare package loads nothing of its own; what is taken from it is named below.
            if base != "cashticket":
                yield Import(base, node.lineno, at_load)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, at_load)
        elif isinstance(node, ast.Call) and _called(node) == "import_module" and node.args:
            yield Import(text_of(node.args[0]).rstrip("."), node.lineno, at_load=False)


def _absolute(source: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.name.split(".")
    is_package = source.path.endswith("__init__.py")
    kept = package[: len(package) - node.level + is_package]
    return ".".join(kept + ([node.module] if node.module else []))


def _lines_not_run_at_load(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        inside_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if isinstance(node, ast.stmt) and (inside_function or for_types):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _called(node: ast.Call) -> str:
    """The last name of what is called: `get` for client.get(...)."""
    target = node.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def calls(source: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a module with the last name of what is called."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield _called(node), node


def text_of(node: ast.expr) -> str:
    """The literal text of a string or f-string (its holes left out), or '' for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values if isinstance(part, ast.Constant))
    return ""


def strings(source: Module) -> Iterator[tuple[str, ast.expr]]:
    """Every string and f-string that is not a docstring, with its node."""
    docstrings = set(_docstrings(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in docstrings and text_of(node):
            yield text_of(node), node


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            yield from (
                part.value for part in body if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            )


@cache
def templates() -> dict[str, str]:
    """Template name → its text, e.g. `auctions/_board.html`."""
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


@cache
def scripts() -> dict[str, str]:
    """Lua verb → the text of its file."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(LUA.glob("*.lua"))}
