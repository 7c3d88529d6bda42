"""Doors: the list of routes is checked in, so none appears, moves or vanishes unnoticed."""

import re
from pathlib import Path

from flask import Flask

from tests.house.routes import doors
from tests.house.source import ROOT

LIST = Path(__file__).with_name("routes.txt")


def listed() -> list[str]:
    return [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_the_doors_are_the_ones_on_the_list(house: Flask) -> None:
    built, known = set(doors(house)), set(listed())
    assert built == known, (
        f"new: {sorted(built - known)}\ngone: {sorted(known - built)}\n"
        "If this is meant: python -m tests.house.routes > tests/house/routes.txt, and docs/architecture.md."
    )


def test_doors_that_change_something_take_no_get(house: Flask) -> None:
    for line in doors(house):
        methods = line.split(" ")[1].split(",")
        assert methods == ["GET"] or "GET" not in methods, line


def described() -> set[str]:
    """The paths in the docs' table of pages and pieces, their parameters nameless."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("### Pages and pieces")[2].partition("### ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`(?:[A-Z]+ )?(/[^`\s?]*)", nameless("\n".join(rows))))


def nameless(path: str) -> str:
    return re.sub(r"<[^>]+>", "<>", path)


def test_the_docs_describe_the_doors_that_are_there(house: Flask) -> None:
    paths = {nameless(line.split(" ")[0]) for line in doors(house)} - {"/static/<>"}
    assert described() == paths, (
        f"docs/architecture.md lacks {sorted(paths - described())} and has too much: {sorted(described() - paths)}"
    )
