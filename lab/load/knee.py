"""The rule by which a system holds a rate or chokes on it, and the search for the highest rate that it holds.

The numbers were written down before anything was measured. Pure functions of what a turn measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

P95_MS_MAX = 500.0
ERROR_SHARE_MAX = 0.01
RISING_SECONDS = 30.0
"""A backlog that rises for this long chokes. In a shorter turn, one that rises for the whole turn does."""
RISING_ARRIVALS_SECONDS = 0.5
"""Rising less than what arrives in this time is noise of the drain's batches."""
CLIENT_CPU_SHARE_MAX = 0.8
RATE_MIN = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """One rate, held for `seconds`. What it counts, such as requests a second, is the scenario's.

    Times and errors are those of the kind of visit that did worst. `bids_per_second` is how many bids were to come;
    None stands for the rate itself. `backlog` holds (seconds since the start, accepted bids that wait for the ledger).
    `dropped` counts requests that the client did not send when they were due. `client_cpu_share` is the part of its
    processor time that it used.
    """

    rate: int
    seconds: float
    p95_ms: float
    error_share: float
    backlog: tuple[tuple[float, int], ...] = ()
    dropped: int = 0
    client_cpu_share: float = 0.0
    bids_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Knee:
    """`held` is the highest rate that was held, `choked` the lowest that was not; None: there was none.

    `client_bound`: the client may have been the limit, so the system may hold more than `held`.
    """

    held: int | None
    choked: int | None
    client_bound: bool


def reasons_choked(turn: Turn) -> list[str]:
    """Why the turn counts as choked, by the rule. Empty when the rate was held."""
    reasons = []
    if turn.p95_ms > P95_MS_MAX:
        reasons.append(f"p95 {turn.p95_ms:.0f} ms")
    if turn.error_share > ERROR_SHARE_MAX:
        reasons.append(f"errors {turn.error_share:.1%}")
    arriving = turn.rate if turn.bids_per_second is None else turn.bids_per_second
    if is_rising(turn.backlog, arriving, min(RISING_SECONDS, turn.seconds)):
        reasons.append("rising backlog")
    return reasons


def reasons_client_bound(turn: Turn) -> list[str]:
    """Why the result may be the client's limit instead of the system's."""
    reasons = []
    if turn.dropped:
        reasons.append(f"{turn.dropped} dropped")
    if turn.client_cpu_share > CLIENT_CPU_SHARE_MAX:
        reasons.append(f"client at {turn.client_cpu_share:.0%} of its CPU")
    return reasons


def is_rising(backlog: Sequence[tuple[float, int]], rate: float, seconds: float) -> bool:
    """Whether the backlog rises during some window of `seconds`.

    In such a window the lowest backlog of each third is above the lowest of the third before it, and the last is above
    the first by what arrives in RISING_ARRIVALS_SECONDS. The lowest, because a healthy drain empties the list again and
    again between two batches.
    """
    return any(
        _rises_from(backlog, start, rate, seconds)
        for start, _ in backlog
        # The last look comes up to a second before the end of the turn.
        if start + seconds <= backlog[-1][0] + 1.0
    )


def _rises_from(backlog: Sequence[tuple[float, int]], start: float, rate: float, seconds: float) -> bool:
    thirds: list[list[int]] = [[], [], []]
    for moment, waiting in backlog:
        if start <= moment < start + seconds:
            # Rounding may make the last moment before the end a whole third more.
            thirds[min(2, int((moment - start) * 3 / seconds))].append(waiting)
    if any(len(third) < 2 for third in thirds):
        return False
    first, second, last = (min(third) for third in thirds)
    return first < second < last and last - first > rate * RISING_ARRIVALS_SECONDS


def knee_of(turns: Sequence[Turn]) -> Knee:
    """The knee as far as these turns show it. Rates above one that choked prove nothing."""
    choked = min((turn for turn in turns if reasons_choked(turn)), key=_rate, default=None)
    held = max((turn for turn in turns if choked is None or turn.rate < choked.rate), key=_rate, default=None)
    client_bound = held is not None and bool(reasons_client_bound(held))
    # A system that chokes lets its client drop requests too: only a busy client casts doubt on a choked turn.
    busy = choked is not None and choked.client_cpu_share > CLIENT_CPU_SHARE_MAX
    return Knee(held and held.rate, choked and choked.rate, client_bound or busy)


def next_rate(turns: Sequence[Turn], first: int, precision: float) -> int | None:
    """The rate of the next turn; None when the knee is found, or cannot be found with this client.

    Rates double from `first` until one chokes, or halve until one is held; then the middle of both is tried until they
    differ by no more than `precision` (a share of the lower one).
    """
    if not turns:
        return first
    knee = knee_of(turns)
    if knee.choked is None:
        return None if knee.client_bound or knee.held is None else knee.held * 2
    if knee.held is None:
        return max(knee.choked // 2, RATE_MIN) if knee.choked > RATE_MIN else None
    if knee.choked - knee.held <= max(1.0, knee.held * precision):
        return None
    return (knee.held + knee.choked) // 2


def _rate(turn: Turn) -> int:
    return turn.rate
