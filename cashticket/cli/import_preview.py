"""What a dry run of `concert import` prints: what would be published, with times in Seoul."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from cashticket.auction.terms import NO_CEILING
from cashticket.catalogue.import_hints import Hint
from cashticket.catalogue.import_storing import Imported
from cashticket.cli.concert_output import concert_data
from cashticket.cli.output import Data
from cashticket.locale import SEOUL, iso
from cashticket.models import Auction, Concert

RECOGNISED = ("title", "artist", "venue", "starts_at")
Key = tuple[str, str, str, datetime]
"""What a concert is recognised by."""


def preview(imported: Imported, hints: Sequence[Hint]) -> list[Data]:
    """A concert each that would be added, or get an auction, with `would_publish` and `hints`. One that is there
    already has its id; a dry run gives no other number."""
    sentences: dict[Key, list[str]] = {}
    for hint in hints:
        sentences.setdefault(_key(**{name: hint.row.concert[name] for name in RECOGNISED}), []).append(hint.sentence)
    return [
        _facts(concert, auctions, is_new)
        | {"hints": sentences.get(_key(**{name: getattr(concert, name) for name in RECOGNISED}), [])}
        for concert, auctions, is_new in _concerts(imported)
    ]


def print_preview(imported: Imported) -> None:
    """Print each concert with its auctions, on lines of text."""
    for concert, auctions, is_new in _concerts(imported):
        there = "" if is_new else " (there already)"
        click.echo(f"{concert.title} · {concert.artist} · {concert.venue} · {in_seoul(concert.starts_at)}{there}")
        for auction in auctions:
            click.echo(f"    {_sentence(auction)}")


def in_seoul(moment: datetime) -> str:
    """Day and time in Seoul, with seconds where there are any."""
    local = moment.astimezone(SEOUL)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second or local.microsecond else "%Y-%m-%d %H:%M")


def _concerts(imported: Imported) -> Iterator[tuple[Concert, list[Auction], bool]]:
    """Each concert with the auctions that it would get, and whether it is new."""
    auctions: dict[Concert, list[Auction]] = {concert: [] for concert in imported.concerts}
    for auction in imported.new:
        auctions.setdefault(auction.concert, []).append(auction)
    new = set(imported.concerts)
    yield from ((concert, of, concert in new) for concert, of in auctions.items())


def _facts(concert: Concert, auctions: Sequence[Auction], is_new: bool) -> Data:
    numbers = {"id": None if is_new else concert.id, "auctions": [None] * len(auctions)}
    return concert_data(concert, []) | numbers | {"would_publish": [_terms(auction) for auction in auctions]}


def _key(title: str, artist: str, venue: str, starts_at: datetime) -> Key:
    return (title, artist, venue, starts_at)


def _terms(auction: Auction) -> Data:
    names = ("seats", "minimum", "step", "maximum", "pricing", "identity", "zone")
    moments = {"opens_at": auction.opens_at, "closes_at": auction.closes_at}
    return (
        {name: getattr(auction, name) for name in names}
        | {name: iso(moment) for name, moment in moments.items()}
        | {name.replace("_at", "_in_seoul"): in_seoul(moment) for name, moment in moments.items()}
    )


def _sentence(auction: Auction) -> str:
    zone = f"{auction.zone}: " if auction.zone else ""
    ceiling = "without a ceiling" if auction.maximum == NO_CEILING else f"up to ₩{auction.maximum:,}"
    return (
        f"{zone}{auction.seats:,} seats, from ₩{auction.minimum:,} in steps of ₩{auction.step:,} {ceiling}, opens "
        f"{in_seoul(auction.opens_at)}, closes {in_seoul(auction.closes_at)}"
    )
