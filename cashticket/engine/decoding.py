"""Replies of the scripts as the engine's values, and values as arguments of the scripts."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cashticket.auction import rules
from cashticket.auction.answers import answer_of, entry_of
from cashticket.auction.boards import Bin
from cashticket.auction.terms import TERMS_FIELDS, Terms
from cashticket.auction.values import Accepted, Entry, RankedBid, Reason, Refused, State
from cashticket.engine.entries import read_entry
from cashticket.engine.interface import (
    Closing,
    Decision,
    OrderRows,
    Paused,
    Place,
    Restoration,
    Snapshot,
    StaleSession,
    Status,
    UnknownAuction,
    UnknownPerson,
)
from cashticket.engine.outage_texts import outage_from, outage_text

ANSWER_FIELDS = tuple(field.name for field in fields(Accepted) if field.name != "replayed")
"""The numbers of a remembered answer, in their order."""


def require_known(auction_id: int, reply: Sequence[Any]) -> Sequence[Any]:
    """The reply itself. Raises UnknownAuction when the reply says that the store does not have the auction."""
    if reply[0] == "unknown_auction":
        raise UnknownAuction(f"auction {auction_id} is not in the live store")
    return reply


# Answers to bids


def decision(auction_id: int, reply: Sequence[Any]) -> Decision:
    """The answer to a bid. Raises Paused when the auction takes none."""
    match reply:
        case ["paused", reason]:
            raise Paused(auction_id, reason)
        case ["accepted" | "replayed" as kind, answer, *_]:
            return accepted(answer, replayed=kind == "replayed")
        case ["refused", reason, chances_left]:
            return Refused(Reason(reason), int(chances_left) if chances_left else None)
        case ["unknown_person"]:
            return UnknownPerson()
        case ["stale_session"]:
            return StaleSession()
    raise ValueError(f"not an answer to a bid: {reply!r}")


def accepted_entry(reply: Sequence[Any], answer: Accepted, person: int, request_id: str) -> Entry:
    """The entry of an accepted bid: as the list has it, or for a repeated request from its remembered answer."""
    entry = read_entry(reply[2]) if len(reply) > 2 else None
    return entry if isinstance(entry, Entry) else entry_of(answer, person, request_id, None)


def accepted(answer: str, *, replayed: bool) -> Accepted:
    """A remembered answer: whole numbers in the order of ANSWER_FIELDS."""
    numbers: dict[str, Any] = dict(zip(ANSWER_FIELDS, map(int, answer.split(" ")), strict=True))
    return Accepted(**numbers | {"winning": numbers["winning"] == 1}, replayed=replayed)


def answer_text(accepted: Accepted) -> str:
    """The remembered answer of an accepted bid, as `accepted` reads it."""
    return " ".join(str(int(getattr(accepted, name))) for name in ANSWER_FIELDS)


# Terms and boards


def terms_arguments(terms: Terms) -> list[int | str]:
    """The terms as the scripts `open` and `restore` take them: name, value, name, value …"""
    return [part for name in TERMS_FIELDS for part in (name, getattr(terms, name))]


def terms_from(auction_id: int, flat: Sequence[str]) -> Terms:
    """The terms from name, value, name, value …

    A term that the auction was published without has its default; one of a later release is ignored.
    """
    texts = {name: text for name, text in zip(flat[::2], flat[1::2], strict=True) if name in TERMS_FIELDS}
    salt = texts.pop("alias_salt")
    return Terms(auction_id, **{name: int(text) for name, text in texts.items()}, alias_salt=salt)


def closing(reply: Sequence[Any]) -> Closing:
    """The answer of `close` and `extend`."""
    closed, ends_at_ms, sequence = reply
    return Closing(closed == "1", int(ends_at_ms), int(sequence))


def ranked_bids(flat: Sequence[str]) -> tuple[RankedBid, ...]:
    """Ranked bids from person, score, person, score …, in the same order."""
    return tuple(
        RankedBid(int(person), *rules.unscore(int(score))) for person, score in zip(flat[::2], flat[1::2], strict=True)
    )


def snapshot(auction_id: int, reply: Sequence[Any]) -> Snapshot:
    """The board of an auction."""
    _, term_pairs, numbers, now_ms, bidders, flat, *rows = reply
    sequence, recorded, version, ends_at_ms, stored, paused, last_outage, *stop = numbers
    edge_first, edge, at_line, bins = rows
    terms, state = terms_from(auction_id, term_pairs), State(stored)
    top, last_winner = ranked_bids(flat), next(iter(ranked_bids(at_line)), None)
    return Snapshot(
        terms=terms,
        state=rules.shown_state(state, terms, int(ends_at_ms), int(now_ms)),
        version=int(version),
        sequence=int(sequence),
        recorded=int(recorded),
        now_ms=int(now_ms),
        ends_at_ms=int(ends_at_ms),
        bidders=int(bidders),
        cutoff=last_winner.amount if last_winner else terms.minimum,
        best=rules.best(top),
        top=top,
        edge=OrderRows(int(edge_first), ranked_bids(edge)),
        last_winner=last_winner,
        histogram=tuple(Bin(int(lowest), int(bids)) for lowest, bids in zip(bins[::2], bins[1::2], strict=True)),
        paused=paused if state is State.OPEN else "",
        outage=outage_from(last_outage),
        stopped_ms=_moment(stop[0]),
        stopped_end_ms=_moment(stop[1]),
        last_ms=int(stop[2]),
    )


def _moment(text: str) -> int | None:
    return int(text) if text else None


def status(reply: Sequence[Any]) -> Status:
    """How an auction stands."""
    _, (sequence, recorded, version, ends_at_ms, stored, paused), now_ms, last_outage, closes_at_ms = reply
    state = State(stored)
    numbers = (int(sequence), int(recorded), int(version), int(now_ms), int(ends_at_ms))
    return Status(state, *numbers, paused if state is State.OPEN else "", outage_from(last_outage), int(closes_at_ms))


def readable_status(reply: Any) -> Status | None:
    """How an auction stands, None for an unknown one, or one whose keys hold something else than the scripts wrote."""
    if isinstance(reply, Exception) or reply[0] != "status":
        return None
    try:
        return status(reply)
    except (ValueError, TypeError):
        return None


def places(people: Sequence[int], reply: Sequence[Any]) -> dict[int, Place]:
    """Where these people rank."""
    _, seats, version, recorded, flat = reply
    answers = zip(people, flat[::3], flat[1::3], flat[2::3], strict=True)
    return {
        person: _place(person, (int(seats), int(version), int(recorded)), score, int(rank), int(used))
        for person, score, rank, used in answers
    }


def _place(person: int, auction: tuple[int, int, int], score: str, rank: int, used: int) -> Place:
    seats, version, recorded = auction
    amount, sequence = rules.unscore(int(score)) if score else (0, 0)
    return Place(
        person=person,
        version=version,
        sequence=sequence,
        amount=amount,
        rank=rank or None,
        winning=rules.is_winning(rank or None, seats),
        chances_left=rules.chances_left(used),
        recorded=0 < sequence <= recorded,
    )


# Restoring


def bid_arguments(entry: Entry, seats: int) -> tuple[str | int, ...]:
    """A bid as `restore_bids` takes it: person, score, nth, request id, remembered answer."""
    answer = answer_text(answer_of(entry, seats))
    return entry.person, rules.score(entry.amount, entry.sequence), entry.nth, entry.request_id, answer


def restore_arguments(restoration: Restoration, last_ms: int) -> tuple[str | int, ...]:
    """State and terms as `restore` takes them, after the identity of the store. `last_ms` is when the last bid came."""
    numbers = (restoration.sequence, restoration.version, restoration.ends_at_ms, last_ms)
    stopped = "" if restoration.stopped_ms is None else restoration.stopped_ms
    pause = (restoration.paused, stopped, outage_text(restoration.outage))
    return (*numbers, restoration.state.value, *pause, *terms_arguments(restoration.terms))
