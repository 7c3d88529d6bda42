"""The shelf in the queue store: a record and a hash of bids for each process, and a key that lives while it writes.

The bids of each write are one compressed field, about 40 bytes a bid, and leave once all of them are recorded. Each
write checks the number of the one before: a store that came back empty, or from an older copy, gets everything again.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import redis
from redis.client import Pipeline

from cashticket import redis_keys
from cashticket.logs.failures import failure_text
from cashticket.witness.ended_here import own_mark
from cashticket.witness.pages import NotedBid, Page, bid_text
from cashticket.witness.testimony import ShelfUnavailable

ALIVE_SECONDS = 10
RECORD_SECONDS = 30 * 86_400
OF = "@"
"""Comes before the name of the live store in the name of a process that witnesses another one than the first."""

FIELD_BIDS_MAX = 5_000
"""Bids that one field holds at most."""

Fields = dict[str | bytes | bytearray | memoryview | int | float, str | bytes | bytearray | memoryview | int | float]


class QueueShelf:
    """The keys of one process. Only one thread may use it."""

    def __init__(self, client: redis.Redis, process: str) -> None:
        """`client` answers bytes. `process` is the name of this process; no other one may have it."""
        self._client, self._process, self._mark = client, process, own_mark()
        self._write_number = 0
        self._fields: dict[bytes, Mapping[int, int]] = {}
        self._recorded: dict[int, int] = {}
        self._identities: set[str] = set()

    def write(self, news: Page, everything: Callable[[], Page]) -> None:
        """Add `news`, or begin anew with `everything`. Raises ShelfUnavailable; then nothing counts as written."""
        try:
            if not self._write_number or not self._add(news, former=self._write_number):
                self._begin(everything())
        except redis.RedisError as error:
            # It may have been written or not, so the next write begins anew.
            self._write_number = 0
            raise ShelfUnavailable(f"the queue store takes no witness: {failure_text(error)}") from error

    def close(self) -> None:
        """The process ends: its record stays."""
        # Otherwise the key ends by itself.
        with suppress(redis.RedisError):
            self._client.delete(redis_keys.witness_alive(self._process))

    def _add(self, page: Page, former: int) -> bool:
        """Write a page behind the former one. False when the store has not that one."""
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.hget(redis_keys.witness_record(self._process), "write")
            self._put(pipeline, page)
            return bool(pipeline.execute()[0] == b"%d" % former)

    def _begin(self, page: Page) -> None:
        self._fields, self._identities = {}, set()
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.delete(redis_keys.witness_record(self._process), redis_keys.witness_bids(self._process))
            self._put(pipeline, page)
            pipeline.execute()
        self._client.sadd(redis_keys.WITNESSES, self._process)

    def _put(self, pipeline: Pipeline, page: Page) -> None:
        bids, record = redis_keys.witness_bids(self._process), redis_keys.witness_record(self._process)
        self._write_number += 1
        for number, part in enumerate(_parts(page)):
            field = b"%d.%d" % (self._write_number, number)
            self._fields[field] = _highest(part)
            pipeline.hset(bids, field, zlib.compress(b"\n".join(map(bid_text, part)), 1))
        if gone := self._recorded_fields(page):
            pipeline.hdel(bids, *gone)
        pipeline.hset(record, mapping=self._record(page))
        pipeline.set(redis_keys.witness_alive(self._process), self._mark, ex=ALIVE_SECONDS)
        for key in (bids, record):
            pipeline.expire(key, RECORD_SECONDS)

    def _record(self, page: Page) -> Fields:
        """The fields of the record that change."""
        fields: Fields = {"write": self._write_number}
        if page.heard:
            fields |= {"beat": page.heard.now_ms, "identity": page.heard.identity}
        fields |= {f"heard:{identity}": 1 for identity in page.identities if identity not in self._identities}
        self._identities.update(page.identities)
        fields |= {f"highest:{auction_id}": number for auction_id, number in page.highest.items()}
        return fields | {f"recorded:{auction_id}": number for auction_id, number in page.recorded.items()}

    def _recorded_fields(self, page: Page) -> list[bytes]:
        if not page.recorded:
            return []
        self._recorded.update(page.recorded)
        gone = [
            field
            for field, highest in self._fields.items()
            if all(number <= self._recorded.get(auction_id, 0) for auction_id, number in highest.items())
        ]
        for field in gone:
            del self._fields[field]
        return gone


def _parts(page: Page) -> Iterator[list[NotedBid]]:
    bids = list(page.bids)
    return (bids[start : start + FIELD_BIDS_MAX] for start in range(0, len(bids), FIELD_BIDS_MAX))


def _highest(bids: list[NotedBid]) -> dict[int, int]:
    highest: dict[int, int] = {}
    for bid in bids:
        highest[bid.auction_id] = max(bid.sequence, highest.get(bid.auction_id, 0))
    return highest
