"""Puts together what has been read of one process, from whatever shelf, into its records."""

from dataclasses import dataclass, field

from cashticket.auction.values import SEQUENCE_MAX, Entry
from cashticket.engine.condition import IDENTITIES_BETWEEN
from cashticket.witness.pages import read_bid
from cashticket.witness.testimony import KnownBids, Record, contradict, fuller

Bids = dict[int, dict[int, Entry]]
"""Auction → sequence → bid."""


@dataclass(slots=True)
class Reading:
    """What has been read of one process so far."""

    beat_ms: int = 0
    identity: str = ""
    identities: set[str] = field(default_factory=set)
    highest: dict[int, int] = field(default_factory=dict)
    recorded: dict[int, int] = field(default_factory=dict)
    accounts: list[Bids] = field(default_factory=lambda: [{}])

    def add_bid(self, text: bytes) -> None:
        """Add the bid of a line. Raises ValueError for any other text."""
        auction_id, entry = read_bid(text)
        self.raise_highest(auction_id, entry.sequence)
        for bids in self.accounts:
            present = bids.setdefault(auction_id, {}).setdefault(entry.sequence, entry)
            if not contradict(present, entry):
                bids[auction_id][entry.sequence] = fuller(present, entry)
                return
        self.accounts.append({auction_id: {entry.sequence: entry}})

    def raise_highest(self, auction_id: int, number: int) -> None:
        """Note that this number was given. Raises ValueError for one that never is."""
        if not 0 <= number <= SEQUENCE_MAX:
            raise ValueError(f"{number} is no number of a bid")
        self.highest[auction_id] = max(number, self.highest.get(auction_id, 0))

    def raise_recorded(self, auction_id: int, number: int) -> None:
        """Note that the ledger has everything up to this number."""
        self.recorded[auction_id] = max(number, self.recorded.get(auction_id, 0))

    def records(self, process: str, *, alive: bool) -> list[Record]:
        """What the process knows, without the bids it has seen recorded: one record, and more under the same name only
        where it was given the same number for two bids."""
        # A witness of a cluster hears several processes at once.
        identities = frozenset(name for text in self.identities for name in text.split(IDENTITIES_BETWEEN))
        common = (process, alive, self.beat_ms, self.identity, identities)
        return [
            Record(*common, {auction_id: self._bids(bids, auction_id) for auction_id in self.highest})
            for bids in self.accounts
        ]

    def _bids(self, bids: Bids, auction_id: int) -> KnownBids:
        recorded = self.recorded.get(auction_id, 0)
        entries = bids.get(auction_id, {})
        return KnownBids(
            self.highest[auction_id], {number: bid for number, bid in entries.items() if number > recorded}
        )
