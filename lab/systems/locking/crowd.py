"""People who bid on one auction from several threads of this process, each three times and higher each time."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from cashticket.auction.terms import Terms
from cashticket.auction.values import CHANCES, Accepted, Permission
from cashticket.engine.interface import Engine

MINIMUM, STEP, STEPS = 100_000, 1_000, 100


def publish(engine: Engine, auction_id: int, people: int, seats: int = 20) -> None:
    """Publish an auction that is open now, and introduce people 1 … `people` to it."""
    now_ms = engine.clock()
    engine.open(Terms(auction_id, seats, MINIMUM, STEP, now_ms - 1_000, now_ms + 3_600_000))
    for person in range(1, people + 1):
        engine.introduce(auction_id, person, Permission.OK, 1, 1)


def bid(engine: Engine, auction_id: int, people: int, threads: int, seed: int = 1) -> int:
    """Let everybody bid CHANCES times, each thread for a share of the people. Returns how many bids were accepted."""
    together = Barrier(threads)

    def share(number: int) -> int:
        dice, count = random.Random(f"{seed}-{number}"), 0
        together.wait()
        for nth in range(CHANCES):
            for person in range(1 + number, people + 1, threads):
                amount = MINIMUM + STEP * (nth * STEPS + dice.randrange(STEPS))
                answer = engine.place_bid(auction_id, person, 1, amount, f"{person}-{nth}")
                count += isinstance(answer, Accepted)
        return count

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(share, range(threads)))
