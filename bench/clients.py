"""k6 and our own clients drive one running system at one rate, in turns: do they measure the same?

    python -m bench.clients [--rate 50] [--seconds 20] [--turns 5] [--sockets 200] [--system architecture]
                            [--out FOLDER] [--json]

`bids`: each turn sends bids at `--rate` to an auction of its own, k6 or `bench.open_loop`. k6 counts a wait from the
moment at which it sends, our own client from the moment at which the bid was due. `frames`: each turn holds `--sockets`
sockets on one auction with a bid a second, k6 or `bench.live_reader`; a frame's age is the time since the live store's
clock in it. Processor time of a client is that of its processes from their start to their end.

The clients agree on a time when the middles of their turns are not further apart than the turns of one of them are, or
than 1 ms. Nothing is said where a client dropped requests, used more than 80 % of its processor time, or got errors.
The exit status is 1 when a promise of the product was broken. Needs k6, MariaDB, Redis and nginx. Run it on a machine
that does nothing else.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import report
from bench.own_clients import OwnBidTurns, OwnWatchTurns, WatchTurns
from cashticket.auction.values import CHANCES, Permission
from cashticket.wiring import current_engine
from lab.load import circumstances, kinds, raw, site
from lab.load.agreement import figures_of_client, table, verdict
from lab.load.bids import Bidding, BidTurns
from lab.load.crowd import MINIMUM, STEP, Offer, open_auction
from lab.load.figures import TurnFigures, Waits, turn_figures
from lab.load.stopping import interrupted_once
from lab.load.systems import SYSTEMS
from lab.load.turns import Turns
from lab.signed_in import add_people

K6, OWN = "k6", "own"
WARM_UP_SECONDS = 2
BIDS_MAX = 3_600
"""How many bids, one a second, change what the sockets show."""


def main() -> None:
    given = _parser().parse_args()
    system = SYSTEMS[given.system]
    if given.out and Path(given.out).exists():
        sys.exit(f"{given.out} exists; raw files need a folder of their own")
    if missing := circumstances.missing_programs(needs_front=system.has_front):
        sys.exit("\n".join(missing))
    with tempfile.TemporaryDirectory(prefix="cashticket-clients-") as temporary:
        folder = Path(given.out).resolve() if given.out else Path(temporary) / "run"
        try:
            with interrupted_once(), site.running(system, folder / "processes", _say, sockets=True) as running:
                figure = measure(running, folder, given)
        except KeyboardInterrupt:
            sys.exit("stopped")
    report.finish({"bench": "clients", **_settings(given), **figure}, given.json)
    if any(each["broken_promises"] for part in figure.values() for each in (part[K6], part[OWN])):
        sys.exit("a promise was broken: these figures must not be used")


def measure(running: site.Site, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Both comparisons, or the one of bids where the system has no sockets."""
    bidding = Bidding(Offer())
    clients: dict[str, Turns] = {K6: BidTurns(running, bidding), OWN: OwnBidTurns(running, bidding)}
    for name, turns in clients.items():
        turns.hold(given.rate, WARM_UP_SECONDS, folder / f"warm-up-{name}")
    figure = {"bids": _compare("bids", clients, given.rate, given, folder, _bids)}
    if running.system.pushes and given.sockets:
        with running.app.app_context():
            auction = open_auction(current_engine(), Offer())
        clients = {K6: WatchTurns(running, auction), OWN: OwnWatchTurns(running, auction)}
        with _bid_each_second(running, auction):
            figure["frames"] = _compare("frames", clients, given.sockets, given, folder, _frames)
    return figure


def _compare(
    what: str,
    clients: dict[str, Turns],
    rate: int,
    given: argparse.Namespace,
    folder: Path,
    waits_of: Callable[[TurnFigures], Waits],
) -> dict[str, Any]:
    """Turns of both clients, each beginning in every other pair, so that no drift of the machine favours one."""
    measured: dict[str, list[tuple[raw.RawTurn, TurnFigures]]] = {name: [] for name in clients}
    for number in range(given.turns):
        for name in list(clients)[:: -1 if number % 2 else 1]:
            place = folder / f"{what}-{number + 1:02}-{name}"
            clients[name].hold(rate, given.seconds, place)
            raw_turn = raw.read_turn(place)
            measured[name].append((raw_turn, turn_figures(raw_turn)))
            _say(f"{what} {number + 1}/{given.turns} {name}: p95 {waits_of(measured[name][-1][1]).p95_ms:.1f} ms")
    sides = {name: figures_of_client(turns, [waits_of(each) for _, each in turns]) for name, turns in measured.items()}
    said = verdict(sides[K6], sides[OWN], given.turns)
    _say(table(what, sides, said))
    return sides | said


def _bids(figures: TurnFigures) -> Waits:
    return _step(figures, kinds.BID)


def _frames(figures: TurnFigures) -> Waits:
    return _step(figures, kinds.FRAME)


def _step(figures: TurnFigures, name: str) -> Waits:
    steps = {each.name: each for each in figures.steps}
    if name not in steps:
        sys.exit(f"a client got no answer of the kind {name}")
    return steps[name]


@contextmanager
def _bid_each_second(running: site.Site, auction: int) -> Iterator[None]:
    """Change what everybody sees, as bidders do, as long as the block runs."""
    ended = threading.Event()
    with running.app.app_context():
        people = add_people(BIDS_MAX // CHANCES)

    def bid() -> None:
        with running.app.app_context():
            engine = current_engine()
            for number in range(BIDS_MAX):
                person = people[number // CHANCES]
                engine.introduce(auction, person, Permission.OK, 1, 1)
                amount = MINIMUM + STEP * number
                engine.place_bid(auction, person, 1, amount, f"each-second-{number}", sure=amount)
                if ended.wait(1.0):
                    return

    bidder = threading.Thread(target=bid, name="a bid a second")
    bidder.start()
    try:
        yield
    finally:
        ended.set()
        bidder.join()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=_positive, default=50, help="bids a second (default 50)")
    parser.add_argument("--seconds", type=_positive, default=20, help="length of one turn (default 20)")
    parser.add_argument(
        "--turns", type=_positive, default=5, help="turns of each client (default 5; one has no verdict)"
    )
    parser.add_argument("--sockets", type=int, default=200, help="sockets held at once, 0 for none (default 200)")
    parser.add_argument("--system", choices=list(SYSTEMS), default="architecture", help="what is driven")
    parser.add_argument("--out", help="a new folder for the raw files; by default they are not kept")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _settings(given: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(given, name) for name in ("system", "rate", "seconds", "turns", "sockets")}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
