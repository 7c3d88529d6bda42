"""When the live store took orders, as it keeps it itself, and the times in which nobody could give it any.

Whoever works with the store asks it each second (`Beats.beat`): every witness, and the watch. The store keeps the last
of these moments. While it was away (killed, frozen, cut off from everybody, or refusing to write), no beat arrived.
After more than AWAY_MS, whoever comes next says what that time was: a silence, if the caller got no answer meanwhile
and this machine has measured as long; else a step of the store's clock. Whoever was cut off alone can say nothing,
because the beats of the others arrived.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from cashticket import redis_keys
from cashticket.auction.outages import Silence
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.machine_time import measured_ms
from cashticket.engine.scripts import Script
from cashticket.engine.values import Beat

STEP_MS = 2_000
"""A silence may be so much longer by the store's clock than by that of this machine."""


class Beats:
    """The beats of one process. Call `beat` each second, and use the store otherwise inside `noticing`."""

    def __init__(
        self, client: redis.Redis, measured: Callable[[], float] = measured_ms, key: str = redis_keys.BEATS
    ) -> None:
        """`measured` gives milliseconds that no setting of a clock changes. The store keeps its beats at `key`."""
        self._client, self._measured, self._script, self._key = client, measured, Script("beat"), key
        # When the last beat was sent that counts, and whether the store was missed since then.
        self._counted_at: float | None = None
        self._is_missed = False

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """Notice a store that does not answer in the block."""
        try:
            yield
        except (StoreUnavailable, OutcomeUnknown):
            self._is_missed = True
            raise

    def beat(self) -> Beat:
        """Note that the store takes orders. Raises StoreUnavailable, OutcomeUnknown."""
        sent_at = self._measured()
        with self.noticing():
            beat = self._ask("", None)
            if beat.is_doubtful and (verdict := self._verdict(beat)):
                beat = self._ask(verdict, beat)
        if not beat.is_doubtful:
            self._counted_at, self._is_missed = sent_at, False
        return beat

    def _verdict(self, beat: Beat) -> str:
        """What this process can say of the time since the last beat, '' for nothing."""
        if self._counted_at is None:
            return ""
        is_step = self._measured() - self._counted_at < beat.now_ms - beat.taken_ms - STEP_MS
        if is_step:
            return "present"
        return "away" if self._is_missed else ""

    def _ask(self, verdict: str, doubted: Beat | None) -> Beat:
        arguments = (verdict, doubted.taken_ms if doubted else "", doubted.now_ms if doubted else "", "")
        now, taken, is_doubtful, silences = self._script(self._client, (self._key,), arguments)
        return Beat(int(now), int(taken), tuple(map(_silence, filter(None, silences.split(";")))), is_doubtful == "1")


def _silence(text: str) -> Silence:
    began_ms, ended_ms = map(int, text.split())
    return Silence(began_ms, ended_ms)
