"""Smoke run, first part: bids of every kind while bidding is open."""

from concurrent.futures import ThreadPoolExecutor

from cashticket.auction.values import AMOUNT_MAX, Accepted
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.reply_dropper import ReplyDropper
from tests.storm import client
from tests.storm.proving.stage import SmokeStage

MINIMUM, STEP = 100_000, 5_000


def steps(number: int) -> int:
    """The amount so many steps above the minimum price, in won."""
    return MINIMUM + STEP * number


def all_kinds_of_bids(stage: SmokeStage) -> None:
    """Ties, raises, displacements with and without chances left, a fourth bid, bad amounts, repeats, both edges of
    time."""
    auction = stage.open(soft_close_seconds=2, soft_close_cap_seconds=4)
    alice, bob, carol, dave, erin = stage.people[:5]
    opens = stage.opens(auction)
    stage.bid(auction, alice, MINIMUM, opens - 1)
    stage.bid(auction, alice, MINIMUM, opens, "first")
    stage.bid(auction, alice, MINIMUM, opens + 5, "first")
    stage.bid(auction, alice, steps(1), opens + 6, "first")
    stage.bids(auction, [(bob, steps(0)), (carol, steps(2)), (bob, steps(3)), (bob, steps(4))], opens + 10)
    stage.bid(auction, bob, steps(40), opens + 20)
    stage.bids(auction, [(carol, steps(6)), (alice, steps(5)), (dave, steps(6)), (alice, steps(7))], opens + 30)
    stage.record(auction)
    for amount in (MINIMUM - STEP, MINIMUM + STEP // 2, steps(1)):
        stage.bid(auction, erin, amount, opens + 40)
    stage.bid(auction, dave, steps(4), opens + 45)
    stage.bid(auction, alice, steps(50), opens + 46)
    stage.bid(auction, dave, steps(8), opens + 20)
    _last_seconds(stage, auction)
    stage.settle(auction)
    stage.bid(auction, alice, MINIMUM, None, "first")
    stage.bid(auction, erin, steps(90))


def _last_seconds(stage: SmokeStage, auction: int) -> None:
    """Bids in the last two milliseconds before each end in force, one at the last end, and one after it."""
    last = stage.people[9]
    for number, person in enumerate(stage.people[5:8], 1):
        end = stage.end(auction)
        stage.bid(auction, person, steps(10 + 2 * number), end - 1)
        stage.bid(auction, last, steps(9 + 2 * number), end - 2)
    end = stage.end(auction)
    stage.bid(auction, stage.people[8], steps(30), end)
    stage.bid(auction, stage.people[8], steps(30), end + 1)


def random_bids(stage: SmokeStage) -> None:
    """Random bids, on a clock that sometimes jumps back."""
    auction = stage.open(seats=3)
    now = stage.opens(auction) + 1_000
    sent: list[tuple[int, int, str]] = []
    for _ in range(45):
        now += stage.dice.randrange(-8, 20)
        person, amount, request = stage.dice.choice(stage.people), steps(stage.dice.randrange(-1, 30)), ""
        luck = stage.dice.random()
        if sent and luck < 0.2:
            person, amount, request = stage.dice.choice(sent)
            amount += STEP * (luck < 0.07)
        elif luck < 0.25:
            amount += 1
        request = request or stage.request()
        if isinstance(stage.bid(auction, person, amount, now, request), Accepted):
            sent.append((person, amount, request))
        if luck > 0.9:
            stage.record(auction)
    stage.settle(auction)


def highest_amounts(stage: SmokeStage) -> None:
    """The highest amounts an order can hold, tied and one won apart."""
    auction = stage.open(minimum=7, step=1)
    people, now = stage.people, stage.opens(auction)
    highest = [AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX - 1, AMOUNT_MAX, AMOUNT_MAX - 1, 1_234_567_891, 7]
    for later, (person, amount) in enumerate(zip(people, highest, strict=False)):
        stage.bid(auction, person, amount, now + later, sure=amount)
    for amount in (AMOUNT_MAX + 1, AMOUNT_MAX + 7, 2**40):
        stage.bid(auction, people[8], amount, now + 20)
    stage.bid(auction, people[8], AMOUNT_MAX, now + 21)
    stage.settle(auction)


def a_ceiling(stage: SmokeStage) -> None:
    """Bids at a ceiling between two steps, above it, and far above it."""
    auction = stage.open(maximum=steps(20) + 1)
    now = stage.opens(auction)
    amounts = [steps(20), steps(21), steps(20), steps(20) + 1, steps(2000), steps(19)]
    stage.bids(auction, zip(stage.people, amounts, strict=False), now)
    stage.settle(auction)


def far_above(stage: SmokeStage) -> None:
    """Bids far above the cut-off and just not, said once and said twice, while seats are left and when none is."""
    auction = stage.open(seats=2)
    alice, bob, carol = stage.people[:3]
    now, ten = stage.opens(auction), 10 * MINIMUM
    stage.bid(auction, alice, ten + STEP, now)
    stage.bid(auction, alice, ten + STEP, now + 1, sure=ten)
    stage.bid(auction, alice, ten, now + 2)
    stage.bid(auction, bob, ten + STEP, now + 3, sure=ten + STEP)
    stage.bid(auction, carol, 10 * ten, now + 4)
    stage.bid(auction, carol, 10 * ten + STEP, now + 5)
    stage.bid(auction, carol, 10 * ten + 2 * STEP, now + 6, sure=10 * ten + 2 * STEP)
    stage.settle(auction)


def withdrawals(stage: SmokeStage) -> None:
    """Standings are taken out: of a winner, of somebody in line, of nobody, in the last second, and after a raise."""
    auction = stage.open(seats=2, soft_close_seconds=2, soft_close_cap_seconds=4)
    alice, bob, carol, dave = stage.people[:4]
    now = stage.opens(auction)
    stage.bids(auction, [(alice, steps(5)), (bob, steps(4)), (carol, steps(3)), (dave, steps(2))], now)
    for later, person in enumerate((alice, dave, stage.people[9])):
        stage.withdraw(auction, person, now + 10 + later)
    stage.record(auction)
    stage.bid(auction, alice, steps(1), now + 20)
    stage.bid(auction, alice, steps(8), now + 21)
    stage.withdraw(auction, carol, stage.end(auction) - 1)
    stage.bid(auction, dave, steps(9), stage.end(auction) - 1)
    stage.settle(auction)


def six_threads(stage: SmokeStage) -> None:
    """Six threads at once, some with each other's requests."""
    auction = stage.open(running=True, seats=2)
    wishes = [
        [(person, steps(stage.dice.randrange(20)), f"rush-{turn}") for turn in range(4)] for person in stage.people
    ]

    def bid_all(mine: list[tuple[int, int, str]]) -> None:
        for person, amount, request in [*mine, *mine[:2]]:
            client.bid(stage.recorder, stage.engine, auction, person, amount, request)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(bid_all, [*wishes[:4], *wishes[:2]]))
    stage.record(auction)


class _OneReplyLost(ReplyDropper):
    """Drops a single reply, and its connection."""

    def _pass_on(self, asking: bool, source: object, target: object) -> bool:
        losing = self.dropping and not asking
        passed = super()._pass_on(asking, source, target)  # type: ignore[arg-type]
        if losing:
            self.dropping = False
        return passed


def lost_answers(stage: SmokeStage) -> None:
    """The answer to a bid is lost with its connection; the person asks again, and once more much later."""
    auction = stage.open(running=True)
    alice, bob = stage.people[:2]
    dropper = _OneReplyLost(stage.redis_url.removeprefix("unix://"))
    dropper.cut = True
    try:
        shaky = RedisEngine(connect(dropper.url, timeout_seconds=20.0))
        for number, person in enumerate((alice, bob, alice, bob)):
            shaky.clock()
            dropper.dropping = True
            attempt = (stage.recorder, shaky, auction, person, steps(number), f"lost-{number}")
            if client.bid(*attempt) is None:
                client.bid(*attempt)
            dropper.dropping = False
            client.bid(stage.recorder, stage.engine, *attempt[2:])
        shaky._client.close()
    finally:
        dropper.stop()
    stage.bid(auction, alice, steps(0), request="lost-0")
    stage.record(auction)
