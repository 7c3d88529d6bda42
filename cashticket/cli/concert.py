"""`flask concert …`: add, list, show, import and cancel concerts."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import Select, select

from cashticket.catalogue import browsing, organisers, posters
from cashticket.catalogue.concerts import AGE_MAX, NotPublishable, prepare
from cashticket.cli.concert_cancelling import cancel
from cashticket.cli.concert_import import import_file
from cashticket.cli.concert_output import TERMS_COLUMNS, concert_data, terms_data
from cashticket.cli.moments import MOMENT
from cashticket.cli.output import ID, Data, command, json_option, print_many, print_one
from cashticket.cli.progress import walk
from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_cancelled
from cashticket.models import Auction, Concert
from cashticket.models.columns import utcnow
from cashticket.spreadsheet import print_csv
from cashticket.typed.text import one_line
from cashticket.wiring import current_settings
from cashticket.work.publishing import add_concert

group = AppGroup("concert", help="Concerts: add, list, show, import, cancel.")

COLUMNS = ("id", "title", "artist", "venue", "starts_at", "cancel_until")
NAMES_EN = ("title_en", "artist_en", "venue_en")
ALL_COLUMNS = (*COLUMNS, *NAMES_EN, "genre", "city", "age_limit", "description", "poster", "organiser", "auctions")


def _data(concert: Concert) -> Data:
    auctions = select(Auction.id).where(Auction.concert_id == concert.id).order_by(Auction.id)
    return concert_data(concert, db.session.scalars(auctions).all())


@command(
    "add",
    example="concert add --title 'Spring Night' --artist 'The Lanterns' --venue 'Han River Hall' "
    "--starts 2027-04-10T19:00 --poster spring.jpg",
)
@click.option("--title", required=True)
@click.option("--artist", required=True)
@click.option("--venue", required=True)
@click.option("--title-en", help="For English readers; without it they read the one above. So for the next two.")
@click.option("--artist-en")
@click.option("--venue-en")
@click.option("--starts", "starts_at", type=MOMENT, required=True, help="When it begins; without a zone, in Seoul.")
@click.option("--genre")
@click.option("--city", help="The place that visitors filter by, such as 서울; write it alike each time.")
@click.option("--age-limit", type=click.IntRange(0, AGE_MAX), help="Whole years; leave out to admit everybody.")
@click.option("--description")
@click.option("--poster", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--cancel-until", type=MOMENT, help="Buyers may cancel until then. [default: 17:00 in Seoul, the day before]"
)
@click.option("--organiser", metavar="O", help="Number or name of its organiser. [default: that of the settings]")
@json_option
def add(as_json: bool, poster: Path | None, starts_at: datetime, organiser: str | None, **fields: Any) -> None:
    """Add a concert. Without a poster, one is drawn from its title, artist, venue and day.

    A poster is a JPEG, PNG or WebP picture. Only re-encoded copies without its metadata are kept.
    """
    organiser_id = organisers.find(organiser).id if organiser else None
    # Before a poster is kept for it.
    prepare(starts_at=starts_at, **fields)
    stem = None
    for file in walk([poster] if poster else [], "Reading the poster"):
        stem = posters.take_in(file, current_settings().posters)
    added = add_concert(starts_at=starts_at, poster=stem, organiser_id=organiser_id, **fields)
    print_one(_data(added), as_json)
    if starts_at <= utcnow():
        click.echo("The concert lies in the past, so pages list it no more; look at --starts.", err=True)


@command("list", example="concert list --after 2027-04-01T00:00 --genre Jazz --csv > spring.csv")
@click.option(
    "--search", default="", help="Only those with every word in title, artist, venue or city; ㅇㄴㄹ finds 아는 라디오."
)
@click.option("--genre", help="Only this genre.")
@click.option("--after", type=MOMENT, help="Only those that start then or later; without a zone, in Seoul.")
@click.option("--before", type=MOMENT, help="Only those that start earlier.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@click.option("--auctions", "with_terms", is_flag=True, help="Add a row for each auction that is open or to open.")
@json_option
def list_concerts(
    search: str,
    genre: str | None,
    after: datetime | None,
    before: datetime | None,
    as_csv: bool,
    with_terms: bool,
    as_json: bool,
) -> None:
    """List concerts that match every filter, the earliest first.

    `concert import` takes what --csv and --json print, and with --auctions it publishes the auctions too. Texts that a
    spreadsheet would take for formulas have an apostrophe before them in CSV, which the import takes away.
    """
    rows = [_data(concert) for concert in db.session.scalars(_matching(search, genre, after, before))]
    if with_terms:
        rows = [row | terms for row in rows for terms in terms_data(row["id"])]
    more = TERMS_COLUMNS if with_terms else ()
    if as_csv and not as_json:
        print_csv(rows, ALL_COLUMNS + more)
    else:
        print_many(
            rows, COLUMNS + more[:6], as_json, none="No concerts; `flask concert add --help` shows how to add one."
        )


def _matching(search: str, genre: str | None, after: datetime | None, before: datetime | None) -> Select[Concert]:
    """The concerts of a list, the earliest first."""
    concerts = select(Concert).where(*browsing.matching(search)).order_by(Concert.starts_at, Concert.id)
    if genre is not None:
        concerts = concerts.where(Concert.genre == one_line(genre))
    if after is not None:
        concerts = concerts.where(Concert.starts_at >= after)
    if before is not None:
        concerts = concerts.where(Concert.starts_at < before)
    return concerts


@command("show", example="concert show 1 --json")
@click.argument("concert_id", metavar="ID", type=ID)
@json_option
def show(concert_id: int, as_json: bool) -> None:
    """Show one concert; `cancelled` is why it was cancelled, if it was."""
    concert = db.session.get(Concert, concert_id)
    if concert is None:
        raise NotPublishable(f"There is no concert {concert_id}; `flask concert list` shows them.")
    why = why_cancelled(concert_id)
    print_one(_data(concert) | ({} if why is None else {"cancelled": why}), as_json)


for _command in (add, list_concerts, show, import_file, cancel):
    group.add_command(_command)
