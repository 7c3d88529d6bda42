"""The verbs of an engine and the values they return.

An engine decides bids from the terms it was given at publishing and from the bids since then. It never reads the
ledger. Moments are milliseconds since 1970 UTC by the store's own clock; within one auction they never go back.
`now_ms` is for tests alone: product code leaves it None.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cashticket.auction.boards import Bin
from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Entry, Permission, PoisonEntry, RankedBid, Refused, State
from cashticket.engine.condition import StoreCondition

BACKLOG_MAX = 200_000
"""Accepted bids of one auction that may wait for the ledger, unless an engine is given another number."""


class StoreUnavailable(Exception):
    """The live store cannot take the call now; nothing was changed. Doors answer 503 with Retry-After."""

    message_is_safe = True


class Paused(StoreUnavailable):
    """The auction takes no bids now; nothing was changed. `reason` is the argument of `pause`, or BACKLOG_FULL.
    Requests that were accepted before still get their answer."""

    def __init__(self, auction_id: int, reason: str) -> None:
        super().__init__(f"bidding in auction {auction_id} is paused: {reason}")
        self.reason = reason


class OutcomeUnknown(Exception):
    """The call was sent and no answer came: it may have happened. Doors answer 504; the same request is sent again."""

    message_is_safe = True


class UnknownAuction(Exception):
    """The engine was never given this auction, or has lost it."""

    message_is_safe = True


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """The auction does not know this person, or not this newer session: introduce the person, then call again."""


@dataclass(frozen=True, slots=True)
class StaleSession:
    """The session that sent the bid was ended elsewhere. The person must sign in again."""


Decision = Accepted | Refused | UnknownPerson | StaleSession
"""The answer to a bid."""


ROWS_MAX = 1_000
"""Rows of the order that one call reads at most, so that no script holds the store for long."""

PLACES_MAX = 500
"""People whose places one script reads. A longer list is read in several steps."""


@dataclass(frozen=True, slots=True)
class OrderRows:
    """Neighbouring rows of the order, best first. `first` is the rank of the first one, from 1."""

    first: int
    bids: tuple[RankedBid, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a board shows, at one version; its size does not grow with seats or bidders.

    `top` are the best bids, at most TOP_ROWS and only winning ones; `edge` are the rows around the cut-off line,
    winning or not. `last_winner` is the bid at place N, None while fewer than N people have bid. `histogram` counts
    the standing bids by amount, lowest bin first. `paused` is the reason why no bids are taken although bidding is not
    over, '' when they are taken."""

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
    top: tuple[RankedBid, ...] = ()
    edge: OrderRows = OrderRows(1, ())
    last_winner: RankedBid | None = None
    histogram: tuple[Bin, ...] = ()
    paused: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one person ranks now. A person without a bid has sequence 0, amount 0 and rank None."""

    person: int
    version: int
    sequence: int
    amount: int
    rank: int | None
    winning: bool
    chances_left: int
    recorded: bool


@dataclass(frozen=True, slots=True)
class Status:
    """How an auction stands, without its bids. `state` is the stored one: OPEN from publishing until bidding was
    closed. `paused` is the reason why no bids are taken although it is OPEN, '' when they are."""

    state: State
    sequence: int
    recorded: int
    version: int
    now_ms: int
    ends_at_ms: int
    paused: str


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether bidding is over, the end in force, and the last sequence given."""

    closed: bool
    ends_at_ms: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Restoration:
    """An auction as the ledger has it, for a live store that lost it. `bids` are all of them, in sequence; `sequence`
    is the last number that may have been given, recorded or not; `version` is above any that was ever shown."""

    terms: Terms
    bids: Sequence[Entry]
    sequence: int
    ends_at_ms: int
    version: int
    state: State = State.OPEN
    paused: str = ""


def check_window(first: int, count: int) -> None:
    """Raises ValueError for a window of the order that no engine reads."""
    if first < 1 or not 1 <= count <= ROWS_MAX:
        raise ValueError(f"rows are read from rank 1 on and at most {ROWS_MAX} at once, not {count} from {first}")


class Engine(Protocol):
    """Every verb raises StoreUnavailable or OutcomeUnknown when the store fails, UnknownAuction where it says so."""

    def condition(self) -> StoreCondition:
        """Which process the store is, and whether its answers are on its disk; in one round trip."""

    def clock(self) -> int:
        """The store's own time in ms, by which auctions open and close."""

    def open(self, terms: Terms) -> bool:
        """Publish an auction. True when it is new, False when exactly these terms were published before. Raises
        ValueError when other terms were, or for a fault in them."""

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        """Move the announced end later, and `ends_at` with it. Changes nothing when bidding is over or the moment is
        not later; while bidding is paused it is not over. Raises UnknownAuction."""

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        """Tell the auction a person's right to bid and session epoch. An older `revision` never replaces a newer one.
        Raises UnknownAuction."""

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        """Decide a bid in one round trip. Raises UnknownAuction, Paused."""

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        """Take no bids until resumed. False, and nothing changed, when bidding is over or paused for another reason
        than `instead_of`: only its own reason ends a pause. Raises UnknownAuction, ValueError without a reason."""

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        """Take bids again, if paused for exactly this reason; returns whether it was. `checked_on` is the identity
        (StoreCondition) of the process on which the auction was found sound, '' for the one that answers. On any other
        process the auction is paused as RESTARTED. Raises UnknownAuction."""

    def restore(self, restoration: Restoration) -> None:
        """Give the live store an auction that it lost. It stays unknown until the last step, so nothing is decided on
        half of it; a repeat starts anew. People are introduced when they come back. Raises ValueError when the store
        has the auction, unless no entry waits and bidding is over or paused for RESTORING: then it is replaced."""

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
        """The status of each of these auctions that the engine has, in one round trip."""

    def auctions(self) -> list[int]:
        """Ids of all auctions that were published and are not finished, ascending."""

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        """End bidding if `ends_at` has come and it is not paused. Repeating changes nothing. Raises UnknownAuction."""

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
        """After settlement or voiding: show that state from now on and take the auction off the live index. Raises
        UnknownAuction, ValueError for a state that is no end."""
