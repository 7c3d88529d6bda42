"""Witnesses of the state machine: the product's knowledge of accepted bids, one process for each auction."""

from collections import defaultdict
from collections.abc import Iterator

import redis

from cashticket import redis_keys
from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.news import BidAccepted, Recorded, parse_news
from cashticket.witness.knowledge import Knowledge
from cashticket.witness.pages import bid_text
from cashticket.witness.reading import Reading
from cashticket.witness.testimony import Record


class Witnesses:
    """A shelf for `read_testimony`. Learns from answers (`note`) and from the news of the live store."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._knowledge: dict[int, Knowledge] = defaultdict(Knowledge)
        self._news = self._subscribed()

    def note(self, auction_id: int, entry: Entry) -> None:
        """The engine's `on_accepted`."""
        self._knowledge[auction_id].learn((auction_id, entry))

    def hear(self, auction_id: int, identity: str) -> None:
        """The process that witnesses this auction has heard this process of the live store."""
        self._knowledge[auction_id].hear(Pulse(identity, 1))

    def lose(self, auction_id: int) -> None:
        """What was known of this auction is gone. A new process witnesses it from now on."""
        self._learn_news()
        self._knowledge.pop(auction_id, None)

    def forget_all(self) -> None:
        """Begin again, for other auctions that may get the same ids."""
        self._news.close()
        self._knowledge.clear()
        self._news = self._subscribed()

    def records(self) -> Iterator[Record]:
        """What each process has written: all that it knows."""
        self._learn_news()
        for auction_id, knowledge in self._knowledge.items():
            page = knowledge.everything(None)
            reading = Reading(identities=set(page.identities))
            for number, highest in page.highest.items():
                reading.raise_highest(number, highest)
            for number, recorded in page.recorded.items():
                reading.raise_recorded(number, recorded)
            for bid in page.bids:
                reading.add_bid(bid_text(bid))
            yield from reading.records(f"web-{auction_id}", alive=False)

    def _subscribed(self) -> redis.client.PubSub:
        news = self._client.pubsub()
        news.psubscribe(redis_keys.NEWS_PATTERN)
        assert news.get_message(timeout=20) is not None
        return news

    def _learn_news(self) -> None:
        while (message := self._news.get_message(timeout=0)) is not None:
            auction_id = int(message["channel"].decode().partition(":")[2].partition("}")[0])
            news = parse_news(message["data"].decode())
            if isinstance(news, BidAccepted):
                self._knowledge[auction_id].learn((auction_id, news.entry))
            elif isinstance(news, Recorded):
                self._knowledge[auction_id].learn((auction_id, news.through_sequence))
