"""The values of the law: bids, answers, entries and the states things can be in.

Money is whole won. Moments are whole milliseconds since 1970 UTC and end in `_ms`.
A person is an integer id; the law knows no names.
"""

from dataclasses import dataclass
from enum import StrEnum

CHANCES = 3
"""Accepted bids one person may have in one auction, the first included."""

FAR_ABOVE = 10
"""A bid above so many times the cut-off counts only when its amount is said once more."""

SEQUENCE_BITS = 22
SEQUENCE_MAX: int = 2**SEQUENCE_BITS - 1
"""The last sequence number that an auction can give: 4 194 303."""

AMOUNT_MAX: int = 2**31 - 1
"""The highest amount in won: with it, amount and sequence still fit exactly into one score."""


class Reason(StrEnum):
    """Why a bid was refused. A refusal costs nothing."""

    BELOW_MINIMUM = "below_minimum"
    NOT_A_STEP = "not_a_step"
    NOT_ABOVE_OWN = "not_above_own"
    NO_CHANCES_LEFT = "no_chances_left"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    TOO_HIGH = "too_high"
    FAR_ABOVE = "far_above"
    FULL = "full"
    BLOCKED = "blocked"
    NOT_VERIFIED = "not_verified"
    REQUEST_REUSED = "request_reused"


class Permission(StrEnum):
    """A person's right to bid, as an auction was told it."""

    OK = "ok"
    UNVERIFIED = "unverified"
    BLOCKED = "blocked"


class State(StrEnum):
    """The state of an auction. Scheduled and open differ only by the clock."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSING = "closing"
    SETTLED = "settled"
    VOIDED = "voided"

    @property
    def is_end(self) -> bool:
        """Whether the auction was settled or voided: no other state follows."""
        return self in (State.SETTLED, State.VOIDED)


UNFINISHED_STATES = (State.OPEN, State.CLOSING)
"""The states of an auction that is neither settled nor voided, as the ledger stores them: it never has SCHEDULED."""


class NoticeKind(StrEnum):
    """What a notice tells one person: about one auction, or about the account."""

    WON = "won"
    NOT_WON = "not_won"
    PASSED_OVER = "passed_over"
    OFFERED = "offered"
    LAPSED = "lapsed"
    VOIDED = "voided"
    REVOKED = "revoked"
    BOUGHT = "bought"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    RANK_OUT = "rank_out"
    BID_GIVEN_UP = "bid_given_up"
    AUCTION_REMINDER = "auction_reminder"
    RIGHT_REMINDER = "right_reminder"
    MOVED_UP = "moved_up"
    MOVED_IN = "moved_in"
    LEFT = "left"
    NEW_BROWSER = "new_browser"

    @property
    def is_mailed_at_once(self) -> bool:
        """False for displacements, mailed only to people who have no page open, and for new browsers, of which an
        account mail tells."""
        return self not in (NoticeKind.RANK_OUT, NoticeKind.NEW_BROWSER)


class Pricing(StrEnum):
    """What winners pay: each their own bid, or all the lowest winning bid."""

    PAY_AS_BID = "pay_as_bid"
    UNIFORM = "uniform"


class AwardState(StrEnum):
    """OFFERED and BOUGHT are live. In any other state the award has freed its seat for good."""

    OFFERED = "offered"
    BOUGHT = "bought"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    VOIDED = "voided"


LIVE_AWARD_STATES = (AwardState.OFFERED, AwardState.BOUGHT)
"""The states in which an award holds its seat."""


@dataclass(frozen=True, slots=True)
class Bid:
    """An accepted bid: the `nth` (1–3) of `person`, with number `sequence` in its auction."""

    sequence: int
    person: int
    nth: int
    amount: int
    at_ms: int
    request_id: str


@dataclass(frozen=True, slots=True)
class RankedBid:
    """A person's newest bid, the only one that ranks."""

    person: int
    amount: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to an accepted bid. A repeated request gets it again, with `replayed` True."""

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
    """The answer to a refused bid. `chances_left` is None for a person who may not bid at all."""

    reason: Reason
    chances_left: int | None = None


@dataclass(frozen=True, slots=True)
class RankedOut:
    """The person displaced from place N to N+1. `alert` is False once that person's chances are used up."""

    person: int
    alert: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted bid on its way to the ledger, with everything the live store decided about it; or with `nth` 0 a
    withdrawal (`withdrawals`)."""

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
