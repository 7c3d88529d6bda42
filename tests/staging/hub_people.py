"""Sockets of pages without an auction, and tables that a hub asks about people."""

from collections.abc import Mapping, Sequence

import redis

from cashticket.live.hub import Hub
from cashticket.live.still_out import Displacement
from cashticket.live.watcher import Watcher
from lab.waiting import wait_until
from tests.staging.watchers import watch


def elsewhere(hub: Hub, person: int, locale: str = "ko") -> Watcher:
    """The socket of a page without an auction."""
    return watch(hub, person, locale, auction_id=None)


def until_listening(client: redis.Redis) -> None:
    """Wait until a hub hears of people, beside the news of auctions."""
    wait_until(lambda: client.pubsub_numpat() == 2, "the hub to listen")


class Known:
    """Tables that know these sessions, titles and displacements, and remember what they were asked."""

    def __init__(
        self,
        epochs: Mapping[int, int] | None = None,
        titles: Mapping[int, Mapping[str, str]] | None = None,
        recorded: Sequence[Displacement] = (),
    ) -> None:
        self.known_epochs, self.known_titles = dict(epochs or {}), dict(titles or {})
        self.recorded = recorded
        self.questions: list[tuple[str, list[int]]] = []

    def epochs(self, people: Sequence[int]) -> Mapping[int, int]:
        self.questions.append(("epochs", list(people)))
        return {person: self.known_epochs[person] for person in people if person in self.known_epochs}

    def titles(self, auction_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        self.questions.append(("titles", list(auction_ids)))
        return {each: self.known_titles[each] for each in auction_ids if each in self.known_titles}

    def displacements(self, people: Sequence[int]) -> Sequence[Displacement]:
        self.questions.append(("displacements", list(people)))
        return [each for each in self.recorded if each.person in people]
