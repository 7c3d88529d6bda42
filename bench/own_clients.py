"""Our own clients in the place of k6: the same turns of the load lab, driven by `bench.open_loop` and
`bench.live_reader`. They leave the same raw files, so that the same code computes their figures and checks every
promise."""

import json
import select
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.hammer_load import BID
from bench.live_readers import PROCESSES, SOURCES, Readers, child, read_line, write_line
from bench.open_loop import ANSWER_SECONDS_MAX
from lab.load import kinds, raw
from lab.load.bids import BidTurns
from lab.load.client import ClientFailed, Usage
from lab.load.journeys import JourneyTurns, Visits
from lab.load.processor_time import tree_seconds
from lab.load.site import Site

BODY_BYTES = 400
LOOK_SECONDS = 1.0

Look = Callable[[], None]


class OwnBidTurns(BidTurns):
    """Bids as of `BidTurns`, sent by `bench.open_loop`."""

    def drive(self, plan: Path, console: Path, seconds_max: float, look: Look) -> Usage:
        document = raw.read_json(plan)
        rows = console.with_name("rows.tsv")
        self._write_rows(document, rows)
        target = urlsplit(document["target"])
        template = BID.format(auction=document["auctions"][0], host=target.netloc)
        orders = {"port": target.port, "sources": SOURCES, "connections": document["clients"], "rows": str(rows)}
        orders |= {"templates": {"bid": template}, "body_bytes": BODY_BYTES}
        began = time.monotonic()
        with child("bench.open_loop") as process:
            write_line(process, orders)
            write_line(process, {"rate": document["rate"], "seconds": document["seconds"]})
            while not select.select([process.stdout], [], [], LOOK_SECONDS)[0]:
                look()
                if time.monotonic() - began > seconds_max:
                    raise ClientFailed("our own client did not end in time")
            turn = read_line(process)
            usage = Usage(tree_seconds(process.pid), time.monotonic() - began, 1)
        # Sessions, as in the file of guests, which the lab removes too.
        rows.unlink()
        _write_answers(console, _answers(turn))
        _write_summary(document, turn["sent"])
        return usage

    def _write_rows(self, plan: dict[str, Any], path: Path) -> None:
        guests = json.loads(Path(plan["guests"]).read_text())
        with open(path, "w", encoding="utf-8") as file:
            for row in range(plan["rate"] * plan["seconds"]):
                cookie, token = guests[row % len(guests)]
                amount = self._bidding.amount(row, len(guests))
                body = f"amount={amount}&sure={amount}&request_id=row-{row}"
                file.write(f"bid\t{cookie}\t{token}\t{len(body)}\t{body}\n")


class WatchTurns(JourneyTurns):
    """People who watch one auction and do nothing else, each by a socket that k6 holds."""

    def __init__(self, site: Site, auction: int) -> None:
        super().__init__(site, lambda people: Visits(watchers=people))
        self._shown = auction


class OwnWatchTurns(WatchTurns):
    """Sockets as of `WatchTurns`, held by `bench.live_reader`."""

    def drive(self, plan: Path, console: Path, seconds_max: float, look: Look) -> Usage:
        document = raw.read_json(plan)
        target, path = urlsplit(document["target"]), f"/auctions/{document['auction']}/live"
        assert target.port
        sockets: list[list[Any]] = [[None, 0]] * document["sockets"]
        began = time.monotonic()
        with Readers(target.port, path, document["target"], sockets, ages=True) as readers:
            readers.connected()
            # k6 opens its sockets one after the other; on average they are open as long.
            ends = time.monotonic() + document["ramp"] / 2 + document["seconds"]
            while (left := ends - time.monotonic()) > 0:
                look()
                time.sleep(min(LOOK_SECONDS, left))
            seen = readers.results()
        usage = Usage(sum(each["cpu_seconds"] for each in seen), time.monotonic() - began, PROCESSES)
        now = round(time.time() * 1000)
        frames = [
            raw.Answer(now, now, count, 200, age, "", kinds.FRAME) for each in seen for age, count in each["ages"]
        ]
        lost = sum(sum(each["closed"].values()) for each in seen)
        _write_answers(
            console, [*frames, *(raw.Answer(now, now, number, 0, 0, "", kinds.SOCKET) for number in range(lost))]
        )
        _write_summary(document, 0)
        return usage


def _answers(turn: dict[str, Any]) -> list[raw.Answer]:
    """Each request of a turn in the order of the answers; the unanswered last, with status 0."""
    # Samples have the machine's monotonic clock, raw files the time of day.
    ahead = time.time() - time.monotonic()
    answers = []
    for moment, waited_ms, _, status, _, number, body in turn["samples"]:
        answered_ms = round((moment + ahead) * 1000)
        sent_ms = int(answered_ms - waited_ms)
        answers.append(raw.Answer(sent_ms, answered_ms, number, status, waited_ms, " ".join(body.split())))
    now, answered = round(time.time() * 1000), {each.row for each in answers}
    silent = [number for number in range(turn["sent"]) if number not in answered]
    began = min((each.sent_ms for each in answers), default=now)
    return answers + [raw.Answer(began, now, number, 0, 1000 * ANSWER_SECONDS_MAX, "") for number in silent]


def _write_answers(console: Path, answers: Iterable[raw.Answer]) -> None:
    with open(console, "w", encoding="utf-8") as file:
        for each in answers:
            cells = (each.sent_ms, each.answered_ms, each.cell, each.status, f"{each.waited_ms:.3f}", each.body)
            file.write("\t".join(map(str, cells)) + "\n")


def _write_summary(plan: dict[str, Any], sent: int) -> None:
    raw.write_json(Path(plan["summary"]), {"metrics": {"http_reqs": {"values": {"count": sent}}}})
