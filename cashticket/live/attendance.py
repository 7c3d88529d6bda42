"""Who watches: the rooms of a process and its people, kept in step. Not thread-safe; the hub holds its lock."""

from cashticket.live.room import Room, Watcher


class Attendance:
    """Rooms by auction and sockets by person; both exist only while somebody is there."""

    def __init__(self) -> None:
        self.rooms: dict[int, Room] = {}
        self._people: dict[int, set[Watcher]] = {}

    def enter(self, watcher: Watcher) -> Room:
        """The room this watcher is in from now on."""
        room = self.rooms.setdefault(watcher.auction_id, Room(watcher.auction_id))
        room.watchers.add(watcher)
        if watcher.person is not None:
            self._people.setdefault(watcher.person, set()).add(watcher)
        return room

    def leave(self, watcher: Watcher) -> None:
        """Forget this watcher, once or again."""
        room = self.rooms.get(watcher.auction_id)
        if room is None or watcher not in room.watchers:
            return
        room.watchers.remove(watcher)
        if not room.watchers:
            del self.rooms[watcher.auction_id]
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
        return [watcher for room in self.rooms.values() for watcher in room.watchers]
