"""The lines an auction publishes on its news channel, written and read in one place.

A line only says "look again": kind, the version after the change, and the few numbers that spare most readers the
look. Lines are a few bytes of space-separated words; people appear by id, so the channel is never shown to anybody.
"""

from dataclasses import dataclass

from cashticket.auction.values import State


@dataclass(frozen=True, slots=True)
class Opened:
    """The auction was published."""

    version: int


@dataclass(frozen=True, slots=True)
class BidAccepted:
    """A bid was accepted; `displaced` was pushed out of the top N by it and is to be alerted if `alert`."""

    version: int
    sequence: int
    person: int
    amount: int
    ends_at_ms: int
    displaced: int | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """The ledger has every bid up to `through_sequence`."""

    version: int
    through_sequence: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Bidding was closed or extended, or the auction was settled or voided."""

    version: int
    state: State
    ends_at_ms: int


News = Opened | BidAccepted | Recorded | StateChanged


def format_news(news: News) -> str:
    """The line of a piece of news, as the scripts publish it too."""
    match news:
        case Opened(version):
            return f"opened {version}"
        case BidAccepted(version, sequence, person, amount, ends_at_ms, displaced, alert):
            return f"bid {version} {sequence} {person} {amount} {ends_at_ms} {displaced or 0} {int(alert)}"
        case Recorded(version, through_sequence):
            return f"recorded {version} {through_sequence}"
        case StateChanged(version, state, ends_at_ms):
            return f"state {version} {state} {ends_at_ms}"


def parse_news(line: str) -> News:
    """The news of a line. ValueError for a line this release does not know: treat it as "look again"."""
    match line.split(" "):
        case ["opened", version]:
            return Opened(int(version))
        case ["bid", version, sequence, person, amount, ends_at_ms, displaced, alert]:
            return BidAccepted(
                *(int(version), int(sequence), int(person), int(amount), int(ends_at_ms)),
                displaced=int(displaced) or None,
                alert=alert == "1",
            )
        case ["recorded", version, through_sequence]:
            return Recorded(int(version), int(through_sequence))
        case ["state", version, state, ends_at_ms]:
            return StateChanged(int(version), State(state), int(ends_at_ms))
    raise ValueError(f"not a line of auction news: {line[:80]!r}")
