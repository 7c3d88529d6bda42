"""The drill in small: what it loses comes back, and its figures are those of what happened."""

from pathlib import Path

import pytest

from lab.drill.__main__ import drill
from tests.fixtures.redis import idle_connections_closed


@pytest.mark.slow
def test_a_lost_machine_comes_back_with_every_bid_that_must_be_there(migrated_sqlite: Path, tmp_path: Path) -> None:
    small = {"bids": 50, "database": "sqlite", "guests": 120, "in_process": True, "migrated": migrated_sqlite}
    with idle_connections_closed():
        [lost] = drill(tmp_path, losses=["everything"], **small)  # type: ignore[arg-type]
    assert lost.is_well and lost.answered >= 30
    assert lost.restored_through is not None and lost.restored_through >= 50 + 15
    assert lost.missing and min(lost.missing) > lost.restored_through
    assert lost.restore is not None and 0 < lost.restore < lost.without_bids
