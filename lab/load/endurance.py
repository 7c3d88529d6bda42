"""What a system does over many minutes at a share of its knee: the waits for bids and the backlog, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.load.knee import RATE_MIN
from lab.load.raw import Answer, RawTurn
from lab.load.waits import Waits, waits_of

P99_MS_MAX = 50.0
"""The p99 of bids has to stay below it, in ms."""
MINUTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute, the first is 1: the waits for the bids that were sent in it, and the largest backlog seen in it."""

    number: int
    bids: Waits
    backlog_max: int


def endurance_rate(knee: int, share: float) -> int:
    """The rate at `share` of a knee."""
    return max(RATE_MIN, round(knee * share))


def is_fast(bids: Waits) -> bool:
    """Whether the p99 of bids stays below P99_MS_MAX. Without a bid it does not."""
    return bids.count > 0 and bids.p99_ms < P99_MS_MAX


def bid_waits(turn: RawTurn) -> Waits:
    """The waits for bids alone, without the pages and sign-ins around them."""
    return waits_of("bid", _bids(turn))


def minutes_of(turn: RawTurn) -> list[Minute]:
    """Every minute of a turn in which a bid was sent or the backlog was read."""
    bids, backlogs = _by_minute(_bids(turn)), _backlogs_by_minute(turn.facts["backlog"])
    numbers = sorted(bids.keys() | backlogs.keys())
    return [Minute(each, waits_of("bid", bids.get(each, [])), backlogs.get(each, 0)) for each in numbers]


def _bids(turn: RawTurn) -> list[Answer]:
    return [answer for answer in turn.answers if answer.is_bid]


def _by_minute(bids: Sequence[Answer]) -> dict[int, list[Answer]]:
    groups: dict[int, list[Answer]] = {}
    began = min((answer.sent_ms for answer in bids), default=0)
    for answer in bids:
        groups.setdefault(_minute((answer.sent_ms - began) / 1000), []).append(answer)
    return groups


def _backlogs_by_minute(looks: Sequence[tuple[float, int]]) -> dict[int, int]:
    largest: dict[int, int] = {}
    for moment, waiting in looks:
        number = _minute(moment)
        largest[number] = max(largest.get(number, 0), waiting)
    return largest


def _minute(seconds: float) -> int:
    return 1 + int(seconds // MINUTE_SECONDS)
