"""`flask demo`: a running installation with invented data. `make run` calls `up`, which runs `seed` and `bots`.

For development only: the passwords are printed and robots bid, so production refuses these commands.
"""

import signal

import click
from flask.cli import AppGroup

from cashticket.cli.demo import running_auction
from cashticket.cli.demo.bots import run_robots
from cashticket.cli.demo.season import seed_season
from cashticket.cli.demo.up import run_demo
from cashticket.cli.output import command, json_option, print_one
from cashticket.wiring import current_settings
from cashticket.work import stopping

group = AppGroup("demo", help="A running auction with people and robots, for development.")


def _refuse_in_production() -> None:
    if current_settings().production:
        raise click.ClickException("The demo has printed log-ins and bidding robots; it is refused in production.")


@command("up", example="demo up")
def up() -> None:
    """Start every process with a demo auction, and keep them running until Ctrl+C."""
    _refuse_in_production()
    run_demo(current_settings())


@command("seed", example="demo seed")
@json_option
def seed(as_json: bool) -> None:
    """Add the people, robots, concerts and the running auction that are missing. A repeat adds nothing."""
    _refuse_in_production()
    print_one(running_auction.seed() | seed_season(), as_json)


@command("bots", example="demo bots")
@click.option("--url", help="Address of the pages; by default BASE_URL.")
@click.option("--seed", "seed_number", type=int, help="Number that makes the robots' choices repeatable.")
def bots(url: str | None, seed_number: int | None) -> None:
    """Let robots bid through the pages as people do, auction after auction, until SIGTERM or Ctrl+C."""
    _refuse_in_production()
    stopping.stop_on_signals(signal.SIGTERM, signal.SIGINT)
    run_robots(url or current_settings().base_url, stopping.stop_event, seed_number)


for _command in (up, seed, bots):
    group.add_command(_command)
