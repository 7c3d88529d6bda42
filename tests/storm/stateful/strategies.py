"""What the state machine draws from: terms, first bids, odd amounts, and moments to die at."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from lab.oracle.bidding import AMOUNT_MAX
from tests.storm.stateful.deaths import MOMENTS, Moment
from tests.storm.stateful.model import ModelAuction

HOUR = 3_600_000
BASE = 4_102_444_800_000
DEADLINE = BASE + 50 * HOUR
BACKLOG_MAX = 9
"""Most bids of one auction that may wait for the ledger, and most numbers given up when the live store is lost."""


@dataclass(frozen=True)
class Plan:
    """Terms of one auction. Times are ms after `BASE`; the ceiling lies so many steps above the minimum, and a little
    off them, or is not there."""

    seats: int
    minimum: int
    step: int
    ceiling_steps: int | None
    opens: int
    closes: int
    soft: int
    uniform: bool

    def auction(self) -> ModelAuction:
        times = (BASE + self.opens, BASE + self.closes, self.soft, 15_000)
        steps = self.ceiling_steps
        maximum = AMOUNT_MAX if steps is None else self.minimum + self.step * steps + self.step // 2
        return ModelAuction(0, self.seats, self.minimum, self.step, maximum, *times, self.uniform, BACKLOG_MAX)


_TERMS = st.builds(
    Plan,
    seats=st.integers(1, 3),
    minimum=st.sampled_from([100_000, 0]),
    step=st.sampled_from([5_000, 7, 1]),
    ceiling_steps=st.sampled_from([None, None, 0, 3, 12]),
    opens=st.sampled_from([0, 2_000]),
    closes=st.sampled_from([60_000, 61_000, 90_000]),
    soft=st.sampled_from([0, 10_000]),
    uniform=st.booleans(),
)
TERMS = st.lists(_TERMS, min_size=1, max_size=2)
NUMBERS = st.integers(0, 5)
STEPS = st.integers(1, 3) | st.integers(1, 12)
"""Steps above one's own last bid: mostly few, for many equal bids; sometimes enough to pass everybody."""
SURE = st.sampled_from([True, False])
"""Whether a bidder says the amount once more."""
BIDS = st.lists(st.tuples(NUMBERS, NUMBERS, STEPS), min_size=6, max_size=20)

ODD_AMOUNTS: st.SearchStrategy[Callable[[ModelAuction, int], int]] = st.sampled_from(
    [
        lambda auction, own: auction.minimum - 1,
        lambda auction, own: max(own, auction.minimum) + 1,
        lambda auction, own: own,
        lambda auction, own: AMOUNT_MAX - (AMOUNT_MAX - auction.minimum) % auction.step,
        lambda auction, own: auction.maximum - (auction.maximum - auction.minimum) % auction.step,
        lambda auction, own: auction.maximum + 1,
        lambda auction, own: AMOUNT_MAX + 1,
        lambda auction, own: 10**30,
        lambda auction, own: -5,
    ]
)


def deaths(*names: str) -> st.SearchStrategy[Moment | None]:
    """Mostly None, else a moment of one of these happenings."""
    moments = [moment for moment in MOMENTS if moment[0] in names]
    return st.one_of(st.none(), st.sampled_from(moments)) if moments else st.none()
