"""Any sequence of bids, deaths, losses, rebuildings, settlements and hand-overs leaves what the model says, at each
step.

A failure ends with the shortest program that still fails, and its seed. CASHTICKET_SEQUENCES sets the number of
sequences, CASHTICKET_SEQUENCES_SEED repeats a run. Nothing is kept between runs.
"""

import os
import secrets
from collections import Counter

import pytest

from cashticket.extensions import db
from tests.storm.stateful.running import STEPS, run
from tests.storm.stateful.stores import Stores

FEW, FEW_STEPS = 4, 30
# The steps are the same on both; a sequence costs nearly twice as much on the database of production.
SHARE = {"mysql": 10, "sqlite": 50}
ALL = {"mysql": 20, "sqlite": 60}
MANY = ALL if os.environ.get("CASHTICKET_TRIALS") == "all" else SHARE
"""CI runs a share, `make storm` all."""
LONG = int(os.environ.get("CASHTICKET_SEQUENCES", "0"))
# CI draws much the same sequences each time (Hypothesis also tries constants of imported modules); long runs draw new
# ones.
SEED = 771
MET = {
    False: (
        "accepted",
        "replayed",
        "paused",
        "closed",
        "mending done",
        "recording done",
        "displaced and alerted",
        "withdrawn by an operator",
    ),
    True: ("lapsing done", "seats awarded", "seats handed over"),
}
"""What a run must have met, together with `DEATHS` ways to die. Otherwise it proves less than it claims."""
DEATHS = 3
FURTHER, FURTHER_RUNS = 10, 20
"""A run that was drawn without something of that goes on, with so many sequences at a time."""


START = pytest.mark.parametrize("over", [False, True], ids=["from the first bid", "from the hammer"])


@START
@pytest.mark.timeout(500)
def test_a_few_sequences_leave_what_the_model_says(stores: Stores, over: bool) -> None:
    tally = run(stores, FEW, FEW_STEPS, 1, over=over)
    assert tally["sequences"] >= FEW and tally["accepted"] > FEW


@START
@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.timeout(3_600)
def test_every_sequence_leaves_what_the_model_says(stores: Stores, over: bool) -> None:
    number = int(os.environ.get("CASHTICKET_SEQUENCES_SEED") or (secrets.randbelow(10**9) if LONG else SEED))
    kind = db.engine.dialect.name
    sequences = LONG or MANY.get(kind, MANY["mysql"])
    tally = run(stores, sequences, STEPS, number, over=over)
    # Of 31 runs of ten sequences two had not met all of it: that twenty more miss the same thing happens less than
    # once in a million runs.
    for further in range(1, FURTHER_RUNS + 1) if sequences >= 50 else ():
        if missing(tally, over):
            tally += run(stores, FURTHER, STEPS, number + further, over=over)
    print(f"{kind}, seed {number}: {dict(sorted(tally.items()))}")
    assert tally["sequences"] >= sequences
    assert sequences < 50 or not missing(tally, over), f"seed {number} never came across {missing(tally, over)}"


def missing(tally: Counter[str], over: bool) -> list[str]:
    """What a run must meet and has not met yet."""
    deaths = sum(name.startswith("died ") for name in tally)
    return [name for name in MET[over] if not tally[name]] + [f"{DEATHS} ways to die"] * (deaths < DEATHS)
