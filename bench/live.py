"""Thousands of open sockets on one busy auction: how long news takes to reach each of them, and what a socket costs.

    python -m bench.live [--sockets 1000,10000] [--seconds 60] [--rate 100] [--signed-in 20] [--seats 20] [--crowd N]
                         [--repeat 1] [--nginx] [--json]

Starts the live service as production does (one gevent process), opens the sockets from several loopback addresses with
two reader processes, and bids at a steady rate through the engine from another process. A share of the sockets is
signed in, bids, and gets alerts. Then a bare `websockets` server, the yardstick, sends as many frames of the same sizes
to as many sockets. `fan_out` is the time from the first to the last socket that gets a board. With
--repeat everything is measured several times anew, and the run with the median ratio of fan-out times is reported.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench import report
from bench.live_process import MemoryWatch, cpu_seconds, growth_percent, memory_kb
from bench.live_readers import Readers, child, read_line, write_line
from bench.live_scene import MINIMUM, Scene, scene_of_sockets
from lab import live_figures
from lab.servers.installation import free_port

CHANCES = 3
CROWD_A_SEAT = 5
"""People who have bid before, for each seat of a hall that the bidders of the measurement cannot fill in seconds."""

SEATS_FILLED_SOON = 20
LAST_BOARD_SECONDS = 30.0
LAST_FRAMES_SECONDS = 2.0
"""Time for what is still on its way when everybody has the last board, such as alerts."""

YARDSTICK_TICKS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", default="10000", help="how many, or several numbers with commas (default 10000)")
    parser.add_argument("--seconds", type=float, default=60, help="how long bids are placed (default 60)")
    parser.add_argument("--rate", type=float, default=100, help="bids a second (default 100)")
    parser.add_argument("--signed-in", type=int, default=20, help="percent of the sockets with a session (default 20)")
    parser.add_argument("--seats", type=int, default=20, help="seats of the auction (default 20)")
    parser.add_argument("--crowd", type=int, help="people who have bid before (default: 5 a seat, none up to 20 seats)")
    parser.add_argument("--repeat", type=int, default=1, help="measure so often and report the median (default 1)")
    parser.add_argument("--nginx", action="store_true", help="through nginx with the product's configuration")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    runs = []
    for sockets in map(int, given.sockets.split(",")):
        repeats = []
        for _ in range(given.repeat):
            repeats.append(measure(sockets, given))
            print(json.dumps(repeats[-1]), file=sys.stderr)
        runs.append(live_figures.median_run(repeats))
    report.finish({"bench": "live", "ratio": runs[-1]["fan_out_ratio"], "runs": runs}, given.json)
    if any(run["wrong"] for run in runs):
        sys.exit("an alert or a board was missed or doubled: these figures must not be used")


def measure(sockets: int, given: argparse.Namespace) -> dict[str, Any]:
    """Measure the product with so many sockets, then the yardstick."""
    seconds, rate, seats = given.seconds, given.rate, given.seats
    signed_in = sockets * given.signed_in // 100
    bidders = max(signed_in, int(rate * seconds) // CHANCES + 1)
    crowd = given.crowd if given.crowd is not None else CROWD_A_SEAT * seats * (seats > SEATS_FILLED_SOON)
    with scene_of_sockets(sockets, signed_in, bidders, seats, crowd, nginx=given.nginx) as scene:
        figure, sizes, every = _measure_product(scene, sockets, seconds, rate)
    yardstick = _yardstick(sockets, sizes, every)
    ratio = figure["fan_out_ms"]["median"] / yardstick["fan_out_ms"]["median"] if figure["fan_out_ms"] else None
    return {
        "sockets": sockets,
        "signed_in": signed_in,
        "seats": seats,
        "crowd": crowd,
        "nginx": given.nginx,
        "fan_out_ratio": ratio and round(ratio, 2),
        **figure,
        "yardstick": yardstick,
    }


@dataclass(frozen=True, slots=True)
class Observed:
    """What was observed of the live service. Memory in KB: `empty` before the first socket, `full` with all, `last`."""

    handshakes: dict[str, Any]
    bids: dict[str, Any]
    readers: list[dict[str, Any]]
    empty: dict[str, int]
    full: dict[str, int]
    last: dict[str, int]
    sizes_kb: list[int]
    cpu_seconds: float


def _measure_product(scene: Scene, sockets: int, seconds: float, rate: float) -> tuple[Any, list[int], float]:
    """Returns the figures, and what the yardstick must repeat: frame sizes and seconds between ticks."""
    observed = _observe(scene, sockets, seconds, rate)
    figure = _figure(observed, sockets, {guest.person for guest in scene.watching})
    ticks = figure["ticks"]
    return figure, [figure["board_bytes"]] * min(YARDSTICK_TICKS, ticks), observed.bids["seconds"] / ticks


def _observe(scene: Scene, sockets: int, seconds: float, rate: float) -> Observed:
    empty = memory_kb(scene.live_pid)
    guests: list[list[Any]] = [[guest.cookie, guest.person] for guest in scene.watching]
    step = max(1, sockets // max(1, len(guests)))
    mixed = [guests[n // step] if n % step == 0 and n // step < len(guests) else [None, 0] for n in range(sockets)]
    with Readers(scene.port, f"/auctions/{scene.auction}/live?lang=ko", scene.origin, mixed) as readers:
        handshakes = readers.connected()
        full = memory_kb(scene.live_pid)
        watch = MemoryWatch(scene.live_pid).start()
        spent = cpu_seconds(scene.live_pid)
        with child("bench.live_bidder", scene.store) as bidder:
            orders = {"auction": scene.auction, "people": scene.bidding, "rate": rate, "seconds": seconds}
            write_line(bidder, orders | {"step": scene.step, "minimum": MINIMUM})
            bids = read_line(bidder)
        spent = cpu_seconds(scene.live_pid) - spent
        readers.wait_for_board(max(live_figures.moments(bids)), LAST_BOARD_SECONDS)
        time.sleep(LAST_FRAMES_SECONDS)
        sizes_kb, last = watch.stop(), memory_kb(scene.live_pid)
        return Observed(handshakes, bids, readers.results(), empty, full, last, sizes_kb, spent)


def _figure(observed: Observed, sockets: int, watching: set[int]) -> dict[str, Any]:
    bids, readers = observed.bids, observed.readers
    answered = live_figures.moments(bids)
    every, newest = live_figures.board_waits(readers, answered)
    fan_outs = live_figures.fan_outs(readers, sockets, answered)
    frames, sent = live_figures.total(readers, "frames"), live_figures.total(readers, "bytes")
    alerts = live_figures.alerts(readers, bids, watching)
    behind, closed = live_figures.behind(readers, max(answered)), live_figures.total(readers, "closed")
    return {
        "seconds": round(bids["seconds"], 1),
        "bids": len(bids["accepted"]),
        "bids_refused": bids["refused"],
        "connect": observed.handshakes,
        "board_ms": every,
        "board_newest_ms": newest,
        "alerts": alerts,
        "fan_out_ms": report.spread(fan_outs) if fan_outs else None,
        "ticks": max(1, round(frames["board"] / sockets) - 1),
        "ticks_complete": len(fan_outs),
        "frames_per_second": round(sum(frames.values()) / bids["seconds"]),
        "frames": frames,
        "bytes_per_socket_second": round(sum(sent.values()) / sockets / bids["seconds"]),
        "board_bytes": round(sent["board"] / frames["board"]),
        "standing_bytes": round(sent["standing"] / frames["standing"]) if frames.get("standing") else None,
        "kb_per_socket": _memory_a_socket(observed, sockets),
        "growth_percent_last_half": round(growth_percent(observed.sizes_kb), 1),
        "server_cpu": round(observed.cpu_seconds / bids["seconds"], 2),
        "readers_cpu_seconds": round(sum(reader["cpu_seconds"] for reader in readers), 1),
        "closed_unexpectedly": closed,
        "behind_at_the_end": behind,
        "wrong": bool(closed or behind or any(alerts[name] for name in ("missing", "doubled", "unexpected"))),
    }


def _memory_a_socket(observed: Observed, sockets: int) -> dict[str, float]:
    return {
        "connected": round((observed.full["pss"] - observed.empty["pss"]) / sockets, 1),
        "at_the_end": round((observed.last["pss"] - observed.empty["pss"]) / sockets, 1),
        "rss_at_the_end": round((observed.last["rss"] - observed.empty["rss"]) / sockets, 1),
    }


def _yardstick(sockets: int, sizes: list[int], every: float) -> dict[str, Any]:
    port = free_port()
    with child("bench.live_yardstick") as server:
        write_line(server, {"port": port, "sizes": sizes, "every": every})
        read_line(server, raw=True)
        empty = memory_kb(server.pid)
        with Readers(port, "/", f"http://127.0.0.1:{port}", [[None, 0]] * sockets) as readers:
            handshakes = readers.connected()
            full, spent = memory_kb(server.pid), cpu_seconds(server.pid)
            write_line(server, "go")
            time.sleep(every * len(sizes))
            readers.wait_for_board(len(sizes), LAST_BOARD_SECONDS)
            spent = cpu_seconds(server.pid) - spent
            seen = readers.results()
    fan_outs = live_figures.fan_outs(seen, sockets, range(1, len(sizes) + 1))
    return {
        "fan_out_ms": report.spread(fan_outs or [0.0]),
        "ticks": len(sizes),
        "ticks_complete": len(fan_outs),
        "connect": handshakes,
        "kb_per_socket": round((full["pss"] - empty["pss"]) / sockets, 1),
        "server_cpu": round(spent / (every * len(sizes)), 2),
    }


if __name__ == "__main__":
    main()
