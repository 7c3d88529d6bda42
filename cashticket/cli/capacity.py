"""`flask ops capacity`: servers for a crowd, from what was measured."""

import json
from dataclasses import asdict
from math import isfinite
from typing import Any

import click

from cashticket.capacity.advice import THEN, bounds, settings_for
from cashticket.capacity.costs import Costs, shipped
from cashticket.capacity.crowd import USUAL_SIGN_INS_A_MINUTE, Crowd
from cashticket.capacity.plan import Plan, Server, plan_for
from cashticket.cli.capacity_text import text_of
from cashticket.cli.output import View, command, json_option

PERCENT = click.FloatRange(0, 100)
OPTIONS = (
    ("--fans", "N", click.IntRange(1, 10_000_000), None, "People who come."),
    ("--auctions", "K", click.IntRange(1, 10_000), None, "Auctions that end in the same minute."),
    ("--seats", "S", click.IntRange(1, 100_000), None, "Seats of each auction; above 20 the board is longer."),
    ("--watching", "PERCENT", PERCENT, 60.0, "Fans who hold a socket in the last minute."),
    ("--bidding", "PERCENT", PERCENT, 30.0, "Fans who bid."),
    ("--bids-each", "N", click.FloatRange(1, 3), 2.0, "Bids of a bidder."),
    ("--last-minute", "PERCENT", PERCENT, 30.0, "Share of all bids that come in the last minute."),
    (
        "--page-views",
        "N",
        click.FloatRange(0, 1_000),
        6.0,
        "Pages that a fan opens in the ten minutes before the opening.",
    ),
    ("--limit", "PERCENT", click.FloatRange(10, 100), 70.0, "How much of a server may be used."),
    ("--cores", "N", click.IntRange(1, 512), 8, "Cores of a server."),
    ("--memory", "GIB", click.FloatRange(1, 24_576), 32.0, "Memory of a server."),
    ("--network", "GBIT", click.FloatRange(0.1, 1_000), 10.0, "Network of a server, in Gbit a second."),
)
SIGN_INS_HELP = "Sign-ins a minute before the opening; by default 5 for each 100 fans, so half of them in ten minutes."


def _options(view: View) -> View:
    view = click.option("--sign-ins", metavar="N", type=click.FloatRange(0, 1e9), help=SIGN_INS_HELP)(view)
    for name, word, kind, default, words in reversed(OPTIONS):
        given: dict[str, Any] = {"required": True} if default is None else {"default": default, "show_default": True}
        view = click.option(name, metavar=word, type=kind, help=words, **given)(view)
    return view


@command("capacity", example="ops capacity --fans 100000 --auctions 1 --seats 200")
@_options
@json_option
def capacity(as_json: bool, **given: Any) -> None:
    """Say how many servers a crowd needs, which tier fills first and what to do then. Asks no part of the installation.

    It calculates with costs that were measured on one machine with 2 cores; docs/scaling.md says how far they carry.
    """
    _refuse_no_numbers(given)
    crowd, server = _crowd(given), _server(given)
    costs = shipped()
    plan = plan_for(crowd, server, costs)
    if as_json:
        click.echo(json.dumps(document(plan, server, costs), ensure_ascii=False))
    else:
        click.echo(text_of(plan, server, costs))


def _refuse_no_numbers(given: dict[str, Any]) -> None:
    """`nan` passes every range."""
    for name, value in given.items():
        if value is not None and not isfinite(value):
            raise click.ClickException(f"--{name.replace('_', '-')} must be a number such as 10.")


def _crowd(given: dict[str, Any]) -> Crowd:
    shares = {name: given[name] / 100 for name in ("watching", "bidding", "last_minute")}
    sign_ins = given["fans"] * USUAL_SIGN_INS_A_MINUTE if given["sign_ins"] is None else given["sign_ins"]
    numbers = {name: given[name] for name in ("fans", "auctions", "seats", "bids_each", "page_views")}
    return Crowd(sign_ins=sign_ins, **numbers, **shares)


def _server(given: dict[str, Any]) -> Server:
    return Server(given["cores"], given["memory"], given["network"] * 1000, given["limit"] / 100)


def document(plan: Plan, server: Server, costs: Costs) -> dict[str, Any]:
    """The plan as JSON has it."""
    first, single = plan.first, plan.first_single
    return {
        "crowd": asdict(plan.crowd),
        "server": asdict(server),
        "peaks": asdict(plan.peaks),
        "tiers": [asdict(each) | {"fits": each.fits, "then": THEN[each.name]} for each in plan.tiers],
        "live_processes": plan.live_processes,
        "web_processes": plan.web_processes,
        "first_full": {"tier": first.name, "fans": first.one_server_fans, "then": THEN[first.name]},
        "first_single_full": {"tier": single.name, "fans": single.one_server_fans, "then": THEN[single.name]},
        "auction_bids_a_second_most": plan.auction_bids_most,
        "settings": [asdict(each) for each in settings_for(plan, server.cores)],
        "bounds": bounds(plan, costs),
        "sources": {name: asdict(each) for name, each in costs.sources.items()},
    }


commands = (capacity,)
