"""The values that an engine takes and returns, and the bounds of its calls. Moments are ms since 1970 UTC."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cashticket.auction.boards import Bin
from cashticket.auction.outages import Outage, Silence
from cashticket.auction.terms import Terms
from cashticket.auction.values import SEQUENCE_MAX, Accepted, Entry, RankedBid, Refused, State

BACKLOG_MAX = 200_000
"""Accepted bids of one auction that may wait for the ledger, unless an engine is given another number."""


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """The auction does not know this person, or not this newer session: introduce the person, then call again."""


@dataclass(frozen=True, slots=True)
class StaleSession:
    """The session that sent the bid was ended elsewhere. The person must sign in again."""


Decision = Accepted | Refused | UnknownPerson | StaleSession
"""The answer to a bid."""


OnAccepted = Callable[[int, Entry], None]
"""Is called with the auction and the entry of each accepted bid and each withdrawal before its answer is returned. Must
neither wait nor raise. The entry of a repeated request is made from its remembered answer, which does not say who was
displaced."""

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
    over, '' when they are taken. Then `stopped_ms` is since when, where the store has noted it, and `stopped_end_ms`
    the end in force before an operator moved it meanwhile. `outage` is the last one whose time was given back, None
    before the first. `last_ms` is when the last bid came."""

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
    outage: Outage | None = None
    stopped_ms: int | None = None
    stopped_end_ms: int | None = None
    last_ms: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether bidding has begun and is not over: while it is paused, an end that has passed is not the end."""
        return self.state is State.OPEN or (self.state is State.CLOSING and bool(self.paused))


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
    closed. `paused` is the reason why no bids are taken although it is OPEN, '' when they are. `outage` is the last one
    whose time was given back, None before the first; its number counts them."""

    state: State
    sequence: int
    recorded: int
    version: int
    now_ms: int
    ends_at_ms: int
    paused: str
    outage: Outage | None
    closes_at_ms: int


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether bidding is over, the end in force, and the last sequence given."""

    closed: bool
    ends_at_ms: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The store's time, when it is known to have taken orders, and its last silences, oldest first.

    `is_doubtful`: there was no beat for a while, and nobody has said yet what that time was.
    """

    now_ms: int
    taken_ms: int
    silences: tuple[Silence, ...] = ()
    is_doubtful: bool = False

    def of(self, auction_id: int) -> "Beat":
        """The beat of the process that decides this auction: of the one that there is, unless it is a cluster."""
        return self


@dataclass(frozen=True, slots=True)
class Restoration:
    """An auction as the ledger has it, for a live store that lost it. `bids` are all of them, in sequence, and are gone
    through once; `sequence` is the last number that may have been given, recorded or not; `version` is above any that
    was ever shown. `stopped_ms` is since when no bids are taken, None if not known; `outage` is the last one."""

    terms: Terms
    bids: Iterable[Entry]
    sequence: int
    ends_at_ms: int
    version: int
    state: State = State.OPEN
    paused: str = ""
    stopped_ms: int | None = None
    outage: Outage | None = None


def check_window(first: int, count: int) -> None:
    """Raises ValueError for a window of the order that no engine reads."""
    if first < 1 or not 1 <= count <= ROWS_MAX:
        raise ValueError(f"rows are read from rank 1 on and at most {ROWS_MAX} at once, not {count} from {first}")


def check_put_back(entries: Sequence[Entry], through: int) -> None:
    """Raises ValueError for bids out of sequence, or a last number below them or above any that can be given."""
    numbers = [entry.sequence for entry in entries]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise ValueError("bids are put back in sequence, each number once")
    if not (numbers[-1] if numbers else 0) <= through <= SEQUENCE_MAX:
        raise ValueError(f"numbers are given up to {SEQUENCE_MAX} and at least to the last bid, not to {through}")
