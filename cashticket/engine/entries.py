"""Reads and writes the entries of the list: accepted bids on their way to the ledger, each JSON of decimal texts.

An entry that cannot be read becomes a PoisonEntry, never an exception: one bad entry must not stop the drain.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cashticket.auction.values import Entry, PoisonEntry

_SHORT_KEYS = {"at_ms": "ms", "ends_at_ms": "ends_at"}

ENTRY_KEYS = {field.name: _SHORT_KEYS.get(field.name, field.name) for field in fields(Entry)}
"""Each field of Entry with its key in the JSON of a list entry."""


_NUMBERS = {name: key for name, key in ENTRY_KEYS.items() if name != "request_id"}

_values_of = json.JSONDecoder().decode


def read_entry(raw: str) -> Entry | PoisonEntry:
    """The bid in the text of one list entry, or the text with the reason why it is none."""
    try:
        values = _values_of(raw)
        texts = {name: values[key] for name, key in _NUMBERS.items()}
        _check_decimal(texts)
        if not isinstance(request_id := values["request_id"], str):
            raise TypeError("request_id is not a text")
        numbers: dict[str, Any] = {name: int(text) for name, text in texts.items()}
        own = {"request_id": request_id, "displaced": numbers["displaced"] or None, "alert": numbers["alert"] == 1}
        return Entry(**numbers | own)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return PoisonEntry(raw, f"{type(error).__name__}: {error}")


def _check_decimal(texts: Mapping[str, Any]) -> None:
    """Raise ValueError unless every value is a text of ASCII digits. They are looked at together, one by one only to
    name the wrong one."""
    if {*map(type, texts.values())} == {str} and all(texts.values()):
        digits = "".join(texts.values())
        if digits.isascii() and digits.isdigit():
            return
    for name, text in texts.items():
        if not isinstance(text, str) or not text.isascii() or not text.isdigit():
            raise ValueError(f"{ENTRY_KEYS[name]} is not a decimal text: {text!r:.60}")


def entry_text(entry: Entry) -> str:
    """The text of a bid's entry in the list, as `place_bid` writes it and `read_entry` reads it."""
    return json.dumps({key: _text_of(getattr(entry, name)) for name, key in ENTRY_KEYS.items()}, separators=(",", ":"))


def _text_of(value: int | str | bool | None) -> str:
    return value if isinstance(value, str) else str(int(value or 0))
