"""Messages about people on a channel of the queue store: who was told something, and whose sessions ended.

Units of work publish them after their commit (`models/news_of_people.py`), in any process; every process with sockets
of signed-in people listens. A message says no more than that a page should look again: `told 400 12,15,99` (those
people have new notices; their pages ask within 400 ms), `more 12,15` (one more notice each, to be counted without
asking), `epoch 12 5` (older sessions of that person ended) or `line 7` (places in the line of that auction moved).
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

PEOPLE_A_MESSAGE = 500
SPREAD_MS_A_PERSON, SPREAD_MS_MAX = 20, 10_000
"""Pages of people who are told at once ask over so long, so that they never all ask at the same moment."""

FEW_PEOPLE = 50
"""Pages of so many people look again whatever they are told."""

AWAY_SECONDS = 5.0
"""After a failure nothing is published for so long: whoever writes must not wait again and again."""


@dataclass(frozen=True, slots=True)
class NoticesStored:
    """These people have new notices; their pages ask for them within `spread_ms`, or for None count one more."""

    people: tuple[int, ...]
    spread_ms: int | None


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """Sessions of this person from before `epoch` may have ended."""

    person: int
    epoch: int


@dataclass(frozen=True, slots=True)
class LineMoved:
    """Places in the line of this settled auction moved."""

    auction_id: int


def messages(
    pressing: Sequence[int], others: Sequence[int], epochs: Mapping[int, int], lines: Sequence[int] = ()
) -> Iterator[str]:
    """The messages of one unit, which stored notices for `pressing` and `others`, gave new session epochs, and moved
    places in the `lines` of auctions: of each line one message, however many wait in it."""
    if len(others) <= FEW_PEOPLE:
        pressing, others = [*pressing, *others], []
    spread_ms = min(SPREAD_MS_MAX, SPREAD_MS_A_PERSON * len(pressing))
    yield from (f"told {spread_ms} {people}" for people in _batches(pressing))
    yield from (f"more {people}" for people in _batches(others))
    yield from (f"epoch {person} {epoch}" for person, epoch in epochs.items())
    yield from (f"line {auction_id}" for auction_id in lines)


def _batches(people: Sequence[int]) -> Iterator[str]:
    for start in range(0, len(people), PEOPLE_A_MESSAGE):
        yield ",".join(map(str, people[start : start + PEOPLE_A_MESSAGE]))


def parse(text: str) -> NoticesStored | SessionsEnded | LineMoved:
    """The message of a text. Raises ValueError for a text that this release does not know."""
    match text.split(" "):
        case ["told", spread_ms, people]:
            return NoticesStored(tuple(map(int, people.split(","))), min(int(spread_ms), SPREAD_MS_MAX))
        case ["more", people]:
            return NoticesStored(tuple(map(int, people.split(","))), None)
        case ["epoch", person, epoch]:
            return SessionsEnded(int(person), int(epoch))
        case ["line", auction_id]:
            return LineMoved(int(auction_id))
    raise ValueError(f"not a message about people: {text[:80]!r}")


class PeopleNews:
    """Publishes the messages of this process. Thread-safe."""

    def __init__(self, client: redis.Redis) -> None:
        """`client` is one of the queue store, with short timeouts: whoever writes waits for it."""
        self._client = client
        self._silent_until = float("-inf")

    def tell(
        self, pressing: Sequence[int], others: Sequence[int], epochs: Mapping[int, int], lines: Sequence[int] = ()
    ) -> None:
        """Publish what a committed unit changed, in one round trip. Never fails: what is lost, pages find later."""
        if time.monotonic() < self._silent_until:
            return
        pipeline = self._client.pipeline(transaction=False)
        for message in messages(pressing, others, epochs, lines):
            pipeline.publish(redis_keys.PEOPLE_NEWS, message)
        try:
            pipeline.execute()
        except redis.RedisError as error:
            self._silent_until = time.monotonic() + AWAY_SECONDS
            log.warning("open pages are not told of news about people: %s", failure_text(error))
