"""What one process knows of accepted bids: those that the ledger does not have, and the highest number it has seen.

It is kept by the writer's thread alone. Every other thread only appends to `Inbox`, which never waits.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.entries import entry_text, read_entry
from cashticket.witness.pages import NotedBid, Page
from cashticket.witness.testimony import contradict, fuller

INBOX_MAX = 400_000
"""Bids and marks that wait for the writer at most; a writer that hangs for many minutes loses the oldest."""

IDENTITIES_MAX = 100
"""Store processes that a record names at most, the newest ones."""

ACCOUNTS_MAX = 5
"""Contradicting accounts of one number that are kept."""

Note = tuple[int, Entry | int]
"""An auction with an accepted bid, or with the sequence up to which the ledger has everything."""


class Inbox:
    """Where any thread leaves what it learns. Never waits: appending to a deque is one step."""

    def __init__(self) -> None:
        self._notes: deque[Note] = deque(maxlen=INBOX_MAX)

    def put(self, note: Note) -> None:
        self._notes.append(note)

    def take_all(self) -> Iterator[Note]:
        """What is there now, oldest first, and out of it."""
        for _ in range(len(self._notes)):
            yield self._notes.popleft()


@dataclass(slots=True)
class AuctionKnowledge:
    """What is known of one auction. `entries` has by sequence the text of the bid, in several lines if several were
    answered with that number. `unwritten` are the sequences of `entries` that no shelf has."""

    highest: int = 0
    recorded: int = 0
    entries: dict[int, bytes] = field(default_factory=dict)
    unwritten: dict[int, None] = field(default_factory=dict)


class Knowledge:
    """What is known of all auctions, and how much of it is written."""

    def __init__(self) -> None:
        self._auctions: dict[int, AuctionKnowledge] = {}
        self._identities: dict[str, None] = {}
        self._new_identities: list[str] = []
        self._changed: set[int] = set()
        self.waiting_bytes = 0

    def learn(self, note: Note) -> None:
        """Take in a bid, or how far the ledger has come."""
        auction_id, news = note
        auction = self._auctions.setdefault(auction_id, AuctionKnowledge())
        if isinstance(news, Entry):
            self._learn_bid(auction_id, auction, news)
        elif news > auction.recorded:
            self._forget_recorded(auction, news)
            self._changed.add(auction_id)

    def hear(self, heard: Pulse) -> None:
        """Remember that a store process has answered."""
        if heard.identity not in self._identities:
            self._new_identities.append(heard.identity)
        self._identities.pop(heard.identity, None)
        self._identities[heard.identity] = None
        while len(self._identities) > IDENTITIES_MAX:
            del self._identities[next(iter(self._identities))]

    def waiting(self) -> list[int]:
        """The auctions of which the ledger does not have every bid."""
        return [auction_id for auction_id, auction in self._auctions.items() if auction.entries]

    def count_unwritten(self) -> int:
        """How many bids no shelf has."""
        return sum(len(auction.unwritten) for auction in self._auctions.values())

    def news(self, heard: Pulse | None) -> Page:
        """What no shelf has yet. `heard` goes with it."""
        bids = [
            bid
            for auction_id in sorted(self._changed)
            for sequence in self._auctions[auction_id].unwritten
            for bid in _noted(auction_id, sequence, self._auctions[auction_id].entries[sequence])
        ]
        changed = {auction_id: self._auctions[auction_id] for auction_id in self._changed}
        return self._page(bids, changed, self._new_identities, heard)

    def everything(self, heard: Pulse | None) -> Page:
        """All that is known, for a shelf that has nothing of it."""
        bids = [
            bid
            for auction_id, auction in self._auctions.items()
            for sequence, text in auction.entries.items()
            for bid in _noted(auction_id, sequence, text)
        ]
        return self._page(bids, self._auctions, self._identities, heard)

    def mark_written(self) -> None:
        """The shelf has everything that `news` or `everything` gave last."""
        for auction_id in self._changed:
            self._auctions[auction_id].unwritten.clear()
        self._changed.clear()
        self._new_identities.clear()

    def _page(
        self,
        bids: list[NotedBid],
        auctions: dict[int, AuctionKnowledge],
        identities: Iterable[str],
        heard: Pulse | None,
    ) -> Page:
        return Page(
            bids=bids,
            highest={auction_id: auction.highest for auction_id, auction in auctions.items()},
            recorded={auction_id: auction.recorded for auction_id, auction in auctions.items()},
            heard=heard,
            identities=tuple(identities),
            waiting_bytes=self.waiting_bytes,
        )

    def _learn_bid(self, auction_id: int, auction: AuctionKnowledge, entry: Entry) -> None:
        if entry.sequence > auction.highest:
            auction.highest = entry.sequence
            self._changed.add(auction_id)
        if entry.sequence <= auction.recorded:
            return
        standing = auction.entries.get(entry.sequence, b"")
        text = put_together(standing, entry)
        if text != standing:
            self.waiting_bytes += len(text) - len(standing)
            auction.entries[entry.sequence] = text
            auction.unwritten[entry.sequence] = None
            self._changed.add(auction_id)

    def _forget_recorded(self, auction: AuctionKnowledge, through: int) -> None:
        if through - auction.recorded <= len(auction.entries):
            gone = [number for number in range(auction.recorded + 1, through + 1) if number in auction.entries]
        else:
            gone = [number for number in auction.entries if number <= through]
        for number in gone:
            self.waiting_bytes -= len(auction.entries.pop(number))
            auction.unwritten.pop(number, None)
        auction.recorded, auction.highest = through, max(auction.highest, through)


def put_together(standing: bytes, entry: Entry) -> bytes:
    """The lines of a number after this account of its bid. The answer to a repeated request, which does not say who was
    displaced, adds nothing; an account that contradicts the others adds a line."""
    text = entry_text(entry).encode("utf-8", "surrogateescape")
    if not standing or text == standing:
        return text
    lines = standing.split(b"\n")
    for number, account in enumerate(lines):
        present = read_entry(account.decode("utf-8", "surrogateescape"))
        if isinstance(present, Entry) and not contradict(present, entry):
            lines[number] = account if fuller(present, entry) is present else text
            return b"\n".join(lines)
    return b"\n".join([*lines, text]) if len(lines) < ACCOUNTS_MAX else standing


def _noted(auction_id: int, sequence: int, text: bytes) -> Iterator[NotedBid]:
    return (NotedBid(auction_id, sequence, account) for account in text.split(b"\n"))
