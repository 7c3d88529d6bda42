"""Steps of the tests of accounting: what was witnessed, and a live store that goes on from an older copy of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import redis

from cashticket import redis_keys
from cashticket.auction.values import Entry
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.witness.testimony import KnownBids, Record, Testimony
from tests.staging.auctions import Stage

BEFORE = "the-process-before master"
PARTS = ("terms", "state", "people", "standings", "chances", "answers", "bids")


@dataclass
class Copy:
    """What the live store had of an auction at some moment."""

    keys: dict[str, bytes] = field(default_factory=dict)

    @staticmethod
    def of(client: redis.Redis, auction_id: int) -> "Copy":
        names = [getattr(redis_keys, part)(auction_id) for part in PARTS]
        with redis.Redis(connection_pool=_raw(client)) as raw:
            return Copy({name: text for name in names if (text := raw.dump(name)) is not None})

    def restore(self, client: redis.Redis, auction_id: int, checked_on: str = BEFORE) -> None:
        """The live store has this again, and another process answers than the one that took the bids."""
        names = [getattr(redis_keys, part)(auction_id) for part in PARTS]
        with redis.Redis(connection_pool=_raw(client)) as raw:
            raw.delete(*names)
            for name, text in self.keys.items():
                raw.restore(name, 0, text)
        client.hset(redis_keys.state(auction_id), "checked_on", checked_on)


def _raw(client: redis.Redis) -> redis.ConnectionPool:
    """Connections that answer in bytes: a dump is no text."""
    pool = client.connection_pool
    return redis.ConnectionPool(pool.connection_class, **{**pool.connection_kwargs, "decode_responses": False})


def waiting(stage: Stage) -> dict[int, Entry]:
    """The entries that wait in the list, by number: what a witness holds of them."""
    return {entry.sequence: entry for entry in stage.engine.peek(stage.id, 1_000) if isinstance(entry, Entry)}


def record_all(stage: Stage) -> None:
    while record_waiting(stage.engine, stage.id):
        pass


def record(
    stage: Stage, entries: Mapping[int, Entry], highest: int = 0, *, process: str = "web-1", identity: str = ""
) -> Record:
    """What one dead process has written: it heard BEFORE, and last the process `identity`."""
    last = identity or BEFORE
    auctions = {stage.id: KnownBids(max(highest, *entries, 0), entries)}
    return Record(process, False, 1, last, frozenset({BEFORE, last}), auctions)


def merged(*records: Record) -> Testimony:
    return Testimony(records)


def requests(stage: Stage) -> list[tuple[int, int, str]]:
    """Number, amount and request of every recorded bid."""
    return [(bid.sequence, bid.amount, bid.request_id) for bid in stage.recorded()]


def all_of(model: type, auction_id: int) -> list[object]:
    db.session.remove()
    return list(db.session.scalars(db.select(model).where(model.auction_id == auction_id)))


def without(entries: Mapping[int, Entry], numbers: Iterable[int]) -> dict[int, Entry]:
    missing = set(numbers)
    return {number: entry for number, entry in entries.items() if number not in missing}
