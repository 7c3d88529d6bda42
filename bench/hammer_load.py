"""The two crowds of `bench.hammer`: people who bid in one auction, and people who read the result of another."""

import random
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.live_readers import SOURCES, Child, child, read_line, write_line
from lab.filling.auctions import MINIMUM, STEP
from lab.filling.reading import FIRST_SHARE, LEVELS, OTHER_PAGES_SHARE, OUTCOME_SHARE
from lab.signed_in import SignedIn

CHANCES = 3
CONNECTIONS = 256
BID = (
    "POST /auctions/{auction}/bids HTTP/1.1\r\nHost: {host}\r\nCookie: %s\r\nX-CSRFToken: %s\r\n"
    "Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %s\r\n\r\n%s"
)
PAGE = "GET %s HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n"
OWN = "GET /auctions/{auction}/outcome HTTP/1.1\r\nHost: {host}\r\nCookie: %s\r\nHX-Request: true\r\n\r\n"

Sample = tuple[float, float, str, int, bool]


def write_bids(path: Path, guests: Sequence[SignedIn], auction: int, host: str) -> dict[str, str]:
    """Write everybody's first bid, then everybody's second, then the third. Returns the templates of the requests."""
    dice = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        for nth in range(CHANCES):
            for guest in guests:
                amount = MINIMUM + STEP * (nth * LEVELS + dice.randrange(LEVELS))
                body = f"amount={amount}&sure={amount}&request_id=h{nth}"
                file.write(f"bid\t{guest.cookie}\t{guest.token}\t{len(body)}\t{body}\n")
    return {"bid": BID.format(auction=auction, host=host)}


KINDS = ("first_page", "other_page", "outcome")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an auction as readers ask for it: how many pages it has, and who reads an outcome of their own."""

    auction: int
    pages: int
    readers: Sequence[SignedIn]

    def write(self, path: Path, host: str, count: int, kinds: Sequence[str] = KINDS) -> dict[str, str]:
        """Write `count` reads of these kinds in random order. Returns the templates of the requests."""
        dice = random.Random(2)
        shares = [{"outcome": OUTCOME_SHARE, "other_page": OTHER_PAGES_SHARE}.get(kind, FIRST_SHARE) for kind in kinds]
        with open(path, "w", encoding="utf-8") as file:
            for kind in dice.choices(kinds, shares, k=count):
                file.write(f"{kind}\t{self._text(kind, dice)}\n")
        page = PAGE.format(host=host)
        return {"first_page": page, "other_page": page, "outcome": OWN.format(auction=self.auction, host=host)}

    def _text(self, kind: str, dice: random.Random) -> str:
        if kind == "outcome":
            return dice.choice(self.readers).cookie
        number = dice.randint(2, self.pages) if kind == "other_page" and self.pages > 1 else 1
        return f"/auctions/{self.auction}/results" + (f"?page={number}" if number > 1 else "")


class Crowd:
    """A child process that sends the requests of a file at the rate it is told."""

    def __init__(self, process: Child) -> None:
        self._process = process

    def begin(self, rate: float, seconds: float) -> None:
        """Send for so long, at most; `end` brings what came."""
        write_line(self._process, {"rate": rate, "seconds": seconds})

    def end(self, *, at_once: bool = False) -> dict[str, Any]:
        """Wait for the end of the turn, or end it at once. Returns its samples and how it was sent."""
        if at_once:
            write_line(self._process, "stop")
        turn: dict[str, Any] = read_line(self._process)
        return turn

    def turn(self, rate: float, seconds: float) -> dict[str, Any]:
        self.begin(rate, seconds)
        return self.end()


@contextmanager
def crowd(port: int, rows: Path, templates: dict[str, str]) -> Iterator[Crowd]:
    """A crowd whose connections come from several loopback addresses, because nginx limits each address."""
    with child("bench.open_loop") as process:
        orders = {"port": port, "sources": SOURCES, "connections": CONNECTIONS, "rows": str(rows)}
        write_line(process, orders | {"templates": templates})
        yield Crowd(process)


def waits(samples: Sequence[Sample]) -> dict[str, float | None]:
    """Median, 99 of 100, and longest wait in ms; None without samples."""
    ordered = sorted(sample[1] for sample in samples)
    if not ordered:
        return {"p50_ms": None, "p99_ms": None, "max_ms": None}
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return {"p50_ms": round(statistics.median(ordered), 1), "p99_ms": round(p99, 1), "max_ms": round(ordered[-1], 1)}


def bids_of(samples: Sequence[Sample], started: float, ended: float) -> dict[str, Any]:
    """What became of the bids answered in a span of time: accepted, refused by the rules, and everything else."""
    mine = [sample for sample in samples if started <= sample[0] <= ended]
    accepted = sum(sample[4] for sample in mine)
    refused = sum(sample[3] == 422 for sample in mine)
    other = Counter(str(sample[3]) for sample in mine if not sample[4] and sample[3] != 422)
    figures: dict[str, Any] = {"accepted": accepted, "refused": refused, "errors": sum(other.values())}
    return figures | {"error_statuses": dict(other), **waits(mine)}


def reads_of(turn: dict[str, Any], seconds: float) -> dict[str, Any]:
    """What became of the reads of one turn, in all and by kind."""
    samples: list[Sample] = turn["samples"]
    wrong = Counter(str(sample[3]) for sample in samples if sample[3] != 200)
    if turn["missing"]:
        wrong["unanswered"] = turn["missing"]
    kinds = sorted({sample[2] for sample in samples})
    return {
        "per_second": round(sum(sample[3] == 200 for sample in samples) / seconds, 1),
        "errors": sum(wrong.values()),
        "error_statuses": dict(wrong),
        **waits(samples),
        "by_kind": {kind: waits([sample for sample in samples if sample[2] == kind]) for kind in kinds},
        "late_ms": turn["late_ms"],
    }
