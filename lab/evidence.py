"""Evidence of a run: what clients saw, and the final state of every auction in both stores.

Plain rows and numbers without any rule of the product; checkers judge them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lab.history import Operation, Request, requests


@dataclass(slots=True)
class BidRow:
    """A recorded bid."""

    sequence: int
    person: int
    nth: int
    amount: int
    at_ms: int
    ends_at_ms: int
    request_id: str
    rank: int
    cutoff: int
    displaced: int | None
    alert: bool


@dataclass(slots=True)
class AwardRow:
    """An award. `previous` is the award whose seat it took over, None when it was won."""

    id: int
    seat: int
    person: int
    price: int
    state: str
    previous: int | None = None


@dataclass(slots=True)
class Ending:
    """One auction at rest.

    `rows` has the withdrawals among the bids. `order` is the live store's (person, amount, sequence), best first,
    `chances` what it counts as used by each person.
    `quarantined` and `given_up` are sequence numbers without a recorded bid. `alerts` are rank-out notices as (person,
    sequence), `events` the history of the seats as (number, award id, state). `barred` and `passed_over` are people;
    `barred_at_settlement` are those who were barred when it was settled, `left` those who have left the line.
    `handing_over` is False once no time is left for offers, and while the line is paused. `outages` has for each time
    given back when it ended and the ends before and after it (ms).
    """

    auction: int
    concert: int
    seats: int
    minimum: int
    step: int
    maximum: int
    opens_at_ms: int
    latest_end_ms: int
    ends_at_ms: int
    sequence: int
    recorded: int
    backlog: int
    rows: list[BidRow]
    order: list[tuple[int, int, int]]
    chances: dict[int, int]
    state: str = "open"
    pricing: str = "pay_as_bid"
    final_sequence: int | None = None
    quarantined: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    alerts: list[tuple[int, int]] = field(default_factory=list)
    seat_numbers: list[int] = field(default_factory=list)
    award_rows: list[AwardRow] = field(default_factory=list)
    events: list[tuple[int, int, str]] = field(default_factory=list)
    barred: set[int] = field(default_factory=set)
    barred_at_settlement: set[int] = field(default_factory=set)
    passed_over: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    handing_over: bool = True
    outages: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def bids(self) -> list[BidRow]:
        """The rows without the withdrawals."""
        return [row for row in self.rows if row.nth]


@dataclass
class Evidence:
    """What clients saw during a run, and how every auction ended."""

    operations: Sequence[Operation]
    endings: list[Ending]

    @cached_property
    def requests(self) -> list[Request]:
        return list(requests(self.operations).values())

    @cached_property
    def by_auction(self) -> dict[int, Ending]:
        return {ending.auction: ending for ending in self.endings}

    def all_of(self, what: str) -> list[Operation]:
        return [operation for operation in self.operations if operation.what == what]
