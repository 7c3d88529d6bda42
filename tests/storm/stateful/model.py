"""Model of one auction for the state machine: what each of both stores holds, by the oracle's rules.

Work that may die is a series of happenings: a name, and a function that changes the model at once. The function returns
False if nothing happens; then nobody dies after it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lab.evidence import BidRow
from lab.oracle.bidding import (
    CHANCES,
    WITHDRAWN,
    Ranked,
    Ranking,
    amount_faults,
    final_order,
    is_far_above,
    moved_end,
)

Outage = tuple[int, int, int, int, str]
"""When it began and ended, the end in force before and after it, and the reason of the pause."""

HERE, BEFORE = "here", "before"

Happening = tuple[str, Callable[[], object]]


class Stops(Exception):
    """The work cannot go on. The text is the reason."""


def dies(happenings: Iterable[Happening], death: tuple[str, str] | None) -> bool:
    """Let the happenings come about until `death`, (name, when). Returns whether it came to that.

    Work that dies inside a happening has not done it.
    """
    for name, happen in happenings:
        if death in ((name, "before"), (name, "inside")):
            return True
        done = happen()
        if done is not False and death == (name, "after"):
            return True
    return False


def goes_through(happenings: Iterable[Happening]) -> bool:
    """Let the happenings come about. Returns whether nothing stopped them."""
    try:
        return not dies(happenings, None)
    except Stops:
        return False


@dataclass
class ModelAuction:
    """One auction. `in_store` to `permissions` are what the live store holds (`waiting`: its list of bids);
    `recorded`, `mark`, `gaps` and `ledger_…` are what the ledger holds. `witnessed` are the bids that witnesses heard
    of, recorded ones too; `accounted_on` is on which process (HERE, BEFORE, '' for none) it was accounted for, and
    `is_covered` says whether somebody witnessed BEFORE."""

    id: int
    seats: int
    minimum: int
    step: int
    maximum: int
    opens: int
    closes: int
    soft: int
    cap: int
    uniform: bool
    backlog_max: int
    ends: int = 0
    in_store: bool = True
    state: str = "open"
    paused: str = ""
    stopped: int | None = None
    stopped_end: int | None = None
    outages: list[Outage] = field(default_factory=list)
    last: int = 0
    sequence: int = 0
    shown: int = 0
    bids: list[BidRow] = field(default_factory=list)
    waiting: list[BidRow] = field(default_factory=list)
    permissions: dict[int, bool] = field(default_factory=dict)
    recorded: list[BidRow] = field(default_factory=list)
    mark: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    ledger_state: str = "open"
    ledger_closes: int = 0
    ledger_ends: int = 0
    ledger_outages: list[Outage] = field(default_factory=list)
    witnessed: dict[int, BidRow] = field(default_factory=dict)
    accounted_on: str = ""
    is_covered: bool = False
    is_operators: bool = False

    def __post_init__(self) -> None:
        self.ends = self.ledger_closes = self.ledger_ends = self.closes

    # Bidding

    def used(self, person: int) -> int:
        return max((row.nth for row in self.bids if row.person == person), default=0)

    def own(self, person: int) -> int | None:
        newest = next((row for row in reversed(self.bids) if row.person == person), None)
        return newest.amount if newest and newest.nth != WITHDRAWN else None

    def bid(self, person: int, amount: int, request: str, now: int, *, sure: bool) -> tuple[str, BidRow | str | None]:
        """Kind of the answer, and the accepted bid or the reason."""
        if not self.in_store:
            return "unknown", None
        for row in self.bids:
            if (row.person, row.request_id) == (person, request):
                return ("replayed", row) if row.amount == amount else ("refused", "request_reused")
        if person not in self.permissions:
            return "stranger", None
        if not self.permissions[person]:
            return "refused", "blocked"
        if self.paused and self.state == "open":
            return "paused", self.paused
        if reason := self.refusal(person, amount, max(now, self.last), sure=sure):
            return "refused", reason
        if len(self.waiting) >= self.backlog_max:
            return "paused", "backlog"
        return "accepted", self.accept(person, amount, request, max(now, self.last))

    def refusal(self, person: int, amount: int, now: int, *, sure: bool) -> str:
        """The first reason to refuse this bid by somebody who may bid; '' when it is accepted."""
        if now < self.opens:
            return "not_open"
        if self.state != "open" or now >= self.ends:
            return "closed"
        if self.used(person) >= CHANCES:
            return "no_chances_left"
        faults = amount_faults(amount, minimum=self.minimum, step=self.step, maximum=self.maximum, own=self.own(person))
        far_above = not sure and is_far_above(amount, self.ranking().cutoff())
        return faults[0] if faults else "far_above" * far_above

    def ranking(self) -> Ranking:
        ranking = Ranking(self.seats, self.minimum)
        for row in self.bids:
            # A store that lost bids may know a person's second without the first, so each is counted by its number.
            if row.nth == WITHDRAWN:
                ranking.withdraw(row.person)
            else:
                ranking.accept(row.person, row.amount, row.sequence, row.nth)
        return ranking

    def withdraw(self, person: int, now: int) -> tuple[str, BidRow | str | None]:
        """Kind of the answer, and the entry of the withdrawal."""
        if not self.in_store:
            return "unknown", None
        if self.paused and self.state == "open":
            return "paused", self.paused
        if self.is_over(now):
            return "refused", "closed"
        amount, gone = self.own(person), self.ranking().withdraw(person)
        if amount is None or gone is None:
            return "nothing", None
        self.sequence, self.last = self.sequence + 1, max(now, self.last)
        moments = (self.last, self.ends)
        row = BidRow(
            self.sequence, person, WITHDRAWN, amount, *moments, "", gone.rank, gone.cutoff, gone.brought_in, alert=False
        )
        self.bids.append(row)
        self.waiting.append(row)
        self.witnessed[row.sequence] = row
        return "withdrawn", row

    def accept(self, person: int, amount: int, request: str, now: int) -> BidRow:
        ranking = self.ranking()
        self.sequence, self.last = self.sequence + 1, now
        nth = self.used(person) + 1
        effect = ranking.accept(person, amount, self.sequence, nth)
        if effect.enters:
            self.ends = moved_end(self.ends, now, soft_close=self.soft, latest=self.closes + self.cap)
        row = BidRow(
            sequence=self.sequence,
            person=person,
            nth=nth,
            amount=amount,
            at_ms=now,
            ends_at_ms=self.ends,
            request_id=request,
            rank=effect.rank,
            cutoff=effect.cutoff,
            displaced=effect.displaced,
            alert=effect.alert,
        )
        self.bids.append(row)
        self.waiting.append(row)
        self.witnessed[row.sequence] = row
        return row

    def final_order(self) -> list[Ranked]:
        """The order of the recorded bids, best first."""
        return final_order(self.recorded)

    def is_over(self, now: int) -> bool:
        return self.state != "open" or max(now, self.last) >= self.ends

    # Recording

    def recording(self, batch: int) -> Iterator[Happening]:
        """One round of recording."""
        yield "peek", lambda: None
        taken = self.waiting[:batch]
        if not taken:
            return
        new = [row for row in taken if row.sequence > self.mark]
        if new and new[0].sequence != self.mark + 1:
            raise Stops("gap")
        if new:
            yield "record", lambda: self.record(new)
        yield "trim", lambda: self.trim(self.mark)

    def recording_all(self) -> Iterator[Happening]:
        while self.waiting:
            yield from self.recording(1000)
        yield "peek", lambda: None

    def record(self, rows: list[BidRow]) -> None:
        self.recorded += rows
        self.mark = rows[-1].sequence
        self.ledger_ends = max(self.ledger_ends, *(row.ends_at_ms for row in rows))

    def trim(self, through: int) -> None:
        self.waiting = [row for row in self.waiting if row.sequence > through]
        self.shown = max(self.shown, min(through, self.sequence))

    # Operators and losses

    def extending(self, closes: int, deadline: int, now: int) -> Iterator[Happening]:
        if self.ledger_state != "open" or not self.ledger_closes < closes <= deadline:
            raise Stops("refused")
        if not self.in_store:
            yield "extend", lambda: False
            raise Stops("unknown")
        over = self.state != "open" or (self.is_over(now) and not self.paused)
        yield "extend", lambda: None if over else self.extend(closes)
        if over:
            raise Stops("refused")
        yield "announce", lambda: self.announce(closes)

    def extend(self, closes: int) -> None:
        if closes > self.closes:
            if self.paused and self.stopped_end is None:
                self.stopped_end = self.ends
            self.closes, self.ends = closes, max(self.ends, closes)

    def announce(self, closes: int) -> None:
        # A store that went back to an older copy may end earlier than the ledger says until it takes bids again.
        self.ledger_closes, self.ledger_ends = closes, max(self.ledger_ends, self.ends)

    def forget(self, *, waiting: bool) -> None:
        """The live store loses the auction, with or without the bids that wait."""
        self.in_store, self.bids, self.permissions, self.state, self.paused = False, [], {}, "open", ""
        self.stopped, self.stopped_end, self.outages = None, None, []
        if waiting:
            self.waiting = []
