"""The words of the law, as frozen values.

Money is whole won. Moments are whole milliseconds since 1970 UTC and end in `_ms`.
A *person* is an integer id; names never enter this room.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

CHANCES = 3
"""Accepted bids one person may have in one auction, the first included."""

SEQUENCE_BITS = 22
SEQUENCE_MAX: int = 2**SEQUENCE_BITS - 1
"""The last sequence number an auction can give: 4 194 303."""

AMOUNT_MAX: int = 2**31 - 1
"""The highest amount in won that still orders exactly together with its sequence."""

SOFT_CLOSE_MS, SOFT_CLOSE_CAP_MS = 120_000, 1_800_000
"""The soft close of an auction that is published without its own."""

TERMS_BOUNDS: dict[str, tuple[int, int]] = {
    "seats": (1, 10_000),
    "minimum": (0, AMOUNT_MAX),
    "step": (1, AMOUNT_MAX),
    "soft_close_ms": (0, 86_400_000),
    "soft_close_cap_ms": (0, 7 * 86_400_000),
}
"""The lowest and the highest value allowed for each number of the terms."""


class Reason(StrEnum):
    """Why a bid was refused. A refusal costs nothing."""

    BELOW_MINIMUM = "below_minimum"
    NOT_A_STEP = "not_a_step"
    NOT_ABOVE_OWN = "not_above_own"
    NO_CHANCES_LEFT = "no_chances_left"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    TOO_HIGH = "too_high"
    FULL = "full"
    BLOCKED = "blocked"
    NOT_VERIFIED = "not_verified"
    REQUEST_REUSED = "request_reused"


class Permission(StrEnum):
    """What an auction knows of a person's right to bid."""

    OK = "ok"
    UNVERIFIED = "unverified"
    BLOCKED = "blocked"


class State(StrEnum):
    """Where an auction stands. Scheduled and open differ only by the clock."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSING = "closing"
    SETTLED = "settled"
    VOIDED = "voided"

    @property
    def is_end(self) -> bool:
        """Whether nothing follows: the auction was settled or voided."""
        return self in (State.SETTLED, State.VOIDED)


UNFINISHED_STATES = (State.OPEN, State.CLOSING)
"""The states in the ledger of an auction that is neither settled nor voided. The ledger never says `scheduled`."""


class NoticeKind(StrEnum):
    """What a notice tells one person about one auction."""

    WON = "won"
    NOT_WON = "not_won"
    PASSED_OVER = "passed_over"
    OFFERED = "offered"
    LAPSED = "lapsed"
    VOIDED = "voided"
    RANK_OUT = "rank_out"

    @property
    def is_mailed_at_once(self) -> bool:
        """False for displacements: they are mailed only to people who have no page open."""
        return self is not NoticeKind.RANK_OUT


class Pricing(StrEnum):
    """What winners pay: each their own bid, or all the lowest winning bid."""

    PAY_AS_BID = "pay_as_bid"
    UNIFORM = "uniform"


class AwardState(StrEnum):
    """OFFERED and BOUGHT are live; the others have freed the seat for good."""

    OFFERED = "offered"
    BOUGHT = "bought"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    VOIDED = "voided"


LIVE_AWARD_STATES = (AwardState.OFFERED, AwardState.BOUGHT)
"""The states in which an award holds its seat."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was announced when the auction was published. Frozen, but for `closes_at_ms` (extended by an operator)."""

    auction_id: int
    seats: int
    minimum: int
    step: int
    opens_at_ms: int
    closes_at_ms: int
    soft_close_ms: int = SOFT_CLOSE_MS
    soft_close_cap_ms: int = SOFT_CLOSE_CAP_MS
    alias_salt: str = ""


TERMS_FIELDS = tuple(field.name for field in fields(Terms) if field.name != "auction_id")
"""The fields of Terms in the order in which the live store's scripts take and return them."""


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted bid: the `nth` (1–3) of `person`, the `sequence`-th of its auction."""

    sequence: int
    person: int
    nth: int
    amount: int
    at_ms: int
    request_id: str


@dataclass(frozen=True, slots=True)
class RankedBid:
    """One person's newest bid, the only one that ranks."""

    person: int
    amount: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to an accepted bid, the same again for every replay of its request."""

    sequence: int
    nth: int
    amount: int
    rank: int
    winning: bool
    chances_left: int
    cutoff: int
    at_ms: int
    ends_at_ms: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a refused bid. `chances_left` is None for somebody the auction does not let bid at all."""

    reason: Reason
    chances_left: int | None = None


@dataclass(frozen=True, slots=True)
class RankedOut:
    """Who was pushed from place N to N+1. `alert` is False once that person's chances are used up."""

    person: int
    alert: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted bid as the list hands it to the ledger; what the live store knew of it, the ledger knows."""

    sequence: int
    person: int
    nth: int
    amount: int
    at_ms: int
    request_id: str
    ends_at_ms: int
    rank: int
    cutoff: int
    displaced: int | None
    alert: bool


@dataclass(frozen=True, slots=True)
class PoisonEntry:
    """A list entry that cannot be read as a bid, with its text and the reason."""

    raw: str
    reason: str
