"""The proving course, first part: what people do while bidding is open, and what a bid must never do."""

from concurrent.futures import ThreadPoolExecutor

from cashticket.auction.values import AMOUNT_MAX, Accepted
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.reply_dropper import ReplyDropper
from tests.storm import client
from tests.storm.proving.stage import Ground

MINIMUM, STEP = 100_000, 5_000


def steps(number: int) -> int:
    """So many steps above the minimum price, in won."""
    return MINIMUM + STEP * number


def evening(ground: Ground) -> None:
    """Ties, raises, falls with and without chances left, a fourth bid, bad amounts, repeats, and both edges of time."""
    auction = ground.open(soft_close_seconds=2, soft_close_cap_seconds=4)
    alice, bob, carol, dave, erin = ground.people[:5]
    opens = ground.opens(auction)
    ground.bid(auction, alice, MINIMUM, opens - 1)
    ground.bid(auction, alice, MINIMUM, opens, "first")
    ground.bid(auction, alice, MINIMUM, opens + 5, "first")
    ground.bid(auction, alice, steps(1), opens + 6, "first")
    ground.bids(auction, [(bob, steps(0)), (carol, steps(2)), (bob, steps(3)), (bob, steps(4))], opens + 10)
    ground.bid(auction, bob, steps(40), opens + 20)
    ground.bids(auction, [(carol, steps(6)), (alice, steps(5)), (dave, steps(6)), (alice, steps(7))], opens + 30)
    ground.record(auction)
    for amount in (MINIMUM - STEP, MINIMUM + STEP // 2, steps(1)):
        ground.bid(auction, erin, amount, opens + 40)
    ground.bid(auction, dave, steps(4), opens + 45)
    ground.bid(auction, alice, steps(50), opens + 46)
    ground.bid(auction, dave, steps(8), opens + 20)
    _last_seconds(ground, auction)
    ground.settle(auction)
    ground.bid(auction, alice, MINIMUM, None, "first")
    ground.bid(auction, erin, steps(90))


def _last_seconds(ground: Ground, auction: int) -> None:
    """A bid in the last millisecond before each end in force and one just before it, one at the last end, and one after
    it."""
    last = ground.people[9]
    for number, person in enumerate(ground.people[5:8], 1):
        end = ground.end(auction)
        ground.bid(auction, person, steps(10 + 2 * number), end - 1)
        ground.bid(auction, last, steps(9 + 2 * number), end - 2)
    end = ground.end(auction)
    ground.bid(auction, ground.people[8], steps(30), end)
    ground.bid(auction, ground.people[8], steps(30), end + 1)


def crowd(ground: Ground) -> None:
    """Whatever the dice say, on a clock that sometimes jumps back."""
    auction = ground.open(seats=3)
    now = ground.opens(auction) + 1_000
    sent: list[tuple[int, int, str]] = []
    for _ in range(45):
        now += ground.dice.randrange(-8, 20)
        person, amount, request = ground.dice.choice(ground.people), steps(ground.dice.randrange(-1, 30)), ""
        luck = ground.dice.random()
        if sent and luck < 0.2:
            person, amount, request = ground.dice.choice(sent)
            amount += STEP * (luck < 0.07)
        elif luck < 0.25:
            amount += 1
        request = request or ground.request()
        if isinstance(ground.bid(auction, person, amount, now, request), Accepted):
            sent.append((person, amount, request))
        if luck > 0.9:
            ground.record(auction)
    ground.settle(auction)


def edges(ground: Ground) -> None:
    """Amounts at the end of what an order can hold, tied and one won apart."""
    auction = ground.open(minimum=7, step=1)
    people, now = ground.people, ground.opens(auction)
    highest = [AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX - 1, AMOUNT_MAX, AMOUNT_MAX - 1, 1_234_567_891, 7]
    ground.bids(auction, zip(people, highest, strict=False), now)
    for amount in (AMOUNT_MAX + 1, AMOUNT_MAX + 7, 2**40):
        ground.bid(auction, people[8], amount, now + 20)
    ground.bid(auction, people[8], AMOUNT_MAX, now + 21)
    ground.settle(auction)


def rush(ground: Ground) -> None:
    """Six threads at once, some with each other's requests."""
    auction = ground.open(running=True, seats=2)
    wishes = [
        [(person, steps(ground.dice.randrange(20)), f"rush-{turn}") for turn in range(4)] for person in ground.people
    ]

    def bid_all(mine: list[tuple[int, int, str]]) -> None:
        for person, amount, request in [*mine, *mine[:2]]:
            client.bid(ground.recorder, ground.engine, auction, person, amount, request)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(bid_all, [*wishes[:4], *wishes[:2]]))
    ground.record(auction)


class _OneReplyLost(ReplyDropper):
    """Loses a single reply, with the connection it was to come on."""

    def _pass_on(self, asking: bool, source: object, target: object) -> bool:
        losing = self.dropping and not asking
        passed = super()._pass_on(asking, source, target)  # type: ignore[arg-type]
        if losing:
            self.dropping = False
        return passed


def lost_answers(ground: Ground) -> None:
    """The answer to a bid is lost with its connection; the person asks again, and again much later."""
    auction = ground.open(running=True)
    alice, bob = ground.people[:2]
    dropper = _OneReplyLost(ground.redis_url.removeprefix("unix://"))
    dropper.cut = True
    try:
        shaky = RedisEngine(connect(dropper.url, timeout_seconds=20.0))
        for number, person in enumerate((alice, bob, alice, bob)):
            shaky.clock()
            dropper.dropping = True
            attempt = (ground.recorder, shaky, auction, person, steps(number), f"lost-{number}")
            if client.bid(*attempt) is None:
                client.bid(*attempt)
            dropper.dropping = False
            client.bid(ground.recorder, ground.engine, *attempt[2:])
        shaky._client.close()
    finally:
        dropper.stop()
    ground.bid(auction, alice, steps(0), request="lost-0")
    ground.record(auction)
