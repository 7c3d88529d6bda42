"""Runs of the state machine."""

from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.storm.stateful.every_sequence import EverySequence
from tests.storm.stateful.stores import Stores

STEPS = 40
"""Steps of a sequence at most."""


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
