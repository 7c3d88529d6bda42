"""`flask auction add|list|show|extend|publish`: an auction's terms and figures."""

from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy import select

from cashticket.auction.terms import NO_CEILING, SOFT_CLOSE_CAP_MS, SOFT_CLOSE_MS
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.plans import Plan, bounds
from cashticket.cli.auction.bidder_options import chosen
from cashticket.cli.auction.losses import counted, losses_of, outage_data
from cashticket.cli.auction.store_option import store_option, unconfirmed
from cashticket.cli.auction.term_options import more_options, more_terms
from cashticket.cli.moments import CLOSING, MOMENT, OPENING
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, json_option, print_many, print_one
from cashticket.cli.progress import with_progress
from cashticket.engine.pauses import WITNESS
from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_voided
from cashticket.ledger.outages import outages_of
from cashticket.locale import iso
from cashticket.models import Auction
from cashticket.wiring import current_engine, current_settings
from cashticket.work import publishing
from cashticket.work.choosing_stores import StoreChoice
from cashticket.work.figures import Figures, figures_of
from cashticket.work.lost_auctions import remedy_of
from cashticket.work.publishing import Unconfirmed, store_now
from cashticket.work.witnesses import unwitnessed

COLUMNS = ("id", "concert_id", "state", "seats", "cutoff", "best", "bidders", "accepted", "recorded", "ends_at")


@command(
    "add",
    example="auction add --concert 1 --seats 20 --minimum 100000 --step 10000 --opens now --closes +2h",
)
@click.option("--concert", "concert_id", type=ID, required=True, help="Id of the concert.")
@click.option("--seats", type=click.IntRange(*bounds("seats")), required=True)
@click.option("--minimum", type=click.IntRange(*bounds("minimum")), required=True, help="Lowest bid, in won.")
@click.option(
    "--step", type=click.IntRange(*bounds("step")), required=True, help="Bids are the minimum plus steps, in won."
)
@click.option(
    "--maximum",
    type=click.IntRange(*bounds("maximum")),
    help=f"Highest bid, in won; {NO_CEILING}: none.  [default: 100 minimums, at least 1,000 steps; none at 0]",
)
@click.option("--opens", type=OPENING, metavar="now|ISO", required=True, help="Without a zone, in Seoul.")
@click.option("--closes", type=CLOSING, metavar="ISO|+90s", required=True, help="+90s, +10m, +2h count from opening.")
@click.option(
    "--soft-close",
    type=click.IntRange(*bounds("soft_close_seconds")),
    default=SOFT_CLOSE_MS // 1000,
    show_default=True,
    help="Seconds; 0: off.",
)
@click.option(
    "--soft-close-cap",
    type=click.IntRange(*bounds("soft_close_cap_seconds")),
    default=SOFT_CLOSE_CAP_MS // 1000,
    show_default=True,
    help="Seconds.",
)
@store_option
@more_options
@json_option
def add(
    as_json: bool,
    opens: datetime | str,
    closes: datetime | timedelta,
    soft_close: int,
    soft_close_cap: int,
    store: str | None,
    **terms: Any,
) -> None:
    """Publish an auction now. Its terms are frozen from then on."""
    now = store_now(current_engine())
    opens_at = opens if isinstance(opens, datetime) else now
    terms["identity"] = chosen(terms["identity"])
    plan = Plan(
        **terms,
        opens_at=opens_at,
        closes_at=closes if isinstance(closes, datetime) else opens_at + closes,
        soft_close_seconds=soft_close,
        soft_close_cap_seconds=soft_close_cap,
    )
    choice = StoreChoice(current_engine(), current_settings().retiring_stores, store)
    try:
        auction = publishing.publish(current_engine(), plan, now, choice.of_next)
    except Unconfirmed as error:
        raise unconfirmed(error) from error
    print_one(auction_data(auction), as_json)
    if opens_at < now:
        click.echo("The opening lies in the past, so bidding began at once; look at --opens.", err=True)


@command("publish", example="auction publish 3")
@click.argument("auction_id", metavar="ID", type=ID)
@json_option
def publish(auction_id: int, as_json: bool) -> None:
    """Send the terms of a stored auction to the live store again, after `add` got no answer. Harmless to repeat."""
    try:
        auction = publishing.publish_again(current_engine(), auction_id)
    except Unconfirmed as error:
        raise unconfirmed(error) from error
    print_one(auction_data(auction), as_json)


@command("list", example="auction list --json")
@json_option
def list_auctions(as_json: bool) -> None:
    """List all auctions, the newest first."""
    auctions = db.session.scalars(select(Auction).order_by(Auction.id.desc())).all()
    # Complete before anything is printed: the live store may fail in between.
    rows = list(with_progress(map(auction_data, auctions), "auctions read", len(auctions)))
    none = "No auctions yet; `flask auction add --help` shows how to publish one."
    print_many(rows, COLUMNS, as_json, none=none)


@command("show", example="auction show 3 --json")
@click.argument("auction_id", metavar="ID", type=ID)
@json_option
def show(auction_id: int, as_json: bool) -> None:
    """Show one auction as it stands now, with its outages, the numbers that were given up, and the answered bids that
    could not be kept. Of a voided one, `voided_at` and `why` say when and for what reason."""
    auction = db.session.get(Auction, auction_id)
    if auction is None:
        raise NotPublishable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    rows = [outage_data(row) for row in outages_of(auction_id)]
    losses = losses_of(auction)
    more = {"outages": rows, **losses} if as_json else {"outages": len(rows), **counted(losses)}
    print_one(auction_data(auction) | _void_data(auction) | more, as_json)


@command("extend", example="auction extend 3 --to 2027-03-01T20:30 --why 'network outage at the venue'")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--to", "closes_at", type=MOMENT, required=True, help="The new announced end; without a zone, in Seoul.")
@why_option
@operator_option
@json_option
def extend(auction_id: int, closes_at: datetime, why: str, operator: str, as_json: bool) -> None:
    """Move the announced end of an auction later. After the end everybody may read the reason in the public record, so
    name nobody in it."""
    auction = publishing.extend(current_engine(), auction_id, closes_at, why, operator)
    print_one(auction_data(auction), as_json)


commands = (add, publish, list_auctions, show, extend)


# Output


def _void_data(auction: Auction) -> Data:
    if auction.voided_at is None:
        return {}
    return {"voided_at": iso(auction.voided_at), "why": why_voided(auction.id) or None}


def _warn(auction_id: int, figures: Figures) -> None:
    if figures.lost:
        click.echo(f"Figures are from the ledger: {remedy_of(auction_id)}", err=True)
    if figures.away:
        click.echo(f"Figures of auction {auction_id} are from the ledger: its live store does not answer.", err=True)
    if figures.paused == WITNESS:
        click.echo(f"Decide about {unwitnessed(auction_id)}.", err=True)


def auction_data(auction: Auction) -> Data:
    """Terms and figures of an auction, for printing. Warns on standard error if the live store lost it."""
    figures = figures_of(current_engine(), auction)
    _warn(auction.id, figures)
    return {
        "id": auction.id,
        "concert_id": auction.concert_id,
        **({} if auction.store is None else {"store": auction.store}),
        "state": figures.state,
        "seats": auction.seats,
        "minimum": auction.minimum,
        "step": auction.step,
        "maximum": auction.maximum,
        **more_terms(auction),
        "soft_close": auction.soft_close_seconds,
        "soft_close_cap": auction.soft_close_cap_seconds,
        "opens_at": iso(auction.opens_at),
        "closes_at": iso(figures.closes_at),
        "ends_at": iso(figures.ends_at),
        "cutoff": figures.cutoff,
        "best": figures.best,
        "bidders": figures.bidders,
        "accepted": figures.accepted,
        **({} if figures.paused is None else {"paused": figures.paused}),
        "recorded": figures.recorded,
        "quarantined": figures.quarantined,
    }
