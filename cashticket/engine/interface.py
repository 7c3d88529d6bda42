"""The verbs of an engine, with the values they return and what they raise.

An engine decides bids from the terms it was given at publishing and from the bids since then. It never reads the
ledger. Moments are milliseconds since 1970 UTC by the store's own clock; within one auction they never go back.
`now_ms` is for tests alone: product code leaves it None.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from cashticket.auction.terms import Terms
from cashticket.auction.values import Entry, Permission, PoisonEntry, State
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.errors import OutcomeUnknown, Paused, StoreUnavailable, UnknownAuction
from cashticket.engine.fair_engine import FairEngine
from cashticket.engine.one_store import StoreVerbs
from cashticket.engine.values import (
    BACKLOG_MAX,
    PLACES_MAX,
    ROWS_MAX,
    Beat,
    Closing,
    Decision,
    OnAccepted,
    OrderRows,
    Place,
    Restoration,
    Snapshot,
    StaleSession,
    Status,
    UnknownPerson,
    check_put_back,
    check_window,
)
from cashticket.engine.withdrawing import Withdrawal, WithdrawingEngine

__all__ = [
    "BACKLOG_MAX",
    "PLACES_MAX",
    "ROWS_MAX",
    "Beat",
    "Closing",
    "Decision",
    "Engine",
    "OnAccepted",
    "OrderRows",
    "OutcomeUnknown",
    "Paused",
    "Place",
    "Restoration",
    "Snapshot",
    "StaleSession",
    "Status",
    "StoreUnavailable",
    "UnknownAuction",
    "UnknownPerson",
    "Withdrawal",
    "check_put_back",
    "check_window",
]


class Engine(FairEngine, StoreVerbs, WithdrawingEngine, Protocol):
    """Every verb raises StoreUnavailable or OutcomeUnknown when the store fails, UnknownAuction where it says so."""

    def condition(self) -> StoreCondition:
        """Which process the store is, and whether its answers are on its disk; in one round trip."""

    def pulse(self) -> Pulse:
        """Which process answers now, and its clock; in one round trip."""

    def bids_in_flight(self) -> frozenset[object]:
        """A token for each call of `place_bid` that this process has begun and not ended; asks no store."""

    def clock(self) -> int:
        """The store's own time in ms, by which auctions open and close."""

    def open(self, terms: Terms) -> bool:
        """Publish an auction and put it on the live index. True when it is new, False when exactly these terms were
        published before. Raises ValueError when other terms were, or for a fault in them."""

    def extend(self, auction_id: int, closes_at_ms: int, soft_close_cap_ms: int | None = None) -> Closing:
        """Move the announced end later, and `ends_at` with it. A soft close may move it `soft_close_cap_ms` further,
        None for as far as before. Changes nothing when bidding is over or the moment is not later; while bidding is
        paused it is not over. Raises UnknownAuction."""

    def introduce(
        self,
        auction_id: int,
        person: int,
        permission: Permission,
        epoch: int,
        revision: int,
        *,
        is_change: bool = False,
    ) -> None:
        """Tell the auction a person's right to bid and session epoch. An older `revision` never replaces a newer one.
        `is_change`: this takes back what an earlier introduction allowed, so replicas must have it. Raises
        UnknownAuction."""

    def forget_people(self, auction_id: int) -> None:
        """Let the auction forget whom it was told of: each is a stranger until introduced again. Harmless for an
        auction that is not there."""

    def note_people_known(self, at_ms: int) -> None:
        """Keep that every auction has been told of all changes of people up to this moment of the tables."""

    def people_known_at(self) -> int | None:
        """The moment (ms) that `note_people_known` kept last, as far as this store remembers; None for none."""

    def place_bid(
        self,
        auction_id: int,
        person: int,
        epoch: int,
        amount: int,
        request_id: str,
        now_ms: int | None = None,
        *,
        sure: int | None = None,
    ) -> Decision:
        """Decide a bid in one round trip. `sure` is the amount as the person said it once more, None for not at all.
        Raises UnknownAuction, Paused."""

    def restore(self, restoration: Restoration) -> None:
        """Give the live store an auction that it lost. It stays unknown until the last step, so nothing is decided on
        half of it; a repeat starts anew. People are introduced when they come back. Raises ValueError when the store
        has the auction, unless no entry waits and bidding is over or paused for RESTORING: then it is replaced."""

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        """Give the auction back accepted bids that the store has lost, in sequence, as `place_bid` wrote them: number,
        moment and answer stay. Bids whose number the store has given are left out, so a repeat is harmless. No number
        up to `through` is given again. The end and the clock only move forward. False when the auction takes bids or
        bidding is over; nothing was changed then, unless bidding went on meanwhile. Raises UnknownAuction, ValueError
        for bids out of sequence."""

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        """The present board. Raises UnknownAuction."""

    def place(self, auction_id: int, person: int) -> Place:
        """Where a person ranks. Raises UnknownAuction."""

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        """Where these people rank, PLACES_MAX in one atomic step. Raises UnknownAuction."""

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        """The rows of the order from rank `first` on: `count` of them (at most ROWS_MAX), fewer or none at its end.
        Raises UnknownAuction, ValueError for a window out of bounds."""

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        """The rank (from 1) that a bid of `amount` by `person` would take now. Raises UnknownAuction."""

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """The version of each of these auctions that the engine has, in one round trip."""

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        """The status of each of these auctions that the engine has, in one round trip. One whose keys cannot be read is
        left out, as if it were unknown."""

    def auctions(self) -> list[int]:
        """Ids of all auctions on the live index: published and not finished, ascending. Whatever else stands there is
        left out; `strangers` returns it."""

    def strangers(self) -> list[str]:
        """Members of the live index that are no ids of auctions. Nobody of ours writes such."""

    def relist(self, auction_id: int) -> bool:
        """Put an auction that is not finished on the live index if it is missing there; returns whether it was. Raises
        UnknownAuction."""

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """The first `count` entries of the list, oldest first. They stay in it."""

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        """The `count` entries of the list before its newest `skip`, oldest first. They stay in it. Read from the newest
        on in steps, no entry is missed while others come and go; those that new ones push back are read twice."""

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """How many entries wait for the ledger, by auction, in one round trip."""

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Drop entries from the head up to `through_sequence` and mark them recorded; returns how many were dropped."""

    def discard(self, auction_id: int, raw: str) -> bool:
        """Drop the head entry if its text is exactly `raw`, which is quarantined already; returns whether it was."""

    def forget(self, auction_id: int) -> bool:
        """Remove every key of a finished auction; it is unknown from then on. Returns False, and changes nothing, while
        bidding is not over for good or entries wait for the ledger. True for an auction that is gone already."""

    def finish(self, auction_id: int, state: State) -> None:
        """After settlement or voiding: show that state from now on and take the auction off the live index. A voided
        auction stays voided, whoever comes last. Raises UnknownAuction, ValueError for a state that is no end."""
