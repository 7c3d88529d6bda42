"""What a check finds: one broken invariant, in a sentence. docs/invariants.md lists the invariants by number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LISTED_MAX = 10
"""Findings of one kind that are listed one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`waits`: an operator must decide, but bids accepted meanwhile are right."""

    invariant: str
    sentence: str
    waits: bool = False


def listed(invariant: str, what: str, numbers: Iterable[int]) -> Iterator[Finding]:
    """Yield a finding for each of the lowest LISTED_MAX numbers, and one for all the others."""
    ordered = sorted(numbers)
    yield from (Finding(invariant, f"{what} {number}") for number in ordered[:LISTED_MAX])
    if len(ordered) > LISTED_MAX:
        yield Finding(invariant, f"{what} … and {len(ordered) - LISTED_MAX} more, up to {ordered[-1]}")
