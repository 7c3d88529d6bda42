"""What a check finds: one broken invariant, in a sentence. docs/invariants.md lists the invariants by number."""

from collections.abc import Iterator
from dataclasses import dataclass, field

LISTED_MAX = 10
"""Findings of one kind that are listed one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`waits`: an operator must decide, but bids accepted meanwhile are right."""

    invariant: str
    sentence: str
    waits: bool = False


@dataclass(slots=True)
class Listing:
    """Findings of one kind about bids: the first LISTED_MAX are kept by number, all are counted. `what` is the sentence
    before the number."""

    invariant: str
    what: str
    numbers: list[int] = field(default_factory=list)
    count: int = 0
    highest: int = 0

    def add(self, number: int) -> None:
        """Add a faulty bid by its sequence."""
        if self.count < LISTED_MAX:
            self.numbers.append(number)
        self.count += 1
        self.highest = max(self.highest, number)

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each bid that was kept, and one for all the others."""
        yield from (Finding(self.invariant, f"{self.what} {number}") for number in self.numbers)
        if self.count > LISTED_MAX:
            others = self.count - LISTED_MAX
            yield Finding(self.invariant, f"{self.what} … and {others} more, up to {self.highest}")
