"""The verbs of an engine and the shapes it answers in.

An engine decides bids from the terms given to it at publishing and from what was bid since. It never reads
the ledger. Moments are milliseconds since 1970 UTC by the store's own clock, clamped so that it never runs
backwards within one auction. `now_ms` is for tests alone: product code leaves it None.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cashticket.auction.values import (
    Accepted,
    Entry,
    Permission,
    PoisonEntry,
    RankedBid,
    Refused,
    State,
    Terms,
)
from cashticket.engine.condition import StoreCondition


class StoreUnavailable(Exception):
    """The live store cannot take the call now; nothing was changed. Doors answer 503 with Retry-After."""


class Paused(StoreUnavailable):
    """Bids are not taken now, because they could not be kept or the auction is being checked; nothing was changed.
    `reason` is what `pause` was told, or BACKLOG_FULL. Requests that were accepted before are still answered."""

    def __init__(self, auction_id: int, reason: str) -> None:
        super().__init__(f"bidding in auction {auction_id} is paused: {reason}")
        self.reason = reason


class OutcomeUnknown(Exception):
    """The call was sent and no answer came: it may have happened. Doors answer 504; the same request is sent again."""


class UnknownAuction(Exception):
    """The engine was never given this auction, or has lost it."""


BACKLOG_FULL = "backlog"
"""The reason given while more accepted bids wait for the ledger than may wait."""

RESTORING = "restoring"
"""The reason for which an auction is paused that is about to be replaced by what the ledger has."""

RESTARTED, UNSOUND, DISK_FULL, NOT_WRITING = "restarted", "unsound", "disk", "not_writing"
"""Why an auction is paused until the watch lets it go on: another process of the store answers than the one on which it
was published or last found sound, which every bid notices itself; the check found a fault; a disk is nearly full; the
store cannot write its log."""

OPERATOR, OVERDUE = "operator", "overdue"
"""Pauses that only an operator ends: their own, and that of an auction whose end came while nobody could bid."""

BACKLOG_MAX = 200_000
"""Accepted bids of one auction that may wait for the ledger, unless an engine is told otherwise."""


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """The auction does not know this person (or this newer session): introduce, then call again."""


@dataclass(frozen=True, slots=True)
class StaleSession:
    """The session that sent the bid was ended elsewhere: sign in again."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a board shows, at one version. `leaders` are the best N standings in order, rank 1 first. `paused`
    is the reason why no bids are taken although bidding is not over, '' when they are."""

    terms: Terms
    state: State
    version: int
    sequence: int
    recorded: int
    now_ms: int
    ends_at_ms: int
    bidders: int
    cutoff: int
    best: int | None
    leaders: tuple[RankedBid, ...]
    paused: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one person stands now. A person without a bid has sequence 0, amount 0 and rank None."""

    person: int
    version: int
    sequence: int
    amount: int
    rank: int | None
    winning: bool
    chances_left: int
    recorded: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """Answer of `close`: whether bidding is over, the end in force, and the last sequence given."""

    closed: bool
    ends_at_ms: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Restoration:
    """An auction as the ledger has it, for a live store that lost it. `bids` are all of them, in sequence; `sequence`
    is the last number that may have been given, known or not, and `version` is above any that was ever shown."""

    terms: Terms
    bids: Sequence[Entry]
    sequence: int
    ends_at_ms: int
    version: int
    state: State = State.OPEN
    paused: str = ""


class Engine(Protocol):
    """Every verb raises StoreUnavailable or OutcomeUnknown when the store fails, UnknownAuction where said."""

    def condition(self) -> StoreCondition:
        """Which process the store is, and whether what it answers is on its disk; in one round trip."""

    def clock(self) -> int:
        """The store's own time, by which auctions open and close."""

    def open(self, terms: Terms) -> bool:
        """Publish. True when new, False when exactly these terms stand already; ValueError when others do."""

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        """Move the announced end later (and `ends_at` with it). Answers the end in force; changes nothing
        when bidding is over or the moment is not later. While bidding is paused it is not over. Raises
        UnknownAuction."""

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        """Tell the auction of a person's right to bid and session epoch. An older `revision` never replaces a
        newer one. Raises UnknownAuction."""

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Accepted | Refused | UnknownPerson | StaleSession:
        """Decide a bid in one round trip. Raises UnknownAuction, Paused."""

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        """Take no bids until resumed. Changes nothing, and answers False, when bidding is over or paused for anything
        but `instead_of`: who paused an auction decides when it goes on. Raises UnknownAuction."""

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        """Take bids again, if paused for exactly this reason; whether that was so. `checked_on` is the identity of the
        process (StoreCondition) on which the auction was found sound, '' for the one that answers: on any other it is
        RESTARTED. Raises UnknownAuction."""

    def restore(self, restoration: Restoration) -> None:
        """Give the live store an auction that it lost. Until the last step it stays unknown, so nothing is decided on
        half of it; a repeat begins anew. People are introduced when they come. ValueError when the store has it,
        unless bidding is over or paused for RESTORING, with nothing waiting: then it is replaced."""

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        """The present board. Raises UnknownAuction."""

    def place(self, auction_id: int, person: int) -> Place:
        """Where a person stands. Raises UnknownAuction."""

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        """The rank (from 1) that a bid of `amount` by `person` would take now. Raises UnknownAuction."""

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """The version of each auction the engine knows, in one round trip."""

    def auctions(self) -> list[int]:
        """Ids of all auctions given to the engine and not finished, ascending."""

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        """End bidding if `ends_at` has come and it is not paused. Repeating changes nothing. Raises UnknownAuction."""

    def order(self, auction_id: int) -> list[RankedBid]:
        """All standings, best first. Raises UnknownAuction."""

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """The oldest `count` entries not yet acknowledged, oldest first, left in place."""

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """How many entries wait for the ledger, by auction, in one round trip."""

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Drop entries from the head up to `through_sequence`, mark them recorded, say how many were dropped."""

    def discard(self, auction_id: int, raw: str) -> bool:
        """Drop the head entry if it is exactly `raw` (poison already set aside)."""

    def finish(self, auction_id: int, state: State) -> None:
        """After settlement or voiding: show that state, serve the auction to readers, take it off the live index.
        Raises UnknownAuction."""
