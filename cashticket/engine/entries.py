"""Reads and writes the entries of the list: accepted bids on their way to the ledger, each JSON of decimal texts.

An entry that cannot be read becomes a PoisonEntry, never an exception: one bad entry must not stop the drain.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from cashticket.auction.values import Entry, PoisonEntry

_SHORT_KEYS = {"at_ms": "ms", "ends_at_ms": "ends_at"}

ENTRY_KEYS = {field.name: _SHORT_KEYS.get(field.name, field.name) for field in fields(Entry)}
"""Each field of Entry with its key in the JSON of a list entry."""


def read_entry(raw: str) -> Entry | PoisonEntry:
    """The bid in the text of one list entry, or the text with the reason why it is none."""
    try:
        values = json.loads(raw)
        return Entry(**{name: _READERS[name](values, key) for name, key in ENTRY_KEYS.items()})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return PoisonEntry(raw, f"{type(error).__name__}: {error}")


def entry_text(entry: Entry) -> str:
    """The text of a bid's entry in the list, as `place_bid` writes it and `read_entry` reads it."""
    return json.dumps({key: _text_of(getattr(entry, name)) for name, key in ENTRY_KEYS.items()}, separators=(",", ":"))


def _text_of(value: int | str | bool | None) -> str:
    return value if isinstance(value, str) else str(int(value or 0))


def _number(values: Mapping[str, Any], key: str) -> int:
    text = values[key]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        raise ValueError(f"{key} is not a decimal text: {text!r:.60}")
    return int(text)


def _number_or_none(values: Mapping[str, Any], key: str) -> int | None:
    return _number(values, key) or None


def _flag(values: Mapping[str, Any], key: str) -> bool:
    return _number(values, key) == 1


def _text(values: Mapping[str, Any], key: str) -> str:
    if not isinstance(text := values[key], str):
        raise TypeError(f"{key} is not a text")
    return text


_Reader = Callable[[Mapping[str, Any], str], Any]
_READERS: dict[str, _Reader] = dict.fromkeys(ENTRY_KEYS, _number)
_READERS |= {"request_id": _text, "displaced": _number_or_none, "alert": _flag}
