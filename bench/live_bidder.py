"""Bids at a steady rate through the engine, in a process of its own, and records when each was accepted.

    python -m bench.live_bidder URL < orders

Orders (one line of JSON): `auction`, `people`, `rate` (bids a second), `seconds`, `step`, `minimum`. Everybody bids
once, then everybody a second time, then a third. Each bid is a little above the cut-off, so each displaces somebody
once the seats are full. Prints one line of JSON: `accepted` as [sequence, monotonic seconds], and what the auction
published about each bid as [version, sequence, displaced, alert]. Nothing is recorded in the ledger.
"""

import json
import random
import sys
import threading
import time
from typing import Any

from cashticket import redis_keys
from cashticket.auction.values import Accepted
from cashticket.engine.connection import connect
from cashticket.engine.news import BidAccepted, parse_news
from cashticket.engine.redis_engine import RedisEngine

SEED = 20260101
LAST_NEWS_SECONDS = 5.0


class News:
    """Collects what is published about the auction, beside the bidding."""

    def __init__(self, url: str, auction: int) -> None:
        self.heard: list[tuple[int, int, int, int]] = []
        # redis-py gives this method no types.
        self._pubsub = connect(url).pubsub()  # type: ignore[no-untyped-call]
        self._pubsub.subscribe(redis_keys.news(auction))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended.is_set():
            message = self._pubsub.get_message(timeout=0.2)
            if message and message["type"] == "message":
                news = parse_news(message["data"])
                if isinstance(news, BidAccepted):
                    bid = news.entry
                    self.heard.append((news.version, bid.sequence, bid.displaced or 0, int(bid.alert)))

    def stop_after(self, count: int) -> None:
        """Wait for so many bids, at most a few seconds, and stop."""
        deadline = time.monotonic() + LAST_NEWS_SECONDS
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        self._ended.set()
        self._thread.join()


def bid(url: str, orders: dict[str, Any]) -> dict[str, Any]:
    """Place the bids. Returns what is printed."""
    engine = RedisEngine(connect(url))
    news = News(url, orders["auction"])
    rise = random.Random(SEED)
    step, cutoff = orders["step"], orders["minimum"]
    last: dict[int, int] = {}
    accepted: list[tuple[int, float]] = []
    refused = 0
    began = time.monotonic()
    wanted = int(orders["rate"] * orders["seconds"])
    for number in range(wanted):
        time.sleep(max(0.0, began + number / orders["rate"] - time.monotonic()))
        person = orders["people"][number % len(orders["people"])]
        amount = max(cutoff + step * rise.randint(1, 3), last.get(person, 0) + step)
        answer = engine.place_bid(orders["auction"], person, 1, amount, f"b{number}", sure=amount)
        if isinstance(answer, Accepted):
            accepted.append((answer.sequence, time.monotonic()))
            last[person], cutoff = amount, answer.cutoff
        else:
            refused += 1
    seconds = time.monotonic() - began
    news.stop_after(len(accepted))
    return {"accepted": accepted, "refused": refused, "seconds": seconds, "news": news.heard, "began": began}


def main() -> None:
    print(json.dumps(bid(sys.argv[1], json.loads(sys.stdin.readline()))))


if __name__ == "__main__":
    main()
