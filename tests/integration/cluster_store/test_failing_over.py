"""The live store on a cluster: what happens to bids while a slot moves and while a primary dies."""

import threading
from contextlib import suppress

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Entry
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable
from cashticket.engine.pauses import RESTARTED
from cashticket.engine.redis_engine import RedisEngine
from cashticket.work import orders_taken
from cashticket.work.watch.guard import Guard
from lab.servers.cluster_store import ClusterStore
from lab.waiting import wait_until
from tests.integration.cluster_store.steps import auctions, paused, there
from tests.staging.auctions import Stage

# Nothing here has to do with the kind of database.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow]
PEOPLE = ("alice", "bob", "carol")


class Bidders:
    """One thread for each auction, in which three people bid until their chances are used up. Keeps every answer."""

    def __init__(self, stage: Stage) -> None:
        self.accepted: dict[int, list[Accepted]] = {each: [] for each in auctions(stage)}
        self.paused: set[int] = set()
        self._stage, self._stop_event = stage, threading.Event()
        self._threads = [threading.Thread(target=self._bid, args=(each,)) for each in self.accepted]

    def __enter__(self) -> "Bidders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop_event.set()
        for thread in self._threads:
            thread.join()

    def _bid(self, auction_id: int) -> None:
        bids = [(name, nth) for nth in range(1, 4) for name in PEOPLE]
        while bids and not self._stop_event.wait(0.05):
            name, nth = bids[0]
            with suppress(StoreUnavailable, OutcomeUnknown, Paused):
                decision = self._stage.engine.place_bid(
                    auction_id, self._stage.people[name], 1, 100_000 + 5_000 * nth, f"{name}-{nth}"
                )
                assert isinstance(decision, Accepted), decision
                self.accepted[auction_id].append(decision)
                bids.pop(0)


def require_sound(engine: RedisEngine, bidders: Bidders) -> None:
    """Every answered bid is in the list of its auction, in order, and no number was given twice."""
    for auction_id, answers in bidders.accepted.items():
        entries = [entry for entry in engine.peek(auction_id, 100) if isinstance(entry, Entry)]
        numbers = [entry.sequence for entry in entries]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {(each.sequence, each.amount) for each in answers} <= {(each.sequence, each.amount) for each in entries}
        assert len({each.sequence for each in answers}) == len(answers)


def test_a_slot_that_moves_under_bidding_pauses_its_auctions_until_they_are_checked(
    stage: Stage, cluster: ClusterStore, queue_redis: redis.Redis
) -> None:
    moved = auctions(stage)[0]
    guard = Guard(stage.engine, queue_redis, (), 0)
    guard.round()
    key = redis_keys.state(moved)
    with Bidders(stage) as bidders:
        wait_until(lambda: bidders.accepted[moved], "a bid before the move")
        cluster.move(key, next(number for number in range(3) if number != cluster.owner(key)))
        wait_until(lambda: paused(stage), "a pause")
        assert paused(stage) == {moved: RESTARTED}
        wait_until(lambda: guard.round() or not paused(stage), "the end of the pause")
        wait_until(lambda: all(len(each) == 9 for each in bidders.accepted.values()), "every bid")
    require_sound(stage.engine, bidders)


def test_a_primary_that_is_killed_under_bidding_pauses_its_auctions_alone(
    stage: Stage, cluster: ClusterStore, queue_redis: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    guard = Guard(stage.engine, queue_redis, (), 0)
    guard.round()
    victim = cluster.owner(redis_keys.state(auctions(stage)[0]))
    struck = there(stage, cluster, victim)
    others = set(auctions(stage)) - struck
    with Bidders(stage) as bidders:
        wait_until(lambda: all(bidders.accepted.values()), "a bid in each auction")
        cluster.kill(victim)
        require_rounds_for_others(stage, guard, queue_redis, struck, others, caplog)
        wait_until(lambda: all(len(bidders.accepted[each]) == 9 for each in others), "all bids of the others")
        wait_until(lambda: _answers(stage), "a promoted replica")
        assert set(paused(stage)) == struck
        cluster.start_node(victim)
        wait_until(cluster.is_well, "the former primary as a replica")
        wait_until(lambda: guard.round() or not paused(stage), "the end of the pause")
        wait_until(lambda: all(len(each) == 9 for each in bidders.accepted.values()), "every bid")
    require_sound(stage.engine, bidders)


def require_rounds_for_others(
    stage: Stage, guard: Guard, queue: redis.Redis, struck: set[int], others: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    """While a shard is away, the watch looks at the auctions of the others, and takes none for lost."""
    seen = {each: orders_taken.taken_ms(queue, each) for each in others}
    caplog.clear()
    assert not stage.engine.present_condition().is_whole
    assert stage.engine.backlog([*others, *struck]).keys() == others
    for _ in range(3):
        guard.round()
    assert not [each for each in others if (orders_taken.taken_ms(queue, each) or 0) <= (seen[each] or 0)]
    assert "is lost" not in caplog.text and "another process" not in caplog.text
    assert "does not answer, its auctions take no bids" in caplog.text


def _answers(stage: Stage) -> bool:
    try:
        return bool(paused(stage))
    except (StoreUnavailable, OutcomeUnknown):
        return False
