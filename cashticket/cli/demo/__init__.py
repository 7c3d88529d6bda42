"""`flask demo`: a house to look at. `up` is what `make run` calls; `seed` and `bots` are its parts.

For development alone: the log-ins are printed and the robots bid, so production refuses all of it.
"""

import signal

import click
from flask.cli import AppGroup

from cashticket.cli.demo import bots as demo_bots
from cashticket.cli.demo import data as demo_data
from cashticket.cli.demo import season as demo_season
from cashticket.cli.demo import up as demo_up
from cashticket.cli.output import command, json_option, print_one
from cashticket.wiring import current_settings
from cashticket.work import stopping

group = AppGroup("demo", help="A running auction with people and robots, for looking at and developing.")


def _refuse_in_production() -> None:
    if current_settings().production:
        raise click.ClickException("The demo has printed log-ins and bidding robots; it is refused in production.")


@command("up", example="demo up")
def up() -> None:
    """Start everything with a demo auction, and keep it alive until Ctrl+C."""
    _refuse_in_production()
    demo_up.run(current_settings())


@command("seed", example="demo seed")
@json_option
def seed(as_json: bool) -> None:
    """Add what the demo needs and lacks: people, robots, concerts, a running auction. A repeat adds nothing."""
    _refuse_in_production()
    print_one(demo_data.seed() | demo_season.seed_season(), as_json)


@command("bots", example="demo bots")
@click.option("--url", help="Where the pages are; by default BASE_URL.")
@click.option("--seed", "seed_number", type=int, help="Number that makes the robots' choices repeatable.")
def bots(url: str | None, seed_number: int | None) -> None:
    """Let robots bid through the pages as people do, auction after auction, until SIGTERM or Ctrl+C."""
    _refuse_in_production()
    stopping.stop_on_signals(signal.SIGTERM, signal.SIGINT)
    demo_bots.run(url or current_settings().base_url, stopping.stop_event, seed_number)


for each in (up, seed, bots):
    group.add_command(each)
