"""The sockets of this process, by auction and by person. Not thread-safe; the hub holds its lock."""

from cashticket.live.channel import AuctionChannel
from cashticket.live.watcher import Watcher


class Watchers:
    """Channels by auction and sockets by person. Both exist only while somebody watches."""

    def __init__(self) -> None:
        self.channels: dict[int, AuctionChannel] = {}
        self._by_person: dict[int, set[Watcher]] = {}

    def add(self, watcher: Watcher) -> AuctionChannel:
        """Put this watcher into its auction's channel, and return the channel."""
        channel = self.channels.setdefault(watcher.auction_id, AuctionChannel(watcher.auction_id))
        channel.watchers.add(watcher)
        if watcher.person is not None:
            self._by_person.setdefault(watcher.person, set()).add(watcher)
        return channel

    def remove(self, watcher: Watcher) -> None:
        """Forget this watcher. Repeating changes nothing."""
        channel = self.channels.get(watcher.auction_id)
        if channel is None or watcher not in channel.watchers:
            return
        channel.watchers.remove(watcher)
        if not channel.watchers:
            del self.channels[watcher.auction_id]
        if watcher.person is not None:
            sockets = self._by_person[watcher.person]
            sockets.remove(watcher)
            if not sockets:
                del self._by_person[watcher.person]

    def of_person(self, person: int) -> list[Watcher]:
        """Every socket of a person, whichever auction it shows."""
        return list(self._by_person.get(person, ()))

    def people(self) -> set[int]:
        """Every signed-in person who watches any auction."""
        return set(self._by_person)

    def all(self) -> list[Watcher]:
        """Every socket."""
        return [watcher for channel in self.channels.values() for watcher in channel.watchers]
