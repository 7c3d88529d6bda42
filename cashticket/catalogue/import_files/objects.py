"""Lines of a JSON file: an array of objects, as `concert list --json` prints them."""

import json
from collections import Counter
from math import isinf
from typing import Any

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import (
    COLUMNS_MAX,
    ROWS_MAX,
    Cell,
    FaultyRows,
    Line,
    OddCell,
    too_many_rows,
)

DIGITS_MAX = 400
MUST_BE = "must be text or a whole number"
IGNORED = frozenset({"auctions"})
"""A list that `concert list` prints in each object."""


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, in order, also those that are named twice."""


def lines_of(text: str, name: str) -> list[Line]:
    """The names of all members, and a line for every object. Raises NotPublishable and FaultyRows."""
    objects = _objects(text, name)
    if len(objects) > ROWS_MAX:
        raise too_many_rows(name)
    faults = []
    for number, members in enumerate(objects, 1):
        twice = [key for key, times in Counter(key for key, _ in members).items() if times > 1]
        faults += [f"row {number}: has {key[:40]!r} twice" for key in twice]
    if faults:
        raise FaultyRows(name, faults)
    keys = list(dict.fromkeys(key for members in objects for key, _ in members if key not in IGNORED))
    if len(keys) > COLUMNS_MAX:
        raise NotPublishable(f"The objects of {name} have more than {COLUMNS_MAX} members with different names.")
    rows = [{key: _cell(value) for key, value in members} for members in objects]
    lines = [Line(number, [row.get(key, "") for key in keys]) for number, row in enumerate(rows, 1)]
    return [Line(0, list(keys)), *lines]


def _objects(text: str, name: str) -> list[_Pairs]:
    try:
        objects = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refused, **NUMBERS)
    except (ValueError, RecursionError) as error:
        raise NotPublishable(f"{name} is no readable JSON: {error}.") from error
    if isinstance(objects, _Pairs) or not isinstance(objects, list):
        raise NotPublishable(f"{name} must hold an array of objects.")
    if not all(isinstance(members, _Pairs) for members in objects):
        raise NotPublishable(f"{name} must hold an array of objects.")
    return objects


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _integer(text: str) -> int:
    if len(text) > DIGITS_MAX:
        raise ValueError(f"{text[:20]}… has {len(text):,} digits")
    return int(text)


def _fraction(text: str) -> float:
    if isinf(number := float(text)):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


NUMBERS: dict[str, Any] = {"parse_int": _integer, "parse_float": _fraction}


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return OddCell(str(value).lower() if isinstance(value, bool) else _kind(value), MUST_BE)
    return value if isinstance(value, str) else number_text(value)


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, _Pairs) else "a list"


def number_text(value: int | float) -> str:
    """A number as people write it: 15 digits are what a spreadsheet or JSON keeps of a float."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    return str(value) if isinstance(value, int) else f"{value:.15g}"
