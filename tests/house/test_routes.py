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
        path, methods, _ = line.split(" ")
        if methods != "GET" and "GET" in methods.split(","):
            # A page with a form that posts to itself: the only pages that do.
            assert re.match(r"/(login|signup|reset|confirm|me|language)\b", path), line


def test_every_door_is_described_in_the_docs(house: Flask) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    paths = {re.sub(r"<[^>]+>", "<>", line.split(" ")[0]) for line in doors(house)}
    told = set(re.findall(r"`[A-Z]* ?(/[^`\s?]*)", re.sub(r"<[^>]+>", "<>", page)))
    unknown = {path for path in paths if path not in told and path != "/static/<>"}
    assert not unknown, f"docs/architecture.md does not name {sorted(unknown)}"
