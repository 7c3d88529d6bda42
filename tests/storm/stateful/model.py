"""What an auction is while bidding goes on, told once more for the state machine: plain lists and counting, nothing of
the product's law, and what each of the stores then has. Moments are whole milliseconds, money is whole won.

Work that may die on its way is a series of happenings: a name, and what it changes in one stroke; False when it comes
to nothing, so that nobody dies after it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lab.evidence import Row

HIGHEST = 2_147_483_647
CHANCES = 3

Happening = tuple[str, Callable[[], object]]


class Stops(Exception):
    """The work cannot go on, for this reason."""


def dies(happenings: Iterable[Happening], death: tuple[str, str] | None) -> bool:
    """Let it happen until `death`, (name, when); whether it came to that. Whoever dies inside of something has not
    done it."""
    for name, happen in happenings:
        if death in ((name, "before"), (name, "inside")):
            return True
        done = happen()
        if done is not False and death == (name, "after"):
            return True
    return False


def newest(rows: Iterable[Row]) -> list[Row]:
    """The last bid of each person, best first: found one by one."""
    last: dict[int, Row] = {}
    for row in rows:
        last[row.person] = row
    left, found = list(last.values()), []
    while left:
        best = left[0]
        for each in left:
            if each.amount > best.amount or (each.amount == best.amount and each.sequence < best.sequence):
                best = each
        left.remove(best)
        found.append(best)
    return found


@dataclass
class Sale:
    """One auction. `known`, `bids`, `waiting` (the list) and what follows are the live store's; `ledger_…`, `recorded`,
    `mark` and `gaps` the ledger's."""

    id: int
    seats: int
    minimum: int
    step: int
    opens: int
    closes: int
    soft: int
    cap: int
    uniform: bool
    most: int
    ends: int = 0
    known: bool = True
    state: str = "open"
    paused: str = ""
    last: int = 0
    sequence: int = 0
    shown: int = 0
    bids: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    met: dict[int, bool] = field(default_factory=dict)
    recorded: list[Row] = field(default_factory=list)
    mark: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    ledger_state: str = "open"
    ledger_closes: int = 0
    ledger_ends: int = 0

    def __post_init__(self) -> None:
        self.ends = self.ledger_closes = self.ledger_ends = self.closes

    # Bidding

    def used(self, person: int) -> int:
        return max((row.nth for row in self.bids if row.person == person), default=0)

    def own(self, person: int) -> int | None:
        return next((row.amount for row in reversed(self.bids) if row.person == person), None)

    def bid(self, person: int, amount: int, request: str, now: int) -> tuple[str, Row | str | None]:
        """The kind of the answer, and what it says: the accepted bid, or why not."""
        if not self.known:
            return "unknown", None
        for row in self.bids:
            if (row.person, row.request_id) == (person, request):
                return ("replayed", row) if row.amount == amount else ("refused", "request_reused")
        if person not in self.met:
            return "stranger", None
        if not self.met[person]:
            return "refused", "blocked"
        if self.paused and self.state == "open":
            return "paused", self.paused
        if reason := self.refusal(person, amount, max(now, self.last)):
            return "refused", reason
        if len(self.waiting) >= self.most:
            return "paused", "backlog"
        return "accepted", self.accept(person, amount, request, max(now, self.last))

    def refusal(self, person: int, amount: int, now: int) -> str:
        own = self.own(person)
        rules = (
            ("not_open", now < self.opens),
            ("closed", self.state != "open" or now >= self.ends),
            ("no_chances_left", self.used(person) >= CHANCES),
            ("below_minimum", amount < self.minimum),
            ("too_high", amount > HIGHEST),
            ("not_a_step", (amount - self.minimum) % self.step != 0),
            ("not_above_own", own is not None and amount <= own),
        )
        return next((reason for reason, broken in rules if broken), "")

    def accept(self, person: int, amount: int, request: str, now: int) -> Row:
        before = {row.person for row in newest(self.bids)[: self.seats]}
        self.sequence, self.last = self.sequence + 1, now
        row = Row(self.sequence, person, self.used(person) + 1, amount, now, 0, request, 0, 0, None, False)
        self.bids.append(row)
        order = newest(self.bids)
        winning = {each.person for each in order[: self.seats]}
        row.rank = 1 + order.index(row)
        row.cutoff = self.cutoff(order)
        if person in winning - before:
            self.ends = max(self.ends, min(now + self.soft, self.closes + self.cap))
        for fallen in before - winning:
            row.displaced, row.alert = fallen, self.used(fallen) < CHANCES
        row.ends_at_ms = self.ends
        self.waiting.append(row)
        return row

    def cutoff(self, order: list[Row]) -> int:
        return order[self.seats - 1].amount if len(order) >= self.seats else self.minimum

    def is_over(self, now: int) -> bool:
        return self.state != "open" or max(now, self.last) >= self.ends

    # Recording

    def recording(self, batch: int) -> Iterator[Happening]:
        """One round of it."""
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

    def record(self, rows: list[Row]) -> None:
        self.recorded += rows
        self.mark = rows[-1].sequence
        self.ledger_ends = max(self.ledger_ends, *(row.ends_at_ms for row in rows))

    def trim(self, through: int) -> None:
        self.waiting = [row for row in self.waiting if row.sequence > through]
        self.shown = max(self.shown, min(through, self.sequence))

    # What else may happen to it

    def extending(self, closes: int, deadline: int, now: int) -> Iterator[Happening]:
        if self.ledger_state != "open" or not self.ledger_closes < closes <= deadline:
            raise Stops("refused")
        if not self.known:
            yield "extend", lambda: False
            raise Stops("unknown")
        over = self.state != "open" or (self.is_over(now) and not self.paused)
        yield "extend", lambda: None if over else self.extend(closes)
        if over:
            raise Stops("refused")
        yield "announce", lambda: self.announce(closes)

    def extend(self, closes: int) -> None:
        if closes > self.closes:
            self.closes, self.ends = closes, max(self.ends, closes)

    def announce(self, closes: int) -> None:
        self.ledger_closes, self.ledger_ends = closes, self.ends

    def forget(self, *, waiting: bool) -> None:
        """The live store loses the auction, with or without the bids that wait."""
        self.known, self.bids, self.met, self.state, self.paused = False, [], {}, "open", ""
        if waiting:
            self.waiting = []
