"""The messages on an auction's news channel, written and read in one place.

A message says that something changed: its kind, the version after the change, and a few numbers that save most readers
a read, as space-separated text. That of an accepted bid ends with the bid's entry, so that every listener can witness
the bid. People appear by id, so the channel is never shown to anybody.
"""

from dataclasses import dataclass

from cashticket.auction.values import Entry, State
from cashticket.engine.entries import entry_text, read_entry


@dataclass(frozen=True, slots=True)
class Opened:
    """The auction was published."""

    version: int


@dataclass(frozen=True, slots=True)
class BidAccepted:
    """A bid was accepted; `entry` is its entry in the list for the ledger."""

    version: int
    entry: Entry


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
        case BidAccepted(version, entry):
            return f"bid {version} {entry_text(entry)}"
        case Recorded(version, through_sequence):
            return f"recorded {version} {through_sequence}"
        case StateChanged(version, state, ends_at_ms):
            return f"state {version} {state} {ends_at_ms}"


def parse_news(text: str) -> News:
    """The message of a text. Raises ValueError for a text this release does not know: then read the auction again."""
    kind, _, rest = text.partition(" ")
    if kind == "bid":
        return _accepted_bid(rest)
    match text.split(" "):
        case ["opened", version]:
            return Opened(int(version))
        case ["recorded", version, through_sequence]:
            return Recorded(int(version), int(through_sequence))
        case ["state", version, state, ends_at_ms]:
            return StateChanged(int(version), State(state), int(ends_at_ms))
    raise ValueError(f"not a message of auction news: {text[:80]!r}")


def _accepted_bid(text: str) -> BidAccepted:
    # The entry may contain spaces: a bidder chooses the request id.
    version, _, raw = text.partition(" ")
    entry = read_entry(raw)
    if not isinstance(entry, Entry):
        # An earlier release published only a few numbers of the bid.
        raise ValueError(f"the news of a bid has no entry: {raw[:80]!r}")
    return BidAccepted(int(version), entry)
