"""`flask lab …`: the load lab, which starts whole systems on this machine and measures them.

It comes with the checkout; the product does not need it.
"""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from cashticket.cli.output import command, json_option
from cashticket.wiring import current_settings

ROOT = Path(__file__).resolve().parents[2]
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SCENARIOS = (
    "hot",
    "steady",
    "last-minute",
    "many",
    "many-2000",
    "mixed",
    "browse",
    "opening",
    "watchers",
    "watchers-2000",
    "hammer",
    "storm",
    "db-away",
    "slope",
    "size",
)
SIZE = "size"
ABSENT = "This installation has no load lab; it comes with the source code of CashTicket: run it in a checkout there."

SYSTEMS_HELP = (
    "Some of row-lock,procedure,synchronous,queue,front,micro-cache,architecture, by default "
    "row-lock,procedure,architecture; for `slope` of "
    "servers-one,servers-one-procedure,servers-1-web,servers-2-web,servers-4-web, by default all; "
    "for `size` of live-store,row-lock,procedure, by default all."
)

REPEATS_HELP = "How often each knee is found, in turns; by default 5 in `hot` and `mixed`, else once."
ENDURANCE_HELP = "Seconds at 70 % of the knee, 0 for none; by default 600 in `hot` and `mixed`, else none."

group = AppGroup("lab", help="The load lab: at which rate does one server choke, and at which this architecture?")


@command("run", example="lab run hot --quick")
@click.argument("scenario", type=click.Choice(SCENARIOS))
@click.option("--quick", is_flag=True, help="Three to five minutes: each rate held 10 s, a wider knee, once.")
@click.option("--systems", metavar="NAMES", help=SYSTEMS_HELP)
@click.option("--steps", is_flag=True, help="Drive each step from row-lock to architecture, an idea at a time.")
@click.option("--repeats", type=click.IntRange(1, 20), metavar="N", help=REPEATS_HELP)
@click.option("--endurance", type=click.IntRange(0, 3_600), metavar="SECONDS", help=ENDURANCE_HELP)
@click.option(
    "--sync-ms", type=click.FloatRange(0, 1000), metavar="MS", help="Least time of a disk sync; by default as it is."
)
@click.option(
    "--database-flush",
    type=click.Choice(["commit", "second"]),
    help="When the database of every system syncs its log: at each commit (default), or once a second.",
)
@click.option(
    "--rate",
    type=click.IntRange(1),
    metavar="N",
    help="Bids a second in hammer, storm and db-away; by default half of what each system held in `hot`.",
)
@click.option("--out", metavar="FOLDER", help="Where raw files and report go; a run there goes on where it stopped.")
@click.option("--publish", is_flag=True, help="Write docs/load-report.md anew, with this run in it.")
@json_option
def run(scenario: str, out: str | None, **options: str | float | bool | None) -> None:
    """Start systems from scratch on 127.0.0.1, drive them with k6 until they choke, and write a report.

    `hot`: everybody bids in one auction of 20 seats, on a single server and on this architecture. `steady`: in one
    of 2,000 seats, at all prices. `last-minute`: each bid moves the end. `many`: bids spread over 50 auctions of 20
    seats, `many-2000` of 2,000 each. `mixed`: 90 % watch an auction, 8 % look around, 2 % bid. `browse`: pages
    without signing in. `watchers`: everybody watches one auction of 20 seats, `watchers-2000` of 2,000, while a few
    bids move it. `opening`: people storm the sign-in while others look and bid. `slope`: as `hot`, on servers of a
    quarter core or less each, by CPU quotas: one that does everything, and this architecture with 1, 2 and 4 web
    servers, as root. `size`: without k6, the processor time of a bid with 1,000 to 1,000,000 bids standing.

    `hammer`: a large auction ends, is settled, and its result is read. `storm` and `db-away`: workers are killed, or
    MariaDB is away, at half of the bids that a system held in `hot`.

    The lab has stores and databases of its own and touches nothing of this installation. It takes all cores of the
    machine; Ctrl+C stops everything and keeps the raw files.

    --sync-ms 1 gives database and stores the disk of a cloud volume. With --database-flush second
    (innodb_flush_log_at_trx_commit=2) a power cut of the database loses answered bids in every system.
    """
    _refuse_in_production()
    options["out"] = out and str(Path(out).resolve())
    if scenario == SIZE:
        _exit_with("lab.load.size", _arguments(options))
    _exit_with("lab.load", [scenario, *_arguments(options)])


@command("locust", example="lab locust --people 20")
@click.option("--people", type=click.IntRange(1, 200), help="How many sign in and bid at once; 10 by default.")
@click.option("--seconds", type=click.IntRange(1, 3600), help="How long; 60 by default.")
@click.option("--system", type=click.Choice(["row-lock", "procedure", "architecture"]), help="architecture by default.")
@click.option("--out", metavar="FOLDER", help="A new folder for Locust's page and the raw files.")
@json_option
def locust(out: str | None, **options: str | int | bool | None) -> None:
    """Let Locust drive one system as a second opinion, and keep its HTML page.

    Each person signs in by the form, opens the auction, reviews a bid and sends it, a visit each five seconds. People
    wait for answers before they go on, so a slow system is asked less: `lab run` judges, this command does not. Every
    promise is checked afterwards all the same. `make lab-locust` installs Locust in an environment of its own first.
    """
    _refuse_in_production()
    _exit_with("lab.load.locust", list(_arguments({**options, "out": out and str(Path(out).resolve())})))


@command("report", example="lab report")
@json_option
def report(as_json: bool) -> None:
    """Write docs/load-report.md, the same as one page, and the comparison in the README from the published raw files.

    `lab run SCENARIO --publish` does it too; this command measures nothing. Scenarios without published files are named
    as not measured.
    """
    _exit_with("lab.load.report", ["--json"] if as_json else [])


def _refuse_in_production() -> None:
    if current_settings().production:
        raise click.ClickException("The load lab takes all cores of a machine; it is refused in production.")


def _exit_with(module: str, arguments: Iterable[str]) -> None:
    """Run a module of the lab and exit with its status. Raises ClickException where there is no lab."""
    if not (ROOT / "lab" / "load").is_dir():
        raise click.ClickException(ABSENT)
    click.get_current_context().exit(_run_lab([sys.executable, "-m", module, *arguments]))


def _arguments(options: dict[str, str | float | bool | None]) -> Iterator[str]:
    """The given options as the lab takes them."""
    for name, value in sorted(options.items()):
        # 0 is a choice too: no endurance.
        if value is not None and value is not False:
            yield f"--{name.removeprefix('as_').replace('_', '-')}"
            if value is not True:
                yield f"{value:g}" if isinstance(value, float) else str(value)


def _run_lab(command: list[str]) -> int:
    """Run the lab to its end and return its exit status. Stop signals are handed on: it ends what it has started."""
    lab = subprocess.Popen(command, cwd=ROOT)
    before = {each: signal.signal(each, lambda number, _: lab.send_signal(number)) for each in STOP_SIGNALS}
    try:
        return lab.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


group.add_command(run)
group.add_command(locust)
group.add_command(report)
