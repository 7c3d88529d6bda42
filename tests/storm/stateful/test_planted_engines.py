"""The state machine notices an engine that loses a bid or gives a number twice, in the first step in which it does."""

import re
from collections.abc import Sequence

import pytest

from cashticket import redis_keys
from cashticket.auction.values import Entry
from tests.storm.stateful.going_back_rules import PROCESS
from tests.storm.stateful.running import STEPS, run
from tests.storm.stateful.stores import ClockedEngine, Stores
from tests.storm.stateful.strategies import BACKLOG_MAX

pytestmark = pytest.mark.sweep

SEED, SEQUENCES = 1, 200
"""Many more sequences than any of these engines needs; the run ends at the first that fails, early with this seed.
Which one that is also depends on the modules imported before, because Hypothesis tries constants of theirs."""


class Planted(ClockedEngine):
    """Counts how often its mistake had an effect."""

    mistakes = 0


class Forgetful(Planted):
    """Drops one more bid from the list than was recorded, if more wait."""

    def trim(self, auction_id: int, through_sequence: int) -> int:
        dropped = super().trim(auction_id, through_sequence)
        self.mistakes += self._client.lpop(redis_keys.bids(auction_id)) is not None
        return dropped


class Careless(Planted):
    """Puts back all bids but the last, and never gives its number again."""

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        self.mistakes += bool(entries)
        return super().put_back(auction_id, entries[:-1], through)


class Idle(Planted):
    """Puts nothing back, so it gives the same numbers again."""

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        self.mistakes += 1
        return True


class Hasty(Planted):
    """Takes the process that answers for the one on which the auction was found sound."""

    def read(self, auction_id: int, now_ms: int | None = None) -> object:  # type: ignore[override]
        """Bids after a read are taken although nobody has accounted for those before."""
        key = redis_keys.state(auction_id)
        if str(self._client.hget(key, "checked_on") or "").startswith(PROCESS):
            self._client.hset(key, "checked_on", self.condition().identity)
        return super().read(auction_id, now_ms)


CASES = [
    (Forgetful, r"live store waiting: [^;]*"),
    (Careless, r"live store waiting: .*; live store order: .*"),
    (Idle, r"the live store will give number \d+ again"),
    # It takes bids, or closes, although nobody has accounted for those before.
    (Hasty, r"live store (paused: , by the model restarted|state: closing, by the model open; .*)"),
]


@pytest.mark.timeout(500)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("engine_type", "message"), CASES, ids=[engine.__name__ for engine, _ in CASES])
def test_the_machine_sees_a_planted_engine(stores: Stores, engine_type: type[Planted], message: str) -> None:
    engine = engine_type(stores.client, BACKLOG_MAX, stores.witnesses.note)
    stores.use(engine)
    with pytest.raises(AssertionError) as failure:
        run(stores, SEQUENCES, STEPS, SEED, over=False, shrink=False)
    assert re.fullmatch(message, str(failure.value).split("\n")[0])
    assert engine.mistakes == 2 or engine_type is Hasty, "one, and one when that was repeated for the message"
