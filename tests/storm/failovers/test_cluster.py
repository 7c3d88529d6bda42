"""A primary of a cluster dies while whole processes bid: every answer is compared with the ledger, and other auctions
go on."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.pauses import REPLICA_AWAY
from cashticket.extensions import db
from cashticket.ledger import queries
from lab.servers.cluster_store import ClusterStore
from lab.servers.redis_server import redis_binary
from lab.waiting import wait_until
from tests.storm.failovers.bidders import Bidder, WebDoor
from tests.storm.failovers.installation import Site
from tests.storm.failovers.judgement import judge
from tests.storm.open_pages import OpenPages, Page

GUESTS_EACH, BIDDERS_EACH, PAGES_EACH, SOME = 40, 2, 2, 6
SECONDS = 90.0
MISSING = "Redis is not installed: apt install redis-server"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site[ClusterStore]]:
    """Two web processes, a drain, checks and the watch on a cluster."""
    if redis_binary() is None:
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    site = Site(tmp_path / "site", 1, 2 * BIDDERS_EACH * GUESTS_EACH, ClusterStore(), webs=2)
    try:
        yield site.start()
    finally:
        site.stop()


class Pauses(threading.Thread):
    """Why an auction took no bids while this ran: `seen`. It asks the primary of this auction alone."""

    def __init__(self, site: Site[ClusterStore], auction_id: int) -> None:
        super().__init__(name="pauses", daemon=True)
        self.seen: list[str | None] = []
        self.ended = threading.Event()
        self._site, self._auction_id = site, auction_id

    def run(self) -> None:
        while not self.ended.wait(0.05):
            self.seen.append(paused(self._site, self._auction_id))


def owner(site: Site[ClusterStore], auction_id: int) -> int:
    return site.store.owner(redis_keys.state(auction_id))


def two_auctions(site: Site[ClusterStore]) -> tuple[int, int]:
    """Two auctions on two primaries, which know everybody."""
    first = second = site.open_auction()
    while owner(site, second) == owner(site, first):
        second = site.open_auction()
    for guest in site.people:
        for each in (first, second):
            site.app.extensions["engine"].introduce(each, guest.person, Permission.OK, 1, 1)
    return first, second


def bidders(site: Site[ClusterStore], auction_id: int, first: int, stop: threading.Event) -> list[Bidder]:
    """Some of them at each web process, from this number on."""
    numbers = range(first, first + BIDDERS_EACH)
    guests = [site.people[number * GUESTS_EACH : (number + 1) * GUESTS_EACH] for number in numbers]
    doors = [WebDoor(site.webs[number % 2].port, auction_id) for number in numbers]
    return [Bidder(*each, stop) for each in zip(numbers, doors, guests, strict=True)]


def paused(site: Site[ClusterStore], auction_id: int) -> str | None:
    """Why an auction takes no bids, None while its primary does not answer."""
    try:
        return site.app.extensions["engine"].statuses([auction_id])[auction_id].paused
    except (StoreUnavailable, OutcomeUnknown):
        return None


def fail_over(site: Site[ClusterStore], auction_id: int) -> tuple[float, float]:
    """Kill the primary of an auction, and bring it back once its replica is promoted and the watch has noticed that
    this one has no replica itself. Returns when the first and the last of these happened, in monotonic seconds."""
    number = owner(site, auction_id)
    struck_at = time.monotonic()
    site.store.kill(number)
    wait_until(lambda: paused(site, auction_id) == REPLICA_AWAY, "a promoted replica, which lacks one", SECONDS)
    site.store.start_node(number)
    return struck_at, time.monotonic()


def finish(everybody: Sequence[Bidder], back_at: float) -> None:
    """Wait until each has some answers after that, and then for those to what was sent."""

    def bids_again(each: Bidder) -> bool:
        return sum(answer.at > back_at for answer in each.answers) >= SOME or not each.is_alive()

    wait_until(lambda: all(bids_again(each) for each in everybody), "new answers", SECONDS)
    everybody[0]._stop_event.set()
    for each in everybody:
        each.join(SECONDS)
        assert not (each.failure or each.open), f"{each.name}: {each.failure or each.open}"


def is_recorded(site: Site[ClusterStore], auction_id: int) -> bool:
    engine = site.app.extensions["engine"]
    with site.app.app_context(), suppress(StoreUnavailable, OutcomeUnknown):
        recorded = queries.recorded_sequence(auction_id)
        db.session.remove()
        return bool(recorded == engine.statuses([auction_id])[auction_id].sequence)
    return False


@pytest.mark.sweep
@pytest.mark.timeout(300)
def test_what_was_answered_stands_in_the_ledger_once_and_other_auctions_are_not_paused(
    site: Site[ClusterStore],
) -> None:
    struck, other = two_auctions(site)
    stop, pauses = threading.Event(), Pauses(site, other)
    of_struck, of_other = bidders(site, struck, 0, stop), bidders(site, other, BIDDERS_EACH, stop)
    everybody = of_struck + of_other
    pages = {each: [Page() for _ in range(PAGES_EACH)] for each in (struck, other)}
    with ExitStack() as open_pages:
        for number, (each, shown) in enumerate(pages.items()):
            open_pages.enter_context(OpenPages(site.webs[number].port, each, shown))
        for each in (*everybody, pauses):
            each.start()
        wait_until(lambda: all(len(each.answers) >= SOME for each in everybody), "bids of everybody")
        struck_at, back_at = fail_over(site, struck)
        finish(everybody, back_at)
        pauses.ended.set()
        pauses.join()
        for each, shown in pages.items():
            wait_until(lambda each=each: is_recorded(site, each), "the record of every bid", SECONDS)
            version = site.app.extensions["engine"].read(each).version
            wait_until(lambda shown=shown, version=version: {page.board for page in shown} == {version}, "the truth")
    assert set(pauses.seen) == {""} and len(pauses.seen) > 20
    meanwhile = [answer for each in of_other for answer in each.answers if struck_at < answer.at < back_at]
    assert len(meanwhile) >= SOME, "the auction on another primary went on"
    for auction_id, group in ((struck, of_struck), (other, of_other)):
        answers = [answer for each in group for answer in each.answers]
        assert len(answers) >= 2 * SOME * BIDDERS_EACH, "hardly anything was judged"
        assert judge(site.app, auction_id, answers).sound
