"""What tests on a cluster ask again and again."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from cashticket import redis_keys
from cashticket.engine.connection import connect
from cashticket.live.subscription import Subscription
from lab.servers.cluster_store import ClusterStore
from lab.waiting import wait_until
from tests.staging.auctions import Stage


def auctions(stage: Stage) -> list[int]:
    return stage.engine.auctions()


def there(stage: Stage, cluster: ClusterStore, number: int) -> set[int]:
    """The auctions of one primary."""
    return {each for each in auctions(stage) if cluster.owner(redis_keys.state(each)) == number}


def paused(stage: Stage) -> dict[int, str]:
    """Why auctions take no bids, by auction."""
    return {each: status.paused for each, status in stage.engine.statuses(auctions(stage)).items() if status.paused}


class Ear:
    """Hears the news of all auctions. `heard` are their channels, `starts` how often it began to listen."""

    def __init__(self, cluster: ClusterStore) -> None:
        self.heard: set[str] = set()
        self.starts = 0
        self.subscription = Subscription(
            lambda: connect(cluster.url),
            redis_keys.NEWS_PATTERN,
            lambda channel, message: self.heard.add(channel),
            self._begin,
            about="auctions",
        )

    def _begin(self) -> None:
        self.starts += 1

    @contextmanager
    def listening(self) -> Iterator["Ear"]:
        self.subscription.start()
        assert self.subscription.wait(10)
        yield self
        self.subscription.stop()

    def hears_a_bid_in_each(self, stage: Stage, auction_ids: Collection[int]) -> None:
        self.heard.clear()
        for each in auction_ids:
            stage.bid("alice", 110_000, each)
        wait_until(lambda: self.heard == {redis_keys.news(each) for each in auction_ids}, "the news of all")
