"""An auction on a real store, people who bid, and watchers of a hub whose mailboxes a test reads."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.interface import Engine
from cashticket.live.hub import Hub
from cashticket.live.mailbox import CheckSession, Ended
from cashticket.live.update import Render
from cashticket.live.watcher import Watcher
from lab.waiting import PATIENCE_SECONDS

ALICE, BOB, CAROL, MALLORY = 1, 2, 3, 4
AUCTION = 7

_requests = count(1)

Item = str | Ended | CheckSession


def open_auction(engine: Engine, *, seats: int = 1, auction_id: int = AUCTION, **terms: int) -> Terms:
    """Publish an auction from 100,000 won in steps of 5,000 that runs, and introduce all four to it."""
    now_ms = int(time.time() * 1000)
    window = {"opens_at_ms": now_ms - 60_000, "closes_at_ms": now_ms + 3_600_000}
    published = Terms(auction_id, seats, 100_000, 5_000, alias_salt="salt of a test", **{**window, **terms})
    engine.open(published)
    for person in (ALICE, BOB, CAROL, MALLORY):
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
    return published


def bid(engine: Engine, person: int, amount: int, auction_id: int = AUCTION) -> Accepted:
    """An accepted bid."""
    answer = engine.place_bid(auction_id, person, 1, amount, f"request-{next(_requests)}", sure=amount)
    assert isinstance(answer, Accepted), answer
    return answer


@contextmanager
def plain_rendering() -> Iterator[Render]:
    """Frames as one line of facts, so that a test can compare them."""
    yield plain


def plain(kind: str, locale: str, context: Mapping[str, Any]) -> str:
    match kind:
        case "board":
            snapshot = context["snapshot"]
            return f"board {locale} {snapshot.state} #{snapshot.sequence} cutoff {snapshot.cutoff}"
        case "standing":
            rank = f"rank {context['rank']} as of" if context["rank_at_ms"] else f"rank {context['rank']}"
            facts = (context["status"], rank, f"short {context['short_by']}")
            return f"standing {locale} {' '.join(facts)} left {context['chances_left']}"
        case "alert":
            return f"alert {locale} {context['auction_id']} #{context['sequence']}"
        case "beat":
            return f"beat {context['auction_id']} version {context['version']}"
        case "told":
            return f"told within {context['spread_ms']}"
        case "line":
            return f"line {context['auction_id']} within {context['spread_ms']}"
    return f"{kind} {locale} {context['auction_id']}"


def watch(
    hub: Hub,
    person: int | None = None,
    locale: str = "ko",
    auction_id: int | None = AUCTION,
    missed_sequence: int = 0,
) -> Watcher:
    """A socket that has joined the hub; without an auction, one of any other page. `missed_sequence` is the bid that
    pushed its person out while away."""
    watcher = Watcher(auction_id, locale, person, epoch=1 if person else 0, missed_sequence=missed_sequence)
    hub.join(watcher)
    return watcher


def until(watcher: Watcher, wanted: Callable[[Item], bool]) -> list[Item]:
    """Everything that came into a mailbox up to the first item that is `wanted`, beats only if they are. Fails when
    none comes in time."""
    seen: list[Item] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        item = watcher.mailbox.take(max(0.0, deadline - time.monotonic()))
        if item is None or (is_beat(item) and not wanted(item)):
            continue
        seen.append(item)
        if wanted(item):
            return seen
    raise AssertionError(f"did not come in {PATIENCE_SECONDS:.0f} s; what came: {seen}")


def is_beat(item: Item) -> bool:
    """Whether a frame only says that nothing has happened."""
    return isinstance(item, str) and item.startswith("beat ")


def saying(*words: str) -> Callable[[Item], bool]:
    """Whether a frame contains all of these words."""
    return lambda item: isinstance(item, str) and all(word in item for word in words)


def alerts(items: list[Item]) -> list[str]:
    """The alerts among what came."""
    return [item for item in items if isinstance(item, str) and item.startswith("alert")]
