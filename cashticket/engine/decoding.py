"""From the store's words to the engine's values, and nothing else.

A list entry that cannot be read becomes a PoisonEntry, never an exception: one bad entry must not stop the drain.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cashticket.auction import rules
from cashticket.auction.answers import answer_of
from cashticket.auction.values import Accepted, Entry, PoisonEntry, RankedBid, Reason, Refused, State, Terms
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
    """A remembered answer: nine whole numbers in the order of the fields of Accepted."""
    sequence, nth, amount, rank, winning, chances_left, cutoff, at_ms, ends_at_ms = map(int, answer.split(" "))
    return Accepted(
        *(sequence, nth, amount, rank, bool(winning), chances_left, cutoff, at_ms, ends_at_ms), replayed=replayed
    )


def answer_words(accepted: Accepted) -> str:
    """The remembered answer of an accepted bid, as `accepted` reads it."""
    numbers = (accepted.sequence, accepted.nth, accepted.amount, accepted.rank, int(accepted.winning))
    return " ".join(map(str, (*numbers, accepted.chances_left, accepted.cutoff, accepted.at_ms, accepted.ends_at_ms)))


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
    *numbers, alias_salt = terms_words
    seats, minimum, step, opens_at_ms, closes_at_ms, soft_close_ms, soft_close_cap_ms = map(int, numbers)
    soft = (soft_close_ms, soft_close_cap_ms, alias_salt)
    terms = Terms(auction_id, seats, minimum, step, opens_at_ms, closes_at_ms, *soft)
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
        fields = json.loads(raw)
        request_id = fields["request_id"]
        if not isinstance(request_id, str):
            raise TypeError("request_id is not a text")
        return Entry(
            sequence=_number(fields, "sequence"),
            person=_number(fields, "person"),
            nth=_number(fields, "nth"),
            amount=_number(fields, "amount"),
            at_ms=_number(fields, "ms"),
            request_id=request_id,
            ends_at_ms=_number(fields, "ends_at"),
            rank=_number(fields, "rank"),
            cutoff=_number(fields, "cutoff"),
            displaced=_number(fields, "displaced") or None,
            alert=_number(fields, "alert") == 1,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return PoisonEntry(raw, f"{type(error).__name__}: {error}")


def _number(fields: dict[str, Any], name: str) -> int:
    text = fields[name]
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        raise ValueError(f"{name} is not a decimal text: {text!r:.60}")
    return int(text)
