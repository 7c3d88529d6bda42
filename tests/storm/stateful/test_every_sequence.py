"""Any sequence of bids, deaths, losses, rebuildings, settlements and hand-overs leaves what the model says, at each
step.

A failure ends with the shortest program that still fails, and its seed. CASHTICKET_SEQUENCES sets the number of
sequences, CASHTICKET_SEQUENCES_SEED repeats a run. Nothing is kept between runs.
"""

import logging
import os
import secrets
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from cashticket import redis_keys
from cashticket.extensions import db
from tests.storm.stateful.every_sequence import EverySequence
from tests.storm.stateful.stores import ClockedEngine, Stores
from tests.storm.stateful.strategies import BACKLOG_MAX

FEW, FEW_STEPS = 4, 30
STEPS = 40
# Two thirds of a long run use the database of production.
MANY = {"mysql": 100, "sqlite": 50}
LONG = int(os.environ.get("CASHTICKET_SEQUENCES", "0"))
MET = {
    False: ("accepted", "replayed", "paused", "closed", "mending done", "recording done", "displaced and alerted"),
    True: ("lapsing done", "seats awarded", "seats handed over"),
}
"""What fifty sequences must have met, together with `DEATHS` ways to die. Otherwise they prove less than they claim."""
DEATHS = 3


@pytest.fixture
def stores(app: Flask) -> Iterator[Stores]:
    """Both stores, with logging off."""
    logging.disable()
    try:
        yield Stores(app, BACKLOG_MAX)
    finally:
        logging.disable(logging.NOTSET)


def run(stores: Stores, sequences: int, steps: int, number: int, *, over: bool, shrink: bool = True) -> Counter[str]:
    """Run sequences of up to `steps` steps from a seed. Returns what came about in them, counted."""
    tally: Counter[str] = Counter()

    def machine() -> EverySequence:
        return EverySequence(stores, tally, over=over)

    how = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(seed(number)(machine), settings=how)
    except BaseException as error:
        error.add_note(f"CASHTICKET_SEQUENCES={sequences} CASHTICKET_SEQUENCES_SEED={number} finds this again")
        raise
    return tally


START = pytest.mark.parametrize("over", [False, True], ids=["from the first bid", "from the hammer"])


@START
@pytest.mark.timeout(300)
def test_a_few_sequences_leave_what_the_model_says(stores: Stores, over: bool) -> None:
    tally = run(stores, FEW, FEW_STEPS, 1, over=over)
    assert tally["sequences"] >= FEW and tally["accepted"] > FEW


@START
@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.timeout(3_600)
def test_every_sequence_leaves_what_the_model_says(stores: Stores, over: bool) -> None:
    number = int(os.environ.get("CASHTICKET_SEQUENCES_SEED") or secrets.randbelow(10**9))
    kind = db.engine.dialect.name
    sequences = LONG or MANY.get(kind, MANY["mysql"])
    tally = run(stores, sequences, STEPS, number, over=over)
    print(f"{kind}, seed {number}: {dict(sorted(tally.items()))}")
    assert tally["sequences"] >= sequences
    if sequences >= 50:
        never = [name for name in MET[over] if not tally[name]]
        assert not never, f"seed {number} never came across {never}"
        assert sum(name.startswith("died ") for name in tally) >= DEATHS


class Forgetful(ClockedEngine):
    """Drops one more bid from the list than was recorded, if more wait. `lost` counts them."""

    lost = 0

    def trim(self, auction_id: int, through_sequence: int) -> int:
        dropped = super().trim(auction_id, through_sequence)
        self.lost += self._client.lpop(redis_keys.bids(auction_id)) is not None
        return dropped


@pytest.mark.timeout(300)
def test_the_machine_sees_an_engine_that_drops_a_bid(stores: Stores) -> None:
    """It sees it after the step in which the first bid is dropped, and where it is missing."""
    engine = Forgetful(stores.client, BACKLOG_MAX)
    stores.use(engine)
    with pytest.raises(AssertionError, match=r"^live store waiting: [^;]*$"):
        run(stores, 200, STEPS, 1, over=False, shrink=False)
    assert engine.lost == 2, "one in the sequence that failed, and one when it was repeated for the message"
