"""Mails to the organisers of concerts. The texts are `templates/<language>/organiser/<kind>.txt`."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from cashticket.extensions import db
from cashticket.locale import in_language, language_or_default
from cashticket.models import Auction, Award, Concert, Organiser, OutboxMessage
from cashticket.notify.mail_parts import parts_of
from cashticket.notify.texts import Letter, fill

log = logging.getLogger(__name__)

UnsoldSeats = tuple[int, Sequence[str]]
"""How many seats are unsold, and the names of the best of them."""


def letter_of(
    message: OutboxMessage, address: str, base_url: str, unsold_seats: Callable[[Auction], UnsoldSeats]
) -> Letter | None:
    """The mail of a message; None when there is nothing to tell any more, or no address to tell it to.

    It goes to the organiser of the concert, or to `address` ("" for nowhere) where there is none with an address.
    `unsold_seats` looks which seats of an auction nobody holds or waits for.
    """
    row = db.session.execute(
        select(Auction, Organiser.email)
        .join(Award, Award.auction_id == Auction.id)
        .join(Auction.concert)
        .outerjoin(Organiser, Organiser.id == Concert.organiser_id)
        .options(contains_eager(Auction.concert))
        .where(Award.id == message.reference)
    ).one_or_none()
    if row is None:
        return None
    auction, own_address = row
    unsold = unsold_seats(auction)
    if not unsold[0]:
        return None
    if not (own_address or address):
        no_address = (
            "its organiser has no e-mail address to be told: set ORGANISER_EMAIL, or see `organiser add --help`"
        )
        log.warning("auction %s has unsold seats, and %s", auction.id, no_address)
        return None
    letter = write(message.kind, auction, unsold, base_url, language_or_default(message.locale))
    return letter._replace(to=own_address or address)


def write(kind: str, auction: Auction, unsold: UnsoldSeats, base_url: str, language: str) -> Letter:
    """The mail of this kind about an auction, which has its concert, to nobody yet."""
    name, (number, labels) = f"organiser/{kind}", unsold
    seats = ", ".join(labels)
    if more := number - len(labels):
        seats += f" 외 {more}석" if language == "ko" else f" and {more} more"
    concert = in_language(language, auction.concert.title, auction.concert.title_en)
    values = {"concert": concert, "seats": seats, "auction_url": f"{base_url}/auctions/{auction.id}", "id": auction.id}
    subject, body = fill(language, name, values)
    return Letter("", subject, body, parts=parts_of(language, name, values), language=language)
