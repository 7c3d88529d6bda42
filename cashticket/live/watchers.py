"""Who watches: the channels of a process and its people, kept in step. Not thread-safe; the hub holds its lock."""

from cashticket.live.channel import AuctionChannel, Watcher


class Watchers:
    """Rooms by auction and sockets by person; both exist only while somebody is there."""

    def __init__(self) -> None:
        self.channels: dict[int, AuctionChannel] = {}
        self._people: dict[int, set[Watcher]] = {}

    def enter(self, watcher: Watcher) -> AuctionChannel:
        """The channel this watcher is in from now on."""
        channel = self.channels.setdefault(watcher.auction_id, AuctionChannel(watcher.auction_id))
        channel.watchers.add(watcher)
        if watcher.person is not None:
            self._people.setdefault(watcher.person, set()).add(watcher)
        return channel

    def leave(self, watcher: Watcher) -> None:
        """Forget this watcher, once or again."""
        channel = self.channels.get(watcher.auction_id)
        if channel is None or watcher not in channel.watchers:
            return
        channel.watchers.remove(watcher)
        if not channel.watchers:
            del self.channels[watcher.auction_id]
        if watcher.person is not None:
            sockets = self._people[watcher.person]
            sockets.remove(watcher)
            if not sockets:
                del self._people[watcher.person]

    def sockets_of(self, person: int) -> list[Watcher]:
        """Every socket of a person, whichever auction it shows."""
        return list(self._people.get(person, ()))

    def people(self) -> set[int]:
        """Everybody signed in who watches anything."""
        return set(self._people)

    def everybody(self) -> list[Watcher]:
        """Every socket."""
        return [watcher for channel in self.channels.values() for watcher in channel.watchers]
