"""The messages on an auction's news channel, written and read in one place.

A message says that something changed: its kind, the version after the change, and a few numbers that save most readers
a read. It is a few bytes of space-separated text. People appear by id, so the channel is never shown to anybody.
"""

from dataclasses import dataclass

from cashticket.auction.values import State


@dataclass(frozen=True, slots=True)
class Opened:
    """The auction was published."""

    version: int


@dataclass(frozen=True, slots=True)
class BidAccepted:
    """A bid was accepted. It pushed `displaced` out of the top N, who gets an alert if `alert`."""

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
    """The text of a message, as the scripts publish it too."""
    match news:
        case Opened(version):
            return f"opened {version}"
        case BidAccepted(version, sequence, person, amount, ends_at_ms, displaced, alert):
            return f"bid {version} {sequence} {person} {amount} {ends_at_ms} {displaced or 0} {int(alert)}"
        case Recorded(version, through_sequence):
            return f"recorded {version} {through_sequence}"
        case StateChanged(version, state, ends_at_ms):
            return f"state {version} {state} {ends_at_ms}"


def parse_news(text: str) -> News:
    """The message of a text. Raises ValueError for a text this release does not know: then read the auction again."""
    match text.split(" "):
        case ["opened", version]:
            return Opened(int(version))
        case ["bid", version, sequence, person, amount, ends_at_ms, displaced, alert]:
            return BidAccepted(
                version=int(version),
                sequence=int(sequence),
                person=int(person),
                amount=int(amount),
                ends_at_ms=int(ends_at_ms),
                displaced=int(displaced) or None,
                alert=alert == "1",
            )
        case ["recorded", version, through_sequence]:
            return Recorded(int(version), int(through_sequence))
        case ["state", version, state, ends_at_ms]:
            return StateChanged(int(version), State(state), int(ends_at_ms))
    raise ValueError(f"not a message of auction news: {text[:80]!r}")
