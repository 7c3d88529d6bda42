"""An accepted bid in its four forms: entry of the list, row of the ledger, text of a quarantined entry, bid of the law.

The fields of `Entry` drive every conversion: a new field needs a column of its name, or a line in `RENAMED`.
"""

import json
from dataclasses import asdict, fields
from typing import Any, get_args, get_type_hints

from cashticket.auction.answers import answer_of
from cashticket.auction.values import Accepted, Bid, Entry
from cashticket.models import RecordedBid

RENAMED = {"person": "person_id", "displaced": "displaced_id"}
"""Fields of Entry whose column has another name."""

COLUMNS = {field.name: RENAMED.get(field.name, field.name) for field in fields(Entry)}
"""Each field of Entry with its column in the table of bids."""

_TYPES: dict[str, tuple[type, ...]] = {name: get_args(hint) or (hint,) for name, hint in get_type_hints(Entry).items()}


def row_of(auction_id: int, entry: Entry) -> dict[str, Any]:
    """The values of a new row in the table of bids."""
    return {"auction_id": auction_id} | {column: getattr(entry, name) for name, column in COLUMNS.items()}


def entry_of(row: Any) -> Entry:
    """The entry that this row was recorded from: a bid, or a withdrawal among the bids."""
    return Entry(**{name: getattr(row, column) for name, column in COLUMNS.items()})


def bid_of(bid: Any) -> Bid:
    """The bid as the law judges it."""
    entry = bid if isinstance(bid, Entry) else entry_of(bid)
    return Bid(**{field.name: getattr(entry, field.name) for field in fields(Bid)})


def accepted_of(row: RecordedBid, seats: int) -> Accepted:
    """The answer given to a recorded bid in an auction of `seats`, as the answer to a repeated request."""
    return answer_of(entry_of(row), seats, replayed=True)


def text_of(entry: Entry) -> str:
    """The entry as JSON, for an operator and for `entry_from_text`."""
    return json.dumps(asdict(entry), ensure_ascii=False)


def entry_from_text(text: str) -> Entry | None:
    """The entry that `text_of` wrote; None when the text lacks a field or holds one of another type."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    values_read: dict[str, Any] = {name: values.get(name) for name in COLUMNS} | {"alert": values.get("alert") is True}
    if any(type(values_read[name]) not in types for name, types in _TYPES.items()):
        return None
    return Entry(**values_read)
