"""What a check finds: one broken invariant, in a sentence. docs/invariants.md lists the invariants by number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MANY = 10
"""Findings of one kind that are listed one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`waits`: an operator must decide, but what is accepted meanwhile is right."""

    invariant: str
    sentence: str
    waits: bool = False


def listed(invariant: str, what: str, numbers: Iterable[int]) -> Iterator[Finding]:
    """A finding for each of the first numbers, and one for all the others."""
    found = sorted(numbers)
    yield from (Finding(invariant, f"{what} {number}") for number in found[:MANY])
    if len(found) > MANY:
        yield Finding(invariant, f"{what} … and {len(found) - MANY} more, up to {found[-1]}")
