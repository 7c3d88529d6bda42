"""What of the contract does not run on the lab's engines is named test by test, and bidding is not among it."""

from importlib import import_module

from tests.fixtures.engines import REFUSED_BY_ROWS
from tests.fixtures.locking import LEFT_OUT


def test_every_test_that_is_left_out_exists() -> None:
    for name in (*LEFT_OUT, *REFUSED_BY_ROWS):
        module_name, _, function = name.partition("::")
        module = import_module(f"tests.contract.{module_name}")
        assert not function or callable(getattr(module, function)), name


def test_nothing_about_bidding_displacement_reading_or_time_is_left_out() -> None:
    modules = {name.partition("::")[0] for name in (*LEFT_OUT, *REFUSED_BY_ROWS)}
    assert not modules & {"test_bidding", "test_accepted_bids", "test_displacement", "test_reading", "test_time"}
