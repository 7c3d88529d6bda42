"""`flask concert …`: list the concerts that auctions are held for."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from cashticket.catalogue.concerts import AGE_MOST
from cashticket.catalogue.importing import import_concerts
from cashticket.catalogue.publishing import NotPublishable, add_concert
from cashticket.cli.moments import MOMENT
from cashticket.cli.output import ID, Data, command, iso, json_option, print_many, print_one
from cashticket.extensions import db
from cashticket.models import Auction, Concert

group = AppGroup("concert", help="Concerts: add, list, show, import.")

COLUMNS = ("id", "title", "artist", "venue", "starts_at", "cancel_until")


def concert_data(concert: Concert) -> Data:
    """Everything a command says of a concert, with the ids of its auctions."""
    auctions = select(Auction.id).where(Auction.concert_id == concert.id).order_by(Auction.id)
    return {
        "id": concert.id,
        "title": concert.title,
        "artist": concert.artist,
        "venue": concert.venue,
        "starts_at": iso(concert.starts_at),
        "cancel_until": iso(concert.cancel_until),
        "genre": concert.genre,
        "age_limit": concert.age_limit,
        "description": concert.description,
        "poster": concert.poster,
        "auctions": list(db.session.scalars(auctions)),
    }


@command(
    "add",
    example="concert add --title 'Spring Night' --artist 'The Lanterns' --venue 'Han River Hall' "
    "--starts 2027-04-10T19:00",
)
@click.option("--title", required=True)
@click.option("--artist", required=True)
@click.option("--venue", required=True)
@click.option("--starts", "starts_at", type=MOMENT, required=True, help="When it begins; without a zone, in Seoul.")
@click.option("--genre")
@click.option("--age-limit", type=click.IntRange(0, AGE_MOST), help="Whole years; leave out to admit everybody.")
@click.option("--description")
@click.option("--poster", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--cancel-until", type=MOMENT, help="Buyers may cancel until then. [default: 17:00 in Seoul, the day before]"
)
@json_option
def add(as_json: bool, poster: Path | None, starts_at: datetime, **fields: Any) -> None:
    """Add a concert."""
    if poster is not None:
        raise NotPublishable("Posters cannot be stored yet: leave --poster out, a generated one is shown.")
    print_one(concert_data(add_concert(starts_at=starts_at, **fields)), as_json)


@command("list", example="concert list --json")
@json_option
def list_concerts(as_json: bool) -> None:
    """List all concerts, the next one first."""
    concerts = db.session.scalars(select(Concert).order_by(Concert.starts_at, Concert.id)).all()
    none = "No concerts yet; `flask concert add --help` shows how to add one."
    print_many([concert_data(concert) for concert in concerts], COLUMNS, as_json, none=none)


@command("show", example="concert show 1 --json")
@click.argument("concert_id", metavar="ID", type=ID)
@json_option
def show(concert_id: int, as_json: bool) -> None:
    """Show one concert."""
    concert = db.session.get(Concert, concert_id)
    if concert is None:
        raise NotPublishable(f"There is no concert {concert_id}; `flask concert list` shows them.")
    print_one(concert_data(concert), as_json)


@command("import", example="concert import concerts.csv")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def import_file(file: Path, as_json: bool) -> None:
    """Add the concerts of a CSV or JSON file, all of them or none.

    The columns are title, artist, venue, starts_at, and if you like cancel_until, genre, age_limit, description.
    Concerts that are there already (same title, artist, venue and start) are left as they are.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NotPublishable(f"{file} cannot be read: {error.strerror}.") from error
    added, known = import_concerts(content, file.name)
    print_many([concert_data(concert) for concert in added], COLUMNS, as_json, none="No new concert in this file.")
    if known:
        click.echo(f"{known} of them were there already.", err=True)


for each in (add, list_concerts, show, import_file):
    group.add_command(each)
