"""The sockets of this process, by auction and by person. Not thread-safe; the hub holds its lock."""

from cashticket.live.channel import AuctionChannel
from cashticket.live.watcher import Watcher


class Watchers:
    """Channels by auction and sockets by person. Both exist only while somebody watches. A socket without an auction
    has no channel, so it costs the store nothing."""

    def __init__(self) -> None:
        self.channels: dict[int, AuctionChannel] = {}
        self._by_person: dict[int, set[Watcher]] = {}
        self._elsewhere: set[Watcher] = set()

    def add(self, watcher: Watcher) -> AuctionChannel | None:
        """Put this watcher into its auction's channel, and return the channel; None without an auction."""
        if watcher.person is not None:
            self._by_person.setdefault(watcher.person, set()).add(watcher)
        if watcher.auction_id is None:
            self._elsewhere.add(watcher)
            return None
        channel = self.channels.setdefault(watcher.auction_id, AuctionChannel(watcher.auction_id))
        channel.watchers.add(watcher)
        return channel

    def remove(self, watcher: Watcher) -> None:
        """Forget this watcher. Repeating changes nothing."""
        if watcher.auction_id is None:
            self._elsewhere.discard(watcher)
        elif channel := self.channels.get(watcher.auction_id):
            channel.watchers.discard(watcher)
            if not channel.watchers:
                del self.channels[watcher.auction_id]
        if watcher.person is not None and (sockets := self._by_person.get(watcher.person)):
            sockets.discard(watcher)
            if not sockets:
                del self._by_person[watcher.person]

    def of_person(self, person: int) -> list[Watcher]:
        """Every socket of a person, whichever auction it shows."""
        return list(self._by_person.get(person, ()))

    def of_people(self) -> list[Watcher]:
        """Every socket of somebody signed in."""
        return [watcher for sockets in self._by_person.values() for watcher in sockets]

    def people(self) -> set[int]:
        """Every signed-in person who has a socket."""
        return set(self._by_person)

    def people_elsewhere(self) -> set[int]:
        """Every person who has a socket without an auction."""
        return {watcher.person for watcher in self._elsewhere if watcher.person is not None}

    def has_people(self) -> bool:
        """Whether anybody signed in has a socket."""
        return bool(self._by_person)

    def all(self) -> list[Watcher]:
        """Every socket."""
        in_auctions = [watcher for channel in self.channels.values() for watcher in channel.watchers]
        return [*in_auctions, *self._elsewhere]
