"""Bidders: threads that bid, repeat, try what is not allowed, and look, each for its own guests.

A request without an answer is sent again under the same id, soon or at the latest in the end, until it has one.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.history import Recorder
from lab.signed_in import SignedIn
from tests.storm.fault_campaign.connection import Connection

BIDDERS = 32
MINIMUM, STEP = 10_000, 1_000
UNSETTLED = ("unknown", "unavailable")
PAUSE_SECONDS = 0.15
THINKING_SECONDS = 0.25
"""Average pause between two requests of one bidder. It leaves the machine time to restart what was killed."""

RESOLVE_ROUNDS = 200


@dataclass(slots=True)
class Chances:
    """One guest in one auction: what was accepted, and the request that has no end yet."""

    auction: int
    guest: SignedIn
    amounts: list[int] = field(default_factory=list)
    requests: list[tuple[str, int]] = field(default_factory=list)
    open: tuple[str, int] | None = None
    tries: int = 0


class Bidder(threading.Thread):
    """One thread with its dice and guests. `accepted` and `refused` count its bids."""

    def __init__(
        self, name: int, connection: Connection, auctions: Sequence[int], guests: Sequence[SignedIn], seed: int
    ) -> None:
        super().__init__(name=f"client-{name}", daemon=True)
        self.connection, self.dice = connection, random.Random(f"crowd {seed} {name}")
        self._chances = [Chances(auction, guest) for auction in auctions for guest in guests]
        self._auctions, self._height = list(auctions), dict.fromkeys(auctions, MINIMUM)
        self._stopping = threading.Event()
        self.accepted, self.refused = 0, 0

    def stop(self) -> None:
        """Start nothing new; open requests are still resolved."""
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._act()
            self._stopping.wait(self.dice.expovariate(1 / THINKING_SECONDS))
        for _ in range(RESOLVE_ROUNDS):
            unsettled = [each for each in self._chances if each.open]
            for chances in unsettled:
                self._send(chances, *chances.open)  # type: ignore[misc]
            if not unsettled:
                break
            threading.Event().wait(PAUSE_SECONDS)
        self.connection.close()

    def unresolved(self) -> int:
        """Number of requests without an end."""
        return sum(each.open is not None for each in self._chances)

    def _act(self) -> None:
        roll = self.dice.random()
        unsettled = [each for each in self._chances if each.open]
        if unsettled and roll < 0.6:
            chances = self.dice.choice(unsettled)
            self._send(chances, *chances.open)  # type: ignore[misc]
            return
        chances = self.dice.choice(self._chances)
        if roll < 0.72:
            self._bid()
        elif roll < 0.80:
            self._again(chances)
        elif roll < 0.85:
            self._try_what_is_not_allowed(chances)
        elif roll < 0.93:
            self.connection.look(chances.auction, None, cached=self.dice.random() < 0.5)
        else:
            self.connection.look(chances.auction, chances.guest)

    def _bid(self) -> None:
        free = [each for each in self._chances if len(each.amounts) < 3 and not each.open]
        if not free:
            return
        chances = self.dice.choice(free)
        own = chances.amounts[-1] if chances.amounts else MINIMUM - STEP
        wanted = self._height[chances.auction] + STEP * self.dice.randrange(-6, 6)
        chances.tries += 1
        request_id = f"{self.name}-{chances.guest.person}-{chances.tries}"
        self._send(chances, request_id, max(own + STEP, wanted))

    def _send(self, chances: Chances, request_id: str, amount: int) -> None:
        outcome = self.connection.bid(chances.auction, chances.guest, amount, request_id)
        if outcome in UNSETTLED:
            chances.open = (request_id, amount)
            self._stopping.wait(PAUSE_SECONDS)
            return
        chances.open = None
        if outcome == "ok":
            self.accepted += 1
            chances.amounts.append(amount)
            chances.requests.append((request_id, amount))
            self._height[chances.auction] = max(self._height[chances.auction], amount)
        else:
            self.refused += 1

    def _again(self, chances: Chances) -> None:
        """Send a confirmed request again."""
        if chances.requests:
            request_id, amount = self.dice.choice(chances.requests)
            self.connection.bid(chances.auction, chances.guest, amount, request_id)

    def _try_what_is_not_allowed(self, chances: Chances) -> None:
        """A known request with another amount, half a step, less than before, or a fourth bid."""
        if chances.requests and self.dice.random() < 0.4:
            request_id, amount = self.dice.choice(chances.requests)
            self.connection.bid(chances.auction, chances.guest, amount + STEP, request_id)
        elif not chances.open:
            chances.tries += 1
            wrong = [MINIMUM + 1, MINIMUM - STEP, *chances.amounts]
            amount = self.dice.choice(wrong)
            request_id = f"{self.name}-{chances.guest.person}-wrong-{chances.tries}"
            self.connection.bid(chances.auction, chances.guest, amount, request_id)


def make_bidders(
    port: int, recorder: Recorder, auctions: Sequence[int], guests: Sequence[SignedIn], seed: int
) -> list[Bidder]:
    """The bidders, not yet started. Every guest belongs to one bidder alone."""
    return [
        Bidder(number, Connection(port, recorder, number), auctions, guests[number::BIDDERS], seed)
        for number in range(BIDDERS)
    ]
