"""From the store's words to the engine's values, and nothing else.

A list entry that cannot be read becomes a PoisonEntry, never an exception: one bad entry must not stop the drain.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from cashticket.auction import rules
from cashticket.auction.answers import answer_of
from cashticket.auction.values import (
    TERMS_FIELDS,
    Accepted,
    Entry,
    PoisonEntry,
    RankedBid,
    Reason,
    Refused,
    State,
    Terms,
)
from cashticket.engine.interface import (
    Closing,
    Paused,
    Place,
    Snapshot,
    StaleSession,
    UnknownAuction,
    UnknownPerson,
)

Decision = Accepted | Refused | UnknownPerson | StaleSession

ANSWER_FIELDS = tuple(field.name for field in fields(Accepted) if field.name != "replayed")
"""The numbers of a remembered answer, in their order."""

_SHORT_KEYS = {"at_ms": "ms", "ends_at_ms": "ends_at"}

ENTRY_KEYS = {field.name: _SHORT_KEYS.get(field.name, field.name) for field in fields(Entry)}
"""Each field of Entry with its key in the JSON of a list entry."""


def known(auction_id: int, reply: Sequence[Any]) -> Sequence[Any]:
    """The reply itself. Raises UnknownAuction when it says so."""
    if reply[0] == "unknown_auction":
        raise UnknownAuction(f"auction {auction_id} is not in the live store")
    return reply


def decision(auction_id: int, reply: Sequence[Any]) -> Decision:
    """The answer to a bid. Raises Paused when none are taken."""
    match reply:
        case ["paused", reason]:
            raise Paused(auction_id, reason)
        case ["accepted" | "replayed" as kind, answer]:
            return accepted(answer, replayed=kind == "replayed")
        case ["refused", reason, chances_left]:
            return Refused(Reason(reason), int(chances_left) if chances_left else None)
        case ["unknown_person"]:
            return UnknownPerson()
        case ["stale_session"]:
            return StaleSession()
    raise ValueError(f"not an answer to a bid: {reply!r}")


def accepted(answer: str, *, replayed: bool) -> Accepted:
    """A remembered answer: whole numbers in the order of ANSWER_FIELDS."""
    numbers: dict[str, Any] = dict(zip(ANSWER_FIELDS, map(int, answer.split(" ")), strict=True))
    return Accepted(**numbers | {"winning": numbers["winning"] == 1}, replayed=replayed)


def answer_words(accepted: Accepted) -> str:
    """The remembered answer of an accepted bid, as `accepted` reads it."""
    return " ".join(str(int(getattr(accepted, name))) for name in ANSWER_FIELDS)


def restored_words(entry: Entry, seats: int) -> tuple[str | int, ...]:
    """A bid as the live store is given it back: person, score, nth, request id, remembered answer."""
    answer = answer_words(answer_of(entry, seats))
    return entry.person, rules.score(entry.amount, entry.sequence), entry.nth, entry.request_id, answer


def closing(reply: Sequence[Any]) -> Closing:
    """The answer of `close` and `extend`."""
    closed, ends_at_ms, sequence = reply
    return Closing(closed == "1", int(ends_at_ms), int(sequence))


def standings(flat: Sequence[str]) -> tuple[RankedBid, ...]:
    """Standings from person, score, person, score …, in the same order."""
    return tuple(
        RankedBid(int(person), *rules.unscore(int(score))) for person, score in zip(flat[::2], flat[1::2], strict=True)
    )


def snapshot(auction_id: int, reply: Sequence[Any]) -> Snapshot:
    """The board of an auction."""
    _, terms_words, (sequence, recorded, version, ends_at_ms, stored, paused), now_ms, bidders, flat = reply
    terms = terms_from(auction_id, terms_words)
    leaders = standings(flat)
    return Snapshot(
        terms=terms,
        state=shown_state(stored, terms, int(ends_at_ms), int(now_ms)),
        version=int(version),
        sequence=int(sequence),
        recorded=int(recorded),
        now_ms=int(now_ms),
        ends_at_ms=int(ends_at_ms),
        bidders=int(bidders),
        cutoff=rules.cutoff(leaders, terms.seats, terms.minimum),
        best=rules.best(leaders),
        leaders=leaders,
        paused=paused if stored == State.OPEN else "",
    )


def shown_state(stored: str, terms: Terms, ends_at_ms: int, now_ms: int) -> State:
    """The state as people see it: while it is stored as open, the clock decides."""
    if stored != State.OPEN:
        return State(stored)
    if now_ms < terms.opens_at_ms:
        return State.SCHEDULED
    return State.OPEN if now_ms < ends_at_ms else State.CLOSING


def terms_arguments(terms: Terms) -> list[int | str]:
    """The terms as the scripts `open` and `restore` take them, in the order of TERMS_FIELDS."""
    return [getattr(terms, name) for name in TERMS_FIELDS]


def terms_from(auction_id: int, texts: Sequence[str]) -> Terms:
    """The terms from texts in the order of TERMS_FIELDS."""
    texts_by_name = dict(zip(TERMS_FIELDS, texts, strict=True))
    salt = texts_by_name.pop("alias_salt")
    return Terms(auction_id, **{name: int(text) for name, text in texts_by_name.items()}, alias_salt=salt)


def place(person: int, reply: Sequence[Any]) -> Place:
    """Where a person stands."""
    _, seats, version, recorded, score, rank, used = reply
    amount, sequence = rules.unscore(int(score)) if score else (0, 0)
    return Place(
        person=person,
        version=int(version),
        sequence=sequence,
        amount=amount,
        rank=rank or None,
        winning=rules.is_winning(rank or None, int(seats)),
        chances_left=rules.chances_left(int(used)),
        recorded=0 < sequence <= int(recorded),
    )


def entries(raws: Iterable[str]) -> list[Entry | PoisonEntry]:
    """List entries, oldest first."""
    return [entry(raw) for raw in raws]


def entry(raw: str) -> Entry | PoisonEntry:
    """One list entry: a JSON object whose numbers are decimal strings."""
    try:
        values = json.loads(raw)
        return Entry(**{name: _reader(name)(values, key) for name, key in ENTRY_KEYS.items()})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return PoisonEntry(raw, f"{type(error).__name__}: {error}")


def _number(values: Mapping[str, Any], key: str) -> int:
    text = values[key]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        raise ValueError(f"{key} is not a decimal text: {text!r:.60}")
    return int(text)


def _text(values: Mapping[str, Any], key: str) -> str:
    if not isinstance(text := values[key], str):
        raise TypeError(f"{key} is not a text")
    return text


def _number_or_none(values: Mapping[str, Any], key: str) -> int | None:
    return _number(values, key) or None


def _claim(values: Mapping[str, Any], key: str) -> bool:
    return _number(values, key) == 1


def _reader(name: str) -> Callable[[Mapping[str, Any], str], Any]:
    return _READERS.get(name, _number)


_READERS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "request_id": _text,
    "displaced": _number_or_none,
    "alert": _claim,
}
"""How the fields of Entry are read that are no plain numbers."""
